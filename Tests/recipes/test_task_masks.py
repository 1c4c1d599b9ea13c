# SPDX-License-Identifier: LGPL-3.0-or-later
"""The holes that teach SEELE's tasks: where they may lie. Needs numpy and Pillow only."""
import numpy as np
import pytest

from recipes import task_masks

SIZE = 96
DRAWS = 60


def disc(x: float, y: float, radius: float) -> np.ndarray:
    ys, xs = np.mgrid[:SIZE, :SIZE]
    return (xs - x) ** 2 + (ys - y) ** 2 <= radius**2


def draws(kind, subject):
    return [kind(subject, np.random.default_rng([1, number])) for number in range(DRAWS)]


def test_shifting_moves_every_pixel_and_loses_what_leaves_the_frame():
    mask = np.zeros((5, 6), bool)
    mask[1, 2] = mask[4, 5] = True
    assert np.argwhere(task_masks.shifted(mask, 2, -1)).tolist() == [[0, 4]]
    assert np.argwhere(task_masks.shifted(mask, -2, 0)).tolist() == [[1, 0], [4, 3]]
    assert (task_masks.shifted(mask, 0, 0) == mask).all()
    assert not task_masks.shifted(mask, 6, 0).any() and not task_masks.shifted(mask, 0, -5).any()


def test_dilation_grows_by_a_square():
    mask = np.zeros((9, 9), bool)
    mask[4, 4] = mask[0, 0] = True
    expected = np.zeros_like(mask)
    expected[2:7, 2:7] = expected[:3, :3] = True
    assert (task_masks.dilated(mask) == expected).all()


def test_a_removal_hole_never_covers_the_subject():
    subject = disc(40, 50, 15)
    for number, hole in enumerate(draws(task_masks.removal, subject)):
        assert hole is not None and not (hole & subject).any(), f"draw {number} covers {(hole & subject).sum()} pixels of it"
        assert hole.mean() >= task_masks.MINIMUM_SHARE


def test_a_hole_beside_the_subject_takes_no_more_of_it_than_its_growth():
    subject = disc(48, 48, 15)
    edge = subject & ~disc(48, 48, 12)  # 2 pixels, along rows and columns
    for number, hole in enumerate(draws(task_masks.beside, subject)):
        assert hole is not None and not (hole & subject & ~edge).any(), f"draw {number}"
        assert hole.mean() >= task_masks.MINIMUM_SHARE


def test_a_removal_hole_is_the_outline_moved_by_half_the_frame_at_most():
    subject = disc(48, 48, 12)
    for hole in draws(task_masks.removal, subject):
        assert hole.sum() <= subject.sum()
        ys, xs = np.nonzero(hole)
        assert np.abs(xs - 48).max() <= SIZE // 2 + 12 and np.abs(ys - 48).max() <= SIZE // 2 + 12
    covered = np.logical_or.reduce(draws(task_masks.removal, subject))
    assert covered[:24].any() and covered[-24:].any() and covered[:, :24].any() and covered[:, -24:].any()


def test_a_subject_that_fills_the_frame_gives_no_removal_hole():
    assert task_masks.removal(np.ones((SIZE, SIZE), bool), np.random.default_rng(0)) is None


def test_a_completion_hole_lies_in_the_subject_but_for_two_pixels_and_leaves_some_of_it():
    subject = disc(45, 50, 22)
    for number, hole in enumerate(draws(task_masks.completion, subject)):
        assert hole is not None
        outside = (hole & ~task_masks.dilated(subject)).sum()
        assert outside == 0, f"draw {number}: {outside} pixels outside of the grown subject"
        assert (hole & subject).mean() >= task_masks.MINIMUM_SHARE
        assert not hole[subject].all(), f"draw {number} hides the whole subject"


@pytest.mark.parametrize("shape", [task_masks.circle, task_masks.ellipse, task_masks.polygon])
def test_every_shape_hides_parts_of_different_sizes(shape):
    subject = disc(45, 50, 22)
    shares = [(subject & part).sum() / subject.sum() for part in draws(shape, subject)]
    assert min(shares) < 0.3 < max(shares), f"{min(shares):.2f} to {max(shares):.2f} of the subject"


def test_the_same_seed_gives_the_same_hole():
    subject = disc(40, 50, 15)
    for kind in (task_masks.removal, task_masks.completion):
        first, second = (kind(subject, np.random.default_rng(3)) for _ in range(2))
        assert (first == second).all()
