#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Measures where the detail of large holes had best come from: the property detail, on whole photographs.

    python evaluate_detail.py --photographs FOLDER --pack plugin-manifest/models/mini --tool inpaint --output RUNS/detail

Each photograph gets a hole whose box is longer than twice the model's pictures are, so that what the model paints is enlarged.
Writes table.json, table.md, and a row of pictures for each photograph. The measures are evaluate.py's; seconds are of a whole
run of the tool.
"""
import argparse
import json
import time
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from evaluate import measure
from recipes.data import generator
from recipes.masks import blob
from recipes.perceptual import VGGTrunk
from recipes.product import Product
from recipes.tables import means, write_table

DETAILS = "model", "surroundings", "refine"


def large_hole(height: int, width: int, longer_side: int, random: np.random.Generator) -> np.ndarray:
    """A blob over 15 to 40 % of a picture, of which known pixels are on all sides. bool [H, W]"""
    side = max(height, width)
    while True:
        hole = blob(side, random, random.uniform(0.15, 0.4))[:height, :width]
        rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
        if not rows.size:
            continue
        inside = rows[0] >= 8 and columns[0] >= 8 and rows[-1] < height - 8 and columns[-1] < width - 8
        if inside and max(np.ptp(rows), np.ptp(columns)) >= longer_side and 0.15 <= hole.mean() <= 0.4:
            return hole


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--tool", default="inpaint")
    parser.add_argument("--count", type=int, default=8)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    native = json.loads((arguments.pack / "recommended.json").read_text())["native_size"]
    product, trunk = Product(arguments.tool, arguments.pack), VGGTrunk()
    scores = {f"detail={detail}": [] for detail in DETAILS}
    for number, path in enumerate(tqdm(sorted(arguments.photographs.iterdir())[:arguments.count])):
        picture = np.asarray(Image.open(path).convert("RGB"))
        hole = large_hole(*picture.shape[:2], 2 * native, generator(0, number))
        row = [np.where(hole[..., None], np.uint8(128), picture)]
        for detail in DETAILS:
            start = time.monotonic()
            fill = product.run("sd-inpaint", picture, hole, detail=detail)
            seconds = time.monotonic() - start
            scores[f"detail={detail}"].append(measure(trunk, fill, picture, hole) | {"seconds": seconds})
            row.append(fill)
        Image.fromarray(np.hstack([*row, picture])).save(arguments.output / f"{path.stem}.png")
    print("columns of the pictures: hole, " + ", ".join(scores) + ", photograph\n" + write_table(arguments.output / "table", means(scores)))


if __name__ == "__main__":
    main()
