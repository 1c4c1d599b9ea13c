# SPDX-License-Identifier: LGPL-3.0-or-later
"""The cached samples that `cache_latents.py` wrote, ready for the UNet."""
from pathlib import Path

import numpy as np
import torch


class Latents:
    """All samples of one or more shards, in memory."""

    def __init__(self, files: list[Path]):
        shards = [np.load(file) for file in files]
        self.places = [(file.stem, number) for file, shard in zip(files, shards) for number in range(len(shard["masks"]))]
        self.latents, self.masked, self.masks, self.captions = (
            np.concatenate([shard[key] for shard in shards]) for key in ("latents", "masked", "masks", "captions"))

    def __len__(self) -> int:
        return len(self.latents)

    def batch(self, chosen, device) -> tuple[torch.Tensor, torch.Tensor, list[str]]:
        """Returns latents [B, 4, h, w], conditioning [B, 5, h, w] (mask, masked picture's latents), captions [B]."""
        def tensor(array):
            return torch.from_numpy(array[chosen]).to(device, torch.float32)

        conditioning = torch.cat([tensor(self.masks).unsqueeze(1), tensor(self.masked)], dim=1)
        return tensor(self.latents), conditioning, [str(text) for text in self.captions[chosen]]


def windows(latents: torch.Tensor, conditioning: torch.Tensor, side: int, random: np.random.Generator, tries: int = 8):
    """A random square window of each sample, one with hole and surroundings if `tries` draws find one; sides in cells.

    latents [B, 4, h, w], conditioning [B, 5, h, w] -> [B, 4, side, side], [B, 5, side, side]
    """
    height, width = latents.shape[2:]

    def draw(mask: torch.Tensor):
        for _ in range(tries):
            top, left = random.integers(height - side + 1), random.integers(width - side + 1)
            place = slice(top, top + side), slice(left, left + side)
            if 0.05 < mask[place].mean() < 0.7:
                break
        return place

    places = [draw(sample[0]) for sample in conditioning]
    return tuple(torch.stack([sample[:, rows, columns] for sample, (rows, columns) in zip(whole, places)])
                 for whole in (latents, conditioning))
