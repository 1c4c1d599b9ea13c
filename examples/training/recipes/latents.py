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
