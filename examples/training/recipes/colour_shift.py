# SPDX-License-Identifier: LGPL-3.0-or-later
"""A random shift of a whole picture's colours: the seam that ASUKA's decoder learns to take back."""
import numpy as np
import torch

LUMINANCE = np.array([0.299, 0.587, 0.114])
# strongest change of brightness, contrast and saturation, as shares; of hue, in turns
BRIGHTNESS, CONTRAST, SATURATION, HUE = 0.15, 0.15, 0.2, 0.04


def hue_rotation(turns: float) -> np.ndarray:
    """[3, 3]: colours turned about the axis of greys (Rodrigues)"""
    angle, axis = 2 * np.pi * turns, np.full(3, 3**-0.5)
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) * np.cos(angle) + np.sin(angle) * cross + (1 - np.cos(angle)) * np.outer(axis, axis)


def shift_colours(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """[3, H, W] in -1..1 -> the same, clamped"""
    saturation, contrast, brightness = 1 + random.uniform(-1, 1, 3) * (SATURATION, CONTRAST, BRIGHTNESS)
    greys = np.outer(np.ones(3), LUMINANCE)
    matrix = (saturation * np.eye(3) + (1 - saturation) * greys) @ hue_rotation(random.uniform(-HUE, HUE))
    matrix, image = torch.from_numpy(matrix).to(image), (image + 1) / 2
    image = torch.einsum("ij,jhw->ihw", matrix, image)
    image = (image - image.mean()) * contrast + image.mean()
    return (image * brightness).clamp(0, 1) * 2 - 1
