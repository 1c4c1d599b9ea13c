# SPDX-License-Identifier: LGPL-3.0-or-later
"""Local harmonization (Wang et al. 2024, SEELE, section 3.2): pairs, the network's objective, and two ways to use it.

x are the latents of a picture of which a part has the wrong colours, x* those of the right one. The network sees the noised
x, that part's mask and x unmasked, and is asked for the noise plus x - x*.
"""
import cv2
import numpy as np
import torch
from torch import nn

from .learned_prompt import LearnedPrompt
from .lora import Learner
from .masks import blob
from .objective import levels, noise_in
from .subjects import SHARES
from .task_samples import ATTEMPTS, picture_with_subject


def recoloured(pixels: np.ndarray, subject: np.ndarray, random: np.random.Generator, tries: int = 20) -> np.ndarray | None:
    """The picture with its subject in another light: brightness, contrast, saturation, temperature and tint.

    uint8 [H, W, 3], bool [H, W] -> uint8 [H, W, 3]. Drawn again until the subject's mean colour moves by 10 steps; None where
    that does not happen, as with a black subject.
    """
    inside = pixels[subject].astype(np.float32)  # [N, 3]
    soft = cv2.GaussianBlur(subject.astype(np.float32), (0, 0), 1.0)[..., None] * subject[..., None]
    for _ in range(tries):
        mean, grey = inside.mean(0), inside.mean(1, keepdims=True)
        warmth, tint = random.uniform(-0.25, 0.25), random.uniform(-0.12, 0.12)
        shifted = grey + random.uniform(0.4, 1.5) * (inside - grey)
        shifted = mean + random.uniform(0.7, 1.3) * (shifted - mean)
        shifted = shifted * (1 + np.array([warmth, tint, -warmth])) * np.exp(random.uniform(-0.45, 0.45))
        changed = pixels.astype(np.float32)
        changed[subject] = shifted
        result = np.rint(pixels + soft * (changed.clip(0, 255) - pixels)).astype(np.uint8)
        if np.abs(result[subject].mean(0) - mean).max() >= 10:
            return result
    return None


def picture_with_region(source, keys, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A random picture, uint8 [H, W, 3], and the outline of a blob anywhere in it, bool [H, W]."""
    pixels, _ = source.picture(keys[random.integers(len(keys))])
    return pixels, blob(len(pixels), random, random.uniform(*SHARES))


def recoloured_sample(source, keys, random: np.random.Generator, draw) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A picture uint8 [H, W, 3], a part of it bool [H, W], and the picture with that part in another light.

    draw: one of PARTS
    """
    for _ in range(ATTEMPTS):
        pixels, subject = draw(source, keys, random)
        shifted = recoloured(pixels, subject, random)
        if shifted is not None:
            return pixels, subject, shifted
    raise SystemExit(f"{ATTEMPTS} pictures with parts whose colours cannot be shifted")


# What is recoloured. A region's own colours go on around it, so that they can be told; a subject's may have been any.
PARTS = {"subject": picture_with_subject, "region": picture_with_region}


class Harmonizer(Learner):
    """A frozen UNet with a LoRA and a prompt."""

    def __init__(self, unet: nn.Module, prompt: LearnedPrompt):
        super().__init__()
        self.unet, self.prompt = unet, prompt

    def forward(self, noisy, mask, source, timesteps):
        """noisy, source [B, 4, h, w], mask [B, 1, h, w], timesteps [B] -> the network's output [B, 4, h, w]"""
        return self.unet(torch.cat([noisy, mask, source], dim=1), timesteps, self.prompt(noisy)).sample


def snr_weight(scheduler, noisy, timesteps) -> torch.Tensor:
    """[B, 1, 1, 1]: the weight of the predicted noise. 1, but min(1, sigma_t^2 / alpha_t^2) where the output is the clean
    latents: their error is alpha_t / sigma_t times as large in the noise (min-SNR, Hang et al. 2023, gamma 1).
    """
    signal, spread = levels(scheduler, noisy, timesteps)
    predicts_clean = scheduler.config.prediction_type == "sample"
    return (spread / signal).square().clamp(max=1) if predicts_clean else torch.ones_like(signal)


def difference_loss(scheduler, output, noisy, noise, timesteps, change, mask, mask_weight: float) -> torch.Tensor:
    """Mean square error of the predicted noise, by `snr_weight`, against noise + change, change = x - x*.

    Cells of the subject count `mask_weight` times.
    """
    error = noise_in(scheduler, output.float(), noisy, timesteps) - noise - change
    weight = (1 + (mask_weight - 1) * mask) * snr_weight(scheduler, noisy, timesteps)
    return (error.square() * weight).sum() / (weight.sum() * error.shape[1])


def even_timesteps(steps: int, strength: float) -> torch.Tensor:
    """[steps], evenly spaced from strength * 1000 / steps to strength * 1000"""
    return (torch.arange(1, steps + 1) * strength * 1000 / steps).round().long().clamp(1, 1000) - 1


@torch.no_grad()
def harmonized(unet, scheduler, source, mask, context, strength: float, steps: int, seed: int = 0) -> torch.Tensor:
    """x less the mean, by `snr_weight`, of what the network predicts beside the known noise.

    source: [1, 4, h, w] -> [1, 4, h, w]
    Plain sampling would give x back from an ideal predictor; the known noise tells the two apart.
    """
    timesteps = even_timesteps(steps, strength).to(source.device)
    noise = torch.randn((steps, *source.shape[1:]), generator=torch.Generator().manual_seed(seed)).to(source.device)
    change, weights = torch.zeros_like(source), 0
    for t, one in zip(timesteps.split(1), noise.split(1)):
        noisy = scheduler.add_noise(source, one, t)
        output = unet(torch.cat([noisy, mask, source], dim=1), t, context).sample
        weight = snr_weight(scheduler, source, t)
        change, weights = change + weight * (noise_in(scheduler, output, noisy, t) - one), weights + weight
    return source - change / weights


@torch.no_grad()
def resampled(unet, scheduler, source, mask, context, strength: float, steps: int, seed: int = 0) -> torch.Tensor:
    """DDIM from the noised x, as image to image does it, for comparison. source [1, 4, h, w] -> [1, 4, h, w]"""
    scheduler.set_timesteps(max(steps, round(steps / strength)))
    timesteps = scheduler.timesteps[-steps:]
    noise = torch.randn(source.shape, generator=torch.Generator().manual_seed(seed))
    x = scheduler.add_noise(source, noise, timesteps[:1])
    for t in timesteps:
        output = unet(torch.cat([x, mask, source], dim=1), t, context).sample
        x = scheduler.step(output, t, x).prev_sample
    return x
