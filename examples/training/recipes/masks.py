# SPDX-License-Identifier: LGPL-3.0-or-later
"""Random masks for training: strokes, boxes, blobs, borders, and at times the whole picture. True = hole."""
import cv2
import numpy as np

KINDS = {"strokes": 0.4, "box": 0.2, "blob": 0.2, "border": 0.12, "whole": 0.08}


def strokes(size: int, random: np.random.Generator) -> np.ndarray:
    """A few connected thick lines, as somebody paints over a thing to be removed."""
    mask = np.zeros((size, size), np.uint8)
    for _ in range(random.integers(1, 5)):
        point, angle = random.uniform(0, size, 2), random.uniform(0, 2 * np.pi)
        width = int(random.uniform(0.03, 0.14) * size)
        for _ in range(random.integers(2, 8)):
            angle += random.uniform(-1.2, 1.2)
            end = np.clip(point + random.uniform(0.05, 0.25) * size * np.array([np.cos(angle), np.sin(angle)]), 0, size - 1)
            cv2.line(mask, tuple(map(int, point)), tuple(map(int, end)), 1, width)
            cv2.circle(mask, tuple(map(int, end)), width // 2, 1, -1)
            point = end
    return mask > 0


def box(size: int, random: np.random.Generator) -> np.ndarray:
    mask = np.zeros((size, size), bool)
    height, width = (random.uniform(0.15, 0.6, 2) * size).astype(int)
    top, left = random.integers(size - height + 1), random.integers(size - width + 1)
    mask[top:top + height, left:left + width] = True
    return mask


def blob(size: int, random: np.random.Generator, share: float | None = None) -> np.ndarray:
    """An object-like outline: a circle whose radius wanders with a few low frequencies."""
    share = random.uniform(0.03, 0.3) if share is None else share
    phases, weights = random.uniform(0, 2 * np.pi, 5), random.uniform(0, 0.3, 5) / np.arange(1, 6)
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    radius = 1 + sum(weight * np.cos(k * angles + phase) for k, (weight, phase) in enumerate(zip(weights, phases), 1))
    radius *= size * np.sqrt(share / np.pi) / np.sqrt(np.mean(radius**2))
    stretch = np.exp(random.uniform(-0.4, 0.4))
    centre = random.uniform(0.2, 0.8, 2) * size
    outline = centre + np.stack([radius * np.cos(angles) * stretch, radius * np.sin(angles) / stretch], 1)
    mask = np.zeros((size, size), np.uint8)
    cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 1)
    return mask > 0


def border(size: int, random: np.random.Generator) -> np.ndarray:
    """One to three sides missing, as when a canvas is grown."""
    mask = np.zeros((size, size), bool)
    for side in random.choice(4, random.integers(1, 4), replace=False):
        np.rot90(mask, side)[:int(random.uniform(0.1, 0.4) * size)] = True
    return mask


def random_mask(size: int, random: np.random.Generator) -> np.ndarray:
    """bool [size, size], never empty"""
    kind = random.choice(list(KINDS), p=list(KINDS.values()))
    if kind == "whole":
        return np.ones((size, size), bool)
    mask = {"strokes": strokes, "box": box, "blob": blob, "border": border}[kind](size, random)
    return mask if mask.any() else box(size, random)


def evaluation_mask(size: int, random: np.random.Generator) -> np.ndarray:
    """Strokes or a blob that hide 5 to 20 % of the picture."""
    while True:
        mask = strokes(size, random) if random.random() < 0.5 else blob(size, random, random.uniform(0.05, 0.2))
        if 0.05 <= mask.mean() <= 0.2:
            return mask


def latent_mask(mask: np.ndarray, cell: int = 8) -> np.ndarray:
    """bool [H, W] -> bool [H/8, W/8]: a cell is a hole where any of its pixels is."""
    height, width = mask.shape
    return mask.reshape(height // cell, cell, width // cell, cell).any((1, 3))
