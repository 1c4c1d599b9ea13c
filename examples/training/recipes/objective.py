"""A denoiser's objective, whatever it predicts: noise, velocity (Salimans & Ho 2022) or the clean latents."""
import numpy as np
import torch


def draw_timesteps(random: np.random.Generator, count: int, exponent: float, device) -> torch.Tensor:
    """[count] of t = 1000 u^exponent; below 1 there are more at high noise"""
    uniform = torch.from_numpy(random.random(count))
    return (1000 * uniform**exponent).long().clamp(max=999).to(device)


def target(scheduler, latents: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
    """What the denoiser should say of `latents` with `noise` at `timesteps`, as the scheduler's `prediction_type` has it."""
    kind = scheduler.config.prediction_type
    return {"epsilon": noise, "sample": latents}[kind] if kind != "v_prediction" else scheduler.get_velocity(latents, noise, timesteps)


def clean_estimate(scheduler, prediction: torch.Tensor, noisy: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
    """The clean latents that a prediction at `timesteps` amounts to."""
    signal = scheduler.alphas_cumprod.to(noisy.device)[timesteps].view(-1, 1, 1, 1)
    kind = scheduler.config.prediction_type
    if kind == "v_prediction":
        return signal.sqrt() * noisy - (1 - signal).sqrt() * prediction
    return prediction if kind == "sample" else (noisy - (1 - signal).sqrt() * prediction) / signal.sqrt()
