"""The inpainting loop of Stable Diffusion, in latent space."""
import torch


@torch.no_grad()
def denoise(unet, scheduler, noise, conditioning, context, empty_context, guidance: float, steps: int) -> torch.Tensor:
    """noise [B, 4, h, w], conditioning [B, 5, h, w] (mask, masked picture), contexts [B, L, D] -> latents [B, 4, h, w]

    Classifier-free guidance keeps mask and masked picture in both halves; with guidance 1 the empty half is not computed.
    """
    scheduler.set_timesteps(steps)
    x = noise * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        sample = torch.cat([scheduler.scale_model_input(x, t), conditioning], dim=1)
        output = unet(sample, t, context).sample
        if guidance != 1:
            empty = unet(sample, t, empty_context).sample
            output = empty + guidance * (output - empty)
        x = scheduler.step(output, t, x).prev_sample
    return x
