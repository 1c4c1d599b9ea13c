# SPDX-License-Identifier: LGPL-3.0-or-later
"""The inpainting loop of Stable Diffusion, in latent space."""
import torch


def guided(unet, sample, timesteps, context, empty_context, guidance: float | torch.Tensor) -> torch.Tensor:
    """The UNet's output [B, 4, h, w] under contexts [B, L, D], guided away from the empty one's, which teaches nothing.

    guidance: one for all, or [B, 1, 1, 1]. With the number 1 the empty half is not computed.
    """
    output = unet(sample, timesteps, context).sample
    if not torch.is_tensor(guidance) and guidance == 1:
        return output
    with torch.no_grad():
        empty = unet(sample, timesteps, empty_context).sample
    return empty + guidance * (output - empty)


@torch.no_grad()
def denoise(unet, scheduler, noise, conditioning, context, empty_context, guidance: float, steps: int) -> torch.Tensor:
    """noise [B, 4, h, w], conditioning [B, 5, h, w] (mask, masked picture), contexts [B, L, D] -> latents [B, 4, h, w]

    Classifier-free guidance keeps mask and masked picture in both halves.
    """
    scheduler.set_timesteps(steps)
    x = noise * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        sample = torch.cat([scheduler.scale_model_input(x, t), conditioning], dim=1)
        output = guided(unet, sample, t, context, empty_context, guidance)
        x = scheduler.step(output, t, x).prev_sample
    return x
