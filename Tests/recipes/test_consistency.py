# SPDX-License-Identifier: LGPL-3.0-or-later
"""The arithmetic of latent consistency distillation. Needs numpy only."""
import numpy as np
import pytest

from recipes import consistency

# diffusers' LCMScheduler: get_scalings_for_boundary_condition_discrete, and its 50 timesteps
SCALINGS = {0: (1.0, 0.0), 1: (0.0024937655860349127, 0.9987523388778446), 19: (6.92515979806234e-06, 0.9999965374141062)}
TIMESTEPS = np.arange(999, 0, -20)


@pytest.fixture
def latents():
    random = np.random.default_rng(0)
    return random.normal(size=(3, 4, 2, 2)), random.normal(size=(3, 4, 2, 2))


def test_the_boundary_is_the_samplers():
    skip, out = consistency.boundary(np.array(list(SCALINGS)))
    assert skip.shape == out.shape == (3, 1, 1, 1)
    assert np.stack([skip, out], -1).reshape(3, 2) == pytest.approx(np.array(list(SCALINGS.values())), rel=1e-12)


def test_at_time_0_the_latents_stay_as_they_are_whatever_the_network_says(latents):
    noisy, clean = latents
    assert np.array_equal(consistency.consistent(noisy, clean, np.zeros(3, int)), noisy)


def test_each_sample_has_its_own_time(latents):
    noisy, clean = latents
    result = consistency.consistent(noisy, clean, np.array([0, 999, 0]))
    assert np.array_equal(result[[0, 2]], noisy[[0, 2]])
    assert result[1] == pytest.approx(clean[1], abs=1e-6)


def test_the_solver_goes_from_one_of_the_samplers_timesteps_to_the_next_and_then_to_0():
    assert np.array_equal(consistency.earlier(TIMESTEPS), [*TIMESTEPS[1:], 0])


def test_the_loss_is_a_parabola_about_0_and_the_distance_far_from_it():
    small, large = 1e-5, 3.0
    assert consistency.huber(np.array([0.0, small, -small])) == pytest.approx([0, *[small**2 / (2 * consistency.HUBER)] * 2], rel=1e-3)
    assert consistency.huber(np.array([large, -large])) == pytest.approx(large, abs=2 * consistency.HUBER)
