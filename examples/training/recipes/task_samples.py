# SPDX-License-Identifier: LGPL-3.0-or-later
"""Samples of SEELE's tasks: pictures with the holes that teach them, and the subjects that the holes were made of."""
from pathlib import Path

import numpy as np
from tqdm import tqdm

from .data import generator
from .masks import border, random_mask
from .samples import SHARD, VALIDATION
from .task_masks import completion, removal

TASKS = ("remove", "complete", "outpaint", "inpaint")
SUBJECT_HOLES = {"remove": removal, "complete": completion}
ATTEMPTS = 100


def picture_with_subject(source, keys, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A random picture that has subjects, uint8 [H, W, 3], flipped or not, and one of them, bool [H, W]."""
    for _ in range(ATTEMPTS):
        pixels, subjects = source.picture(keys[random.integers(len(keys))])
        if subjects:
            subject = subjects[random.integers(len(subjects))]
            return (pixels[:, ::-1], subject[:, ::-1]) if random.random() < 0.5 else (pixels, subject)
    raise SystemExit(f"{ATTEMPTS} pictures without a subject of 3 to 25 % of the frame; give photographs of things, or COCO's")


def task_sample(task: str, source, keys, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A picture and the hole of one of `TASKS`; what the hole hides is what belongs there."""
    for _ in range(ATTEMPTS):
        if task not in SUBJECT_HOLES:
            pixels, _ = source.picture(keys[random.integers(len(keys))])
            return pixels, (border if task == "outpaint" else random_mask)(len(pixels), random)
        pixels, subject = picture_with_subject(source, keys, random)
        hole = SUBJECT_HOLES[task](subject, random)
        if hole is not None:
            return pixels, hole
    raise SystemExit(f"no hole for {task} in {ATTEMPTS} pictures with subjects")


def shards(folder: Path, source, arguments, write, size: int = 250) -> tuple[list[Path], list[Path]]:
    """Files of training and of held-out samples, written where they are not yet, so that a run can be stopped among them.

    write(path, keys, generators): writes a sample of the pictures `keys` for each generator.
    arguments: `samples`, `validation_samples`, `seed`
    """
    folder.mkdir(parents=True, exist_ok=True)
    held_out = folder / VALIDATION
    training = [folder / SHARD.format(number) for number in range(-(-arguments.samples // size))]
    if not held_out.exists():
        write(held_out, source.validation, [generator(arguments.seed + 1, number) for number in range(arguments.validation_samples)])
    for number, path in enumerate(tqdm(training, unit="shard")):
        if not path.exists():
            count = min(size, arguments.samples - number * size)
            write(path, source.training, [generator(arguments.seed, number, entry) for entry in range(count)])
    return training, [held_out]
