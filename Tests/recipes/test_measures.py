# SPDX-License-Identifier: LGPL-3.0-or-later
"""The measures of examples/training on made pictures, of which it is known what they should say."""
import numpy as np
import pytest

from recipes.measures import colour_seam, hole_psnr, invented_share, surroundings_are_plain

ROWS, COLUMNS = np.indices((128, 128))
HOLE = np.hypot(ROWS - 64, COLUMNS - 60) < 30


def disc(radius: float) -> np.ndarray:
    return np.hypot(ROWS - 70, COLUMNS - 56) < radius


def sky(grain: float = 2) -> np.ndarray:
    """An even gradient with grain, as 8-bit pixels."""
    noise = np.random.default_rng(0).normal(0, grain, (128, 128, 3))
    return np.clip(np.stack([90 + ROWS * 0.5, 130 + ROWS * 0.3, 200 - COLUMNS * 0.2], -1) + noise, 0, 255).astype(np.uint8)


def with_object(picture: np.ndarray, radius: float, change: float) -> np.ndarray:
    return np.clip(picture + change * (disc(radius) & HOLE)[..., None], 0, 255).astype(np.uint8)


def shifted(picture: np.ndarray, change: float) -> np.ndarray:
    return np.clip(picture + change * HOLE[..., None], 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name, fill", {
    "as around": sky(), "smooth": np.where(HOLE[..., None], sky(0), sky()), "more grain": np.where(HOLE[..., None], sky(8), sky()),
    "another colour": shifted(sky(), 40)}.items())
def test_plain_fills_invent_nothing(name, fill):
    assert invented_share(fill, HOLE) < 0.01, name


@pytest.mark.parametrize("radius", [6, 10, 16])
@pytest.mark.parametrize("change", [-60, 50])
def test_an_inserted_object_counts_with_its_area(radius, change):
    area = disc(radius)[HOLE].mean()
    share = invented_share(with_object(sky(), radius, change), HOLE)
    assert 0.7 * area < share < 1.6 * area, f"{share} of an object that covers {area}"


def test_an_inserted_object_counts_beside_a_shift_of_colour():
    assert invented_share(with_object(shifted(sky(), 40), 10, -60), HOLE) > 0.05


def test_a_texture_that_surroundings_do_not_have_counts():
    stripes = 50 * (np.sin(COLUMNS / 3) > 0)
    assert invented_share(np.clip(sky() + (stripes * HOLE)[..., None], 0, 255).astype(np.uint8), HOLE) > 0.3


def test_surroundings_are_plain_whatever_the_hole_hides():
    assert surroundings_are_plain(sky(), HOLE)
    assert surroundings_are_plain(with_object(sky(), 20, -80), HOLE)


def test_surroundings_with_an_edge_are_not_plain():
    picture = sky()
    picture[:, 64:] //= 2
    assert not surroundings_are_plain(picture, HOLE)


def test_the_seam_grows_with_the_shift_of_colour_and_not_with_an_object_inside():
    truth = sky()
    seams = [colour_seam(shifted(truth, change), truth, HOLE) for change in (0, 5, 20)]
    assert seams[0] == 0 and 10 < seams[1] < seams[2] / 3
    assert colour_seam(with_object(truth, 10, -60), truth, HOLE) < 0.5


def test_psnr_is_of_the_hole():
    truth = np.full((128, 128, 3), 100, np.uint8)
    assert hole_psnr(shifted(truth, 16), truth, HOLE) == pytest.approx(-20 * np.log10(16 / 255), abs=0.01)
    assert hole_psnr(truth, truth, HOLE) == pytest.approx(60)
