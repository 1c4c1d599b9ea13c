# SPDX-License-Identifier: LGPL-3.0-or-later
"""Fills that other programs made of an evaluation's cases: their pictures go in folders, and come back from folders."""
from pathlib import Path

import numpy as np
from PIL import Image


def write_cases(folder: Path, cases):
    """NUMBER.png, the picture with its hole in grey, and NUMBER_mask.png, white where to fill."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (picture, hole) in enumerate(cases):
        Image.fromarray(np.where(hole[..., None], np.uint8(128), picture)).save(folder / f"{number:03d}.png")
        Image.fromarray(hole.astype(np.uint8) * 255).save(folder / f"{number:03d}_mask.png")


class OtherFills:
    """FOLDER/METHOD/NUMBER.png, of which the hole counts."""

    def __init__(self, folder: Path):
        self.methods = sorted(path for path in folder.iterdir() if path.is_dir())
        if not self.methods:
            raise SystemExit(f"{folder}: no folders; expected one for each method, with its fills as 000.png, 001.png, ...")

    def of(self, number: int, picture: np.ndarray, hole: np.ndarray) -> dict[str, np.ndarray]:
        """{method: uint8 [H, W, 3]} of a case."""
        fills = {}
        for method in self.methods:
            path = method / f"{number:03d}.png"
            if not path.exists():
                raise SystemExit(f"{path}: missing; every case needs its fill")
            fill = np.asarray(Image.open(path).convert("RGB"))
            (height, width, _), (own_height, own_width, _) = picture.shape, fill.shape
            if fill.shape != picture.shape:
                raise SystemExit(f"{path}: {own_width} x {own_height} pixels, the case has {width} x {height}")
            fills[method.name] = np.where(hole[..., None], fill, picture)
        return fills
