# SPDX-License-Identifier: LGPL-3.0-or-later
"""The crops that `collect_photographs.py` wrote, and their augmentation.

Batches are a function of (seed, step, process), not of an iterator's state: a resumed run continues with exactly the
batches that it would have seen.
"""
import itertools
import json
from pathlib import Path

import numpy as np
import torch

CHANNEL_ORDERS = list(itertools.permutations(range(3)))


class Crops:
    """uint8 crops [N, 256, 256, 3] on disk, split into training and held-out."""

    def __init__(self, folder: Path):
        self.pixels = np.load(folder / "crops.npy", mmap_mode="r")
        self.index = json.loads((folder / "crops.json").read_text())
        held_out = np.array([entry["held_out"] for entry in self.index])
        self.training, self.validation = np.flatnonzero(~held_out), np.flatnonzero(held_out)

    def validation_sample(self, count: int) -> np.ndarray:
        """`count` held-out crops, spread over the photographs: the same ones each time. Indices [count]"""
        return self.validation[np.linspace(0, len(self.validation) - 1, count).astype(int)]


def generator(seed: int, step: int, process: int = 0) -> np.random.Generator:
    return np.random.default_rng([seed, step, process])


def to_tensor(pixels: np.ndarray) -> torch.Tensor:
    """uint8 [..., H, W, 3] -> float32 [..., 3, H, W] in -1..1"""
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(pixels, -1, -3))).float() / 127.5 - 1


def to_pixels(images: torch.Tensor) -> np.ndarray:
    """float [..., 3, H, W] in -1..1 -> uint8 [..., H, W, 3]"""
    pixels = ((images.detach().float().clamp(-1, 1) + 1) * 127.5).round().byte().cpu().numpy()
    return np.moveaxis(pixels, -3, -1)


def augment(pixels: np.ndarray, random: np.random.Generator, swap_channels: float = 0.15) -> np.ndarray:
    """Flip, mild colour jitter, and sometimes another order of the channels, for colours that nature is short of.

    pixels: uint8 [H, W, 3] -> uint8 [H, W, 3]
    """
    if random.random() < 0.5:
        pixels = pixels[:, ::-1]
    if random.random() < swap_channels:
        pixels = pixels[..., CHANNEL_ORDERS[random.integers(len(CHANNEL_ORDERS))]]
    gain = random.uniform(0.85, 1.15) * random.uniform(0.95, 1.05, 3)
    offset = random.uniform(-12, 12)
    levels = np.arange(256)[:, None] * gain + offset  # [256, 3]: one table look-up instead of arithmetic on every pixel
    table = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    return np.stack([table[pixels[..., channel], channel] for channel in range(3)], axis=-1)


def random_crop(pixels: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """[H, W, 3] -> [size, size, 3]"""
    top, left = (random.integers(side - size + 1) for side in pixels.shape[:2])
    return pixels[top:top + size, left:left + size]
