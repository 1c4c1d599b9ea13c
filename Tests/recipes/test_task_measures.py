# SPDX-License-Identifier: LGPL-3.0-or-later
"""The measures of SEELE's tasks, on pictures where the answer is known. Needs numpy only."""
import numpy as np
import pytest

from recipes import measures

SIDE = 24


@pytest.fixture
def scene():
    """Features [C, H, W] of a subject in a square, of its surroundings, and the masks"""
    random = np.random.default_rng(0)
    hole = np.zeros((SIDE, SIDE), bool)
    hole[8:16, 8:16] = True
    original = np.zeros((6, SIDE, SIDE))
    original[:3, ~hole] = random.uniform(0.5, 1, (3, (~hole).sum()))
    original[3:5, hole] = random.uniform(0.5, 1, (2, hole.sum()))
    return original, hole


def replaced(original, hole, by):
    fill = original.copy()
    fill[:, hole] = by
    return fill


def test_a_fill_leans_to_what_it_was_taken_from(scene):
    original, hole = scene
    masks = hole, hole, ~hole
    background = replaced(original, hole, original[:, ~hole][:, : hole.sum()])
    assert measures.lean(original, original, *masks) == pytest.approx(1)
    assert measures.lean(background, original, *masks) == pytest.approx(-1)
    between = replaced(original, hole, measures.unit(original[:, hole].T).T + measures.unit(original[:, ~hole][:, : hole.sum()].T).T)
    assert abs(measures.lean(between, original, *masks)) < 0.1


def test_novelty_is_0_for_a_copy_of_the_known_and_1_for_what_is_nowhere(scene):
    original, hole = scene
    copy = replaced(original, hole, original[:, ~hole][:, : hole.sum()])
    unseen = replaced(original, hole, np.eye(6)[5][:, None])
    assert measures.novelty(copy, original, hole, ~hole) == pytest.approx(0, abs=1e-9)
    assert measures.novelty(unseen, original, hole, ~hole) == pytest.approx(1)


def test_features_length_does_not_count(scene):
    original, hole = scene
    assert measures.lean(original * 7, original, hole, hole, ~hole) == pytest.approx(1)
    assert measures.novelty(original * 7, original, ~hole, ~hole) == pytest.approx(0, abs=1e-9)


def picture(colour, hole):
    pixels = np.full((SIDE, SIDE, 3), 40, np.uint8)
    pixels[hole] = colour
    return pixels


def test_the_colour_error_is_of_the_masks_mean(scene):
    _, hole = scene
    truth, shifted = picture((100, 150, 200), hole), picture((110, 150, 180), hole)
    assert measures.colour_error(shifted, truth, hole) == pytest.approx(10)
    shifted[~hole] = 255
    assert measures.colour_error(shifted, truth, hole) == pytest.approx(10)


def test_the_colours_lean_is_0_at_the_surroundings_and_1_at_the_subject(scene):
    _, hole = scene
    original = picture((120, 80, 60), hole)
    for share in (0.0, 0.25, 1.0):
        fill = picture(tuple(40 + share * (np.array((120, 80, 60)) - 40)), hole)
        assert measures.colour_lean(fill, original, hole, hole, ~hole) == pytest.approx(share)


def test_the_gradients_size_does_not_see_a_shift_of_brightness():
    random = np.random.default_rng(0)
    pixels = random.integers(0, 200, (SIDE, SIDE, 3)).astype(np.uint8)
    assert measures.gradient_size(pixels + 30) == pytest.approx(measures.gradient_size(pixels))
    ramp = np.repeat(np.arange(SIDE, dtype=np.uint8)[None, :, None] * 3, SIDE, 0).repeat(3, 2)
    assert measures.gradient_size(ramp) == pytest.approx(3)
