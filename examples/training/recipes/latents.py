# SPDX-License-Identifier: LGPL-3.0-or-later
"""The cached samples that `cache_latents.py` wrote, ready for the UNet."""
from pathlib import Path

import numpy as np
import torch


class Latents:
    """All samples of one or more shards, in a device's memory."""

    def __init__(self, files: list[Path], device):
        shards = [np.load(file) for file in files]
        self.places = [(file.stem, number) for file, shard in zip(files, shards) for number in range(len(shard["masks"]))]
        self.captions = np.concatenate([shard["captions"] for shard in shards])
        self.latents, self.masked, self.masks = (
            torch.from_numpy(np.concatenate([shard[key] for shard in shards])).to(device) for key in ("latents", "masked", "masks"))

    def __len__(self) -> int:
        return len(self.latents)

    def batch(self, chosen: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, list[str]]:
        """Returns latents [B, 4, h, w], conditioning [B, 5, h, w] (mask, masked picture's latents), captions [B]."""
        numbers = torch.from_numpy(chosen).to(self.latents.device)
        latents, masked, masks = (tensor[numbers].float() for tensor in (self.latents, self.masked, self.masks))
        return latents, torch.cat([masks.unsqueeze(1), masked], dim=1), [str(text) for text in self.captions[chosen]]


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
