# SPDX-License-Identifier: LGPL-3.0-or-later
"""The arithmetic of latent consistency models (Luo et al. 2023, LCM), for arrays of numpy or of PyTorch alike.

A consistency function f(x_t, t) gives the same clean latents everywhere on a path from noise to picture. Distillation asks
that it agrees at t and SKIP timesteps earlier, where a teacher's solver leads from t.
"""
SKIP = 20  # training timesteps of one step of the solver: 50 steps in all, as `original_inference_steps` of the sampler
TIMESTEP_SCALING = 10.0
SIGMA_DATA = 0.5
HUBER = 0.001


def earlier(timesteps):
    """Where one step of the solver leads; timesteps [B] are last ones of SKIP, the first of which lead to 0."""
    return (timesteps - SKIP).clip(min=0)


def boundary(timesteps):
    """c_skip and c_out [B, 1, 1, 1] for timesteps [B]: 1 and 0 at time 0 (Song et al. 2023, equation 5)."""
    time = TIMESTEP_SCALING * timesteps.reshape(-1, 1, 1, 1)
    variance = time**2 + SIGMA_DATA**2
    return SIGMA_DATA**2 / variance, time / variance**0.5


def consistent(noisy, clean, timesteps):
    """f(x_t, t) from x_t and the clean latents that the network predicts, both [B, 4, h, w]: x_t itself at time 0."""
    skip, out = boundary(timesteps)
    return skip * noisy + out * clean


def huber(difference):
    """Pseudo-Huber loss of each element: |d| with a parabola about 0."""
    return (difference**2 + HUBER**2)**0.5 - HUBER
