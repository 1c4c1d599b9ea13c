# SPDX-License-Identifier: LGPL-3.0-or-later
"""Holes made of a subject's mask, so that a hole says what to do with it (Wang et al. 2024, SEELE, section 3.2).

Only numpy and Pillow are needed. Masks are bool [H, W], True inside.
"""
import numpy as np
from PIL import Image, ImageDraw

MINIMUM_SHARE = 0.005  # of the picture; smaller holes are drawn again
ATTEMPTS = 50


def shifted(mask: np.ndarray, dx: int, dy: int) -> np.ndarray:
    """The mask moved by whole pixels; what leaves the frame is lost."""
    height, width = mask.shape
    moved = np.zeros_like(mask)
    if abs(dx) < width and abs(dy) < height:
        moved[max(dy, 0):height + min(dy, 0), max(dx, 0):width + min(dx, 0)] = (
            mask[max(-dy, 0):height - max(dy, 0), max(-dx, 0):width - max(dx, 0)])
    return moved


def dilated(mask: np.ndarray, radius: int = 2) -> np.ndarray:
    """Grown once by a square of 2 radius + 1 pixels."""
    steps = range(-radius, radius + 1)
    rows = np.logical_or.reduce([shifted(mask, 0, step) for step in steps])
    return np.logical_or.reduce([shifted(rows, step, 0) for step in steps])


def removal(subject: np.ndarray, random: np.random.Generator) -> np.ndarray | None:
    """A hole of the subject's outline where the subject is not: what belongs into it is background.

    The mask moved by up to half the frame, less the mask itself; None where no draw leaves enough.
    """
    height, width = subject.shape
    for _ in range(ATTEMPTS):
        dx, dy = (int(random.integers(-(side // 2), side // 2 + 1)) for side in (width, height))
        hole = shifted(subject, dx, dy) & ~subject
        if hole.mean() >= MINIMUM_SHARE:
            return hole
    return None


def completion(subject: np.ndarray, random: np.random.Generator) -> np.ndarray | None:
    """The part of the subject inside a random circle, rotated ellipse or polygon, grown once by 5 x 5 pixels.

    Something of the subject stays visible, a tenth at least; None where no draw does.
    """
    for _ in range(ATTEMPTS):
        part = subject & random_shape(subject, random)
        if part.mean() >= MINIMUM_SHARE and part.sum() <= 0.9 * subject.sum():
            return dilated(part)
    return None


def beside(subject: np.ndarray, random: np.random.Generator) -> np.ndarray | None:
    """A hole like `completion`'s on the other side of the subject's edge: what belongs into it is background.

    Its outline says as little of what it hides; None where no draw leaves enough.
    """
    for _ in range(ATTEMPTS):
        part = random_shape(subject, random) & ~subject
        if part.mean() >= MINIMUM_SHARE:
            return dilated(part)
    return None


def random_shape(subject: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A circle, rotated ellipse or polygon over the subject"""
    return (circle, ellipse, polygon)[random.integers(3)](subject, random)


def box_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    """left, top, width, height of what is True"""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    return int(columns[0]), int(rows[0]), int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1)


def centre_in(subject: np.ndarray, random: np.random.Generator) -> tuple[float, float]:
    """x, y of one of the subject's pixels"""
    ys, xs = np.nonzero(subject)
    chosen = random.integers(len(ys))
    return float(xs[chosen]), float(ys[chosen])


def rotated(subject: np.ndarray, centre: tuple[float, float], axes: tuple[float, float], angle: float) -> np.ndarray:
    """A full ellipse; axes in pixels from the centre, angle in radians."""
    ys, xs = np.mgrid[:subject.shape[0], :subject.shape[1]]
    x, y = xs - centre[0], ys - centre[1]
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    return (along / axes[0])**2 + (across / axes[1])**2 <= 1


def circle(subject: np.ndarray, random: np.random.Generator) -> np.ndarray:
    largest = max(box_of(subject)[2:])
    radius = random.uniform(largest / 10, largest / 2)
    return rotated(subject, centre_in(subject, random), (radius, radius), 0)


def ellipse(subject: np.ndarray, random: np.random.Generator) -> np.ndarray:
    width, height = box_of(subject)[2:]
    axes = random.uniform(width / 4, width / 2), random.uniform(height / 4, height / 2)
    return rotated(subject, centre_in(subject, random), axes, random.uniform(0, 2 * np.pi))


def polygon(subject: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Three to nine corners anywhere in the subject's box"""
    left, top, width, height = box_of(subject)
    corners = random.uniform((left, top), (left + width, top + height), (random.integers(3, 10), 2))
    picture = Image.new("1", subject.shape[::-1])
    ImageDraw.Draw(picture).polygon([tuple(corner) for corner in corners.tolist()], fill=1)
    return np.asarray(picture)
