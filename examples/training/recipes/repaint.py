"""RePaint (Lugmayr et al. 2022) in latent space: known cells are put back at every step, and time jumps back to blend them."""
import torch

from .objective import clean_estimate


def jump_schedule(steps: int, jump_length: int, jump_samples: int) -> list[int]:
    """Indices of time, from steps - 1 down to -1 (clean), each `jump_length` steps played `jump_samples` times."""
    left = {index: jump_samples - 1 for index in range(0, steps - jump_length, jump_length)}
    times, time = [], steps
    while time >= 1:
        time -= 1
        times.append(time)
        if left.get(time, 0) > 0:
            left[time] -= 1
            for _ in range(jump_length):
                time += 1
                times.append(time)
    return [*times, -1]


@torch.no_grad()
def repaint(unet, scheduler, known, conditioning, context, generator, steps: int, jump_length: int = 10, jump_samples: int = 10):
    """known [B, 4, h, w]: clean latents, which count where the mask, conditioning [B, 5, h, w]'s first channel, is 0.

    Between two times the step is DDIM's, as in diffusers' pipeline of the same name -> latents [B, 4, h, w]
    """
    grid = torch.arange(steps) * (1000 // steps) + 1
    signals = torch.cat([scheduler.alphas_cumprod[grid], torch.ones(1)])  # the last one is of index -1

    def noise():
        return torch.randn(known.shape, generator=generator)

    times, hole = jump_schedule(steps, jump_length, jump_samples), conditioning[:, :1]
    x = noise()
    for time, after in zip(times, times[1:]):
        signal = signals[after]
        if after > time:
            share = signal / signals[time]
            x = share.sqrt() * x + (1 - share).sqrt() * noise()
            continue
        x = hole * x + (1 - hole) * (signals[time].sqrt() * known + (1 - signals[time]).sqrt() * noise())
        timesteps = grid[time].expand(len(x))
        clean = clean_estimate(scheduler, unet(torch.cat([x, conditioning], 1), timesteps, context).sample, x, timesteps)
        left = (x - signals[time].sqrt() * clean) / (1 - signals[time]).sqrt()
        x = signal.sqrt() * clean + (1 - signal).sqrt() * left
    return x
