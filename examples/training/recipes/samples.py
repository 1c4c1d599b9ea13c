"""Samples for the UNet: a picture and its hole, each a function of (seed, shard, number), so that it can be made again
where only its latents are stored."""
from pathlib import Path

import numpy as np

from .data import Crops, augment, generator
from .masks import random_mask

SHARD = "training-{:05}.npz"
VALIDATION = "validation.npz"


def training_shards(folder: Path) -> list[Path]:
    """Those that are finished."""
    return sorted(folder.glob(SHARD.replace("{:05}", "?????")))


class Samples:
    def __init__(self, crops: Crops, seed: int):
        self.crops, self.seed = crops, seed

    def training(self, shard: int, number: int):
        """Returns the crop's index, picture uint8 [H, W, 3], hole bool [H, W], and the generator for what follows."""
        random = generator(self.seed, shard, number)
        index = random.choice(self.crops.training)
        picture = augment(np.asarray(self.crops.pixels[index]), random)
        return index, picture, random_mask(len(picture), random), random

    def held_out(self, count: int):
        """Yields the same of `count` held-out crops."""
        for number, index in enumerate(self.crops.validation_sample(count)):
            random = generator(self.seed + 1, number)
            picture = np.asarray(self.crops.pixels[index])
            yield index, picture, random_mask(len(picture), random), random
