#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Measures how `inpaint:outpaint` grows held-out photographs, against mirrored padding with Telea over the border.

    python evaluate_outpaint.py --data DATA --tool inpaint --pack plugin-manifest/models/mini --output RUNS/outpaint

The middle of each crop is grown back to the whole crop by the installed tool, so that passes, overlap and blending are
the product's own. Writes table.json, table.md and contact sheets. *Seam* tells how far the old border stands out: for each
line of pixels from 2 outside it to 2 beyond the overlap, |log2| of the mean step across that line over the mean step at
the same side well inside the known picture; 0 = as the rest, whether sharper or more blurred counts alike.
"""
import argparse
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from evaluate import measure
from recipes.data import Crops
from recipes.perceptual import VGGTrunk
from recipes.product import Product
from recipes.tables import means, write_sheets, write_table

INSIDE = 32  # lines of known pixels, beyond the overlap, that the border is compared with
QUIET = 0.5  # 8-bit steps: below this a line has no structure to compare


def mirrored(pixels: np.ndarray, growth: int, overlap: int) -> np.ndarray:
    """Mirrors the picture outward, and lets Telea fill the old border's overlap anew. uint8 [H, W, 3]"""
    canvas = cv2.copyMakeBorder(pixels, growth, growth, growth, growth, cv2.BORDER_REFLECT)
    band = np.zeros(canvas.shape[:2], np.uint8)
    band[growth:-growth, growth:-growth] = 1
    inner = growth + overlap // 2
    band[inner:-inner, inner:-inner] = 0
    return cv2.inpaint(canvas, band, 3, cv2.INPAINT_TELEA)


def seam(pixels: np.ndarray, growth: int, overlap: int) -> float:
    """Over the four sides of a picture grown by `growth` on each. pixels: uint8 [H, W, 3]"""
    scores = []
    for turns in range(4):
        turned = np.rot90(pixels, turns).astype(float)[:, growth:-growth]
        steps = np.abs(np.diff(turned, axis=0)).mean((1, 2))  # steps[y]: from line y to y + 1
        border = growth - 1
        usual = steps[border + overlap + 2:][:INSIDE].mean()
        if usual > QUIET:
            band = steps[border - 2:border + overlap + 3]
            scores.append(np.abs(np.log2(np.maximum(band, QUIET) / usual)).mean())
    return float(np.mean(scores)) if scores else 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--tool", default="inpaint")
    parser.add_argument("--prompt", type=Path, help="a learned prompt to compare with, for a pack that has none of its own")
    parser.add_argument("--count", type=int, default=16, help="held-out crops to grow")
    parser.add_argument("--growth", type=int, default=48, help="pixels on each side")
    parser.add_argument("--overlap", type=int, default=16)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    crops, trunk, growth, overlap = Crops(arguments.data), VGGTrunk(), arguments.growth, arguments.overlap
    product, sides = Product(arguments.tool, arguments.pack), dict.fromkeys(("left", "right", "top", "bottom"), growth)

    def grown(**properties):
        return lambda picture: product.run("outpaint", picture, overlap=overlap, **sides, **properties)

    methods = {"outpaint": grown(), "the model's detail": grown(detail="model"), "background": grown(prompt="background")}
    if arguments.prompt:
        methods["learned prompt"] = grown(task_prompt=arguments.prompt)
    methods["mirrored, Telea"] = lambda picture: mirrored(picture, growth, overlap)
    scores, rows = {name: [] for name in ("truth", *methods)}, []
    for index in tqdm(crops.validation_sample(arguments.count)):
        truth = np.asarray(crops.pixels[index])
        middle = np.ascontiguousarray(truth[growth:-growth, growth:-growth])
        hole = np.ones(truth.shape[:2], bool)
        hole[growth:-growth, growth:-growth] = False
        pictures = {"truth": truth, **{name: method(middle) for name, method in methods.items()}}
        for name, picture in pictures.items():
            scores[name].append({**measure(trunk, picture, truth, hole), "seam": seam(picture, growth, overlap)})
        rows.append([np.where(hole[..., None], np.uint8(128), truth), *list(pictures.values())[1:], truth])
    table = means(scores)
    del table["truth"]["PSNR"]  # without bound
    text = write_table(arguments.output / "table", table)
    write_sheets(arguments.output / "sheet", rows)
    print("columns of the sheets: known, " + ", ".join(methods) + ", truth\n" + text)


if __name__ == "__main__":
    main()
