# SPDX-License-Identifier: LGPL-3.0-or-later
"""What a denoiser is asked for: timesteps, targets, and what its output says of noise and latents."""
import numpy as np
import torch

HIGH_NOISE = 0.6  # exponent of u in t = 1000 u^0.6
KNOWN_WEIGHT = 0.2  # of a cell outside the hole; one inside counts 1


def draw_timesteps(random: np.random.Generator, count: int, exponent: float) -> torch.Tensor:
    """[count], t = 1000 u^exponent with u uniform in 0..1; below 1 high noise comes more often"""
    return (1000 * torch.from_numpy(random.random(count))**exponent).long().clamp(max=999)


def noised(scheduler, latents, random: np.random.Generator, exponent: float, begin: float, noises: torch.Generator | None = None,
           skip: int = 1):
    """Latents under noise, the noise, and timesteps [B]; latents and noise [B, 4, h, w].

    begin: share of samples that are noise alone at the last timestep, as a sampler's first `x` is. The schedule leaves 7 %
    of the picture there, from which a young network reads colours that a sampler's noise does not have.
    skip: only every skip-th timestep is drawn, the last one included.
    """
    noise = torch.randn(latents.shape, generator=noises).to(latents)
    last = scheduler.config.num_train_timesteps - 1
    begins = torch.from_numpy(random.random(len(latents)) < begin).to(latents.device)
    drawn = draw_timesteps(random, len(latents), exponent) // skip * skip + skip - 1
    timesteps = drawn.to(latents.device).masked_fill(begins, last)
    return torch.where(begins.view(-1, 1, 1, 1), noise, scheduler.add_noise(latents, noise, timesteps)), noise, timesteps


def target_of(scheduler, latents, noise, timesteps) -> torch.Tensor:
    """What the network should give for add_noise(latents, noise, t), by the scheduler's `prediction_type`."""
    kind = scheduler.config.prediction_type
    if kind == "v_prediction":
        return scheduler.get_velocity(latents, noise, timesteps)
    return {"epsilon": noise, "sample": latents}[kind]


def weight_of(scheduler, latents, timesteps) -> torch.Tensor:
    """[B, 1, 1, 1]: how much a squared error counts. For clean latents 1 / sigma_t^2, at most 5, as Hang et al. 2023 (min-SNR)
    limit it; then they are weighed as velocities are, but for the lowest noise. 1 for other predictions.
    """
    spread = levels(scheduler, latents, timesteps)[1]
    return spread.square().reciprocal().clamp(max=5) if scheduler.config.prediction_type == "sample" else torch.ones_like(spread)


def weighted(error: torch.Tensor, hole: torch.Tensor) -> torch.Tensor:
    """The mean of [B, 1, h, w], where what is outside the hole counts less."""
    weight = KNOWN_WEIGHT + (1 - KNOWN_WEIGHT) * hole
    return (error * weight).sum() / weight.sum()


def noise_in(scheduler, output, noisy, timesteps) -> torch.Tensor:
    """The noise that a network's output predicts: for v-prediction (Salimans & Ho 2022) alpha_t v + sigma_t x_t."""
    signal, spread = levels(scheduler, noisy, timesteps)
    kind = scheduler.config.prediction_type
    if kind == "v_prediction":
        return signal * output + spread * noisy
    return output if kind == "epsilon" else (noisy - signal * output) / spread


def clean_estimate(scheduler, output, noisy, timesteps) -> torch.Tensor:
    """The clean latents that a network's output amounts to: for v-prediction alpha_t x_t - sigma_t v."""
    signal, spread = levels(scheduler, noisy, timesteps)
    kind = scheduler.config.prediction_type
    if kind == "v_prediction":
        return signal * noisy - spread * output
    return output if kind == "sample" else (noisy - spread * output) / signal


def levels(scheduler, noisy, timesteps) -> tuple[torch.Tensor, torch.Tensor]:
    """alpha_t and sigma_t, [B, 1, 1, 1]"""
    kept = scheduler.alphas_cumprod.to(noisy.device)[timesteps].view(-1, 1, 1, 1)
    return kept.sqrt(), (1 - kept).sqrt()
