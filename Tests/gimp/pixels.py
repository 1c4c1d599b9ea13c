# SPDX-License-Identifier: LGPL-3.0-or-later
"""Made pictures, and what a fill may change of them."""
import numpy as np


def photograph(width=96, height=80) -> np.ndarray:
    """A made picture with gradients and texture, uint8 [height, width, 3]"""
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(1).integers(0, 40, (height, width))
    return np.stack([x * 200 // width + noise, y * 200 // height + noise, (x + y) % 200 + noise], -1).astype(np.uint8)


def inside(shape, box) -> np.ndarray:
    """bool [height, width]; box: x, y, width, height, which may reach beyond the picture"""
    mask = np.zeros(shape[:2], bool)
    x, y, width, height = box
    mask[max(y, 0):y + height, max(x, 0):x + width] = True
    return mask


def check_changed_inside_only(before, after, mask):
    """Most pixels in the mask changed, none beside it."""
    changed = (before != after).reshape(*mask.shape, -1).any(-1)
    assert not changed[~mask].any(), f"{changed[~mask].sum()} pixels changed outside the selection"
    assert changed[mask].mean() > 0.9, f"only {changed[mask].mean():.0%} of the selected pixels changed"
