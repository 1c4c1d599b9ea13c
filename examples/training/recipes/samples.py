# SPDX-License-Identifier: LGPL-3.0-or-later
"""Samples for the UNet: a picture and its hole, each a function of (seed, shard, number), so that it can be made again
where only its latents are stored."""
from pathlib import Path

import numpy as np

from .captions import SUBJECT, SURROUNDINGS
from .data import Crops, augment, generator
from .masks import random_mask
from .subjects import segmented_subjects
from .task_masks import beside, completion, removal

SHARD = "training-{:05}.npz"
VALIDATION = "validation.npz"


def training_shards(folder: Path) -> list[Path]:
    """Those that are finished."""
    return sorted(folder.glob(SHARD.replace("{:05}", "?????")))


SUBJECT_SHARE = 0.6  # of the holes: they are made of a subject's mask, where the picture has one
# by what they hide
HIDING = {SURROUNDINGS: (removal, beside), SUBJECT: (completion,)}


def random_hole(picture: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, str]:
    """bool [H, W] for uint8 [H, W, 3], and the caption's word for what it hides; "" for a hole that has to do with no subject."""
    if random.random() < SUBJECT_SHARE:
        subjects, hidden = segmented_subjects(picture), random.choice(list(HIDING))
        draw = HIDING[hidden][random.integers(len(HIDING[hidden]))]
        hole = draw(subjects[random.integers(len(subjects))], random) if subjects else None
        if hole is not None:
            return hole, str(hidden)
    return random_mask(len(picture), random), ""


class Samples:
    def __init__(self, crops: Crops, seed: int):
        self.crops, self.seed = crops, seed

    def training(self, shard: int, number: int):
        """Returns the crop's index, picture uint8 [H, W, 3], hole bool [H, W], what it hides, and the generator for what follows."""
        random = generator(self.seed, shard, number)
        index = random.choice(self.crops.training)
        picture = augment(np.asarray(self.crops.pixels[index]), random)
        return index, picture, *random_hole(picture, random), random

    def held_out(self, count: int):
        """Yields the same of `count` held-out crops."""
        for number, index in enumerate(self.crops.validation_sample(count)):
            random = generator(self.seed + 1, number)
            picture = np.asarray(self.crops.pixels[index])
            yield index, picture, *random_hole(picture, random), random
