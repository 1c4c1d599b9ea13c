"""What a denoiser is asked for: timesteps, targets, and the noise in its output."""
import numpy as np
import torch

HIGH_NOISE = 0.6  # exponent of u in t = 1000 u^0.6


def draw_timesteps(random: np.random.Generator, count: int, exponent: float = HIGH_NOISE) -> torch.Tensor:
    """[count], t = 1000 u^exponent with u uniform in 0..1; below 1 high noise comes more often"""
    return (1000 * torch.from_numpy(random.random(count))**exponent).long().clamp(max=999)


def target_of(scheduler, latents, noise, timesteps) -> torch.Tensor:
    """What the network should give for add_noise(latents, noise, t), by the scheduler's `prediction_type`."""
    if scheduler.config.prediction_type == "v_prediction":
        return scheduler.get_velocity(latents, noise, timesteps)
    return noise


def noise_in(scheduler, output, noisy, timesteps) -> torch.Tensor:
    """The noise that a network's output names: itself, or for v-prediction alpha_t v + sigma_t x_t."""
    if scheduler.config.prediction_type != "v_prediction":
        return output
    kept = scheduler.alphas_cumprod.to(output.device)[timesteps].view(-1, 1, 1, 1)  # alpha_t^2
    return kept.sqrt() * output + (1 - kept).sqrt() * noisy
