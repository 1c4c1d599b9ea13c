#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Measures a model pack on held-out photographs against OpenCV's and G'MIC's fills, on the same pixels.

    python evaluate.py --data DATA --pack plugin-manifest/models/mini --tool inpaint --output RUNS/evaluation --count 64

The fills are `inpaint:sd-inpaint`'s own, through the installed tool: as installed, which matches colours where there is no
prompt, and without that; both with the detail of the model too; and by the pack's harmonizing decoder, where it has one. With
`--lama FILE` a LaMa's are there too, and with `--fills FOLDER` those that other programs made of OUTPUT/cases
(`--cases-only`), FOLDER/METHOD/000.png and so on.

Writes table.json, table.md, prompts.json and contact sheets. PSNR and SSIM are of the whole picture, MAE of the hole alone
(8-bit steps), the feature distance is that of recipes/perceptual.py. The prompt test fills each hole with a colour or
brightness as prompt and without one, and asks whether the hole's mean moved that way.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from tqdm import tqdm

from recipes.data import Crops, generator, to_tensor
from recipes.fills import classical_methods
from recipes.grid import save_grid
from recipes.masks import evaluation_mask
from recipes.others import OtherFills, write_cases
from recipes.perceptual import VGGTrunk, feature_distance
from recipes.product import Product
from recipes.tables import SHEET_ROWS, means, write_sheets, write_table

# how far a mean colour (R, G, B) goes in the direction that a word names
DIRECTIONS = {"red": (1, -0.5, -0.5), "green": (-0.5, 1, -0.5), "blue": (-0.5, -0.5, 1), "dark": (-1, -1, -1), "bright": (1, 1, 1)}


def measure(trunk: VGGTrunk, fill: np.ndarray, truth: np.ndarray, hole: np.ndarray) -> dict:
    with torch.no_grad():
        distance = feature_distance(trunk, to_tensor(fill[None]), to_tensor(truth[None]))
    return {
        "PSNR": peak_signal_noise_ratio(truth, fill, data_range=255),
        "SSIM": structural_similarity(truth, fill, channel_axis=2, data_range=255),
        "hole MAE": np.abs(fill[hole].astype(float) - truth[hole]).mean(),
        "feature distance": float(distance),
    }


def compare(product: Product, cases, settings: dict, output: Path, lama: Path | None = None, others: OtherFills | None = None) -> dict:
    """Returns {method: {measure: mean}}, writes table and sheets. settings: properties of all of the pack's fills"""
    def by(**properties):
        return lambda picture, hole: product.run("sd-inpaint", picture, hole, **(settings | properties))

    methods = {
        "sd-inpaint": by(), "without color-match": by(color_match="false"),
        "the model's detail": by(detail="model"), "without color-match, the model's detail": by(detail="model", color_match="false")}
    if (product.pack / "harmonizing_decoder").exists():
        methods["harmonizing decoder's detail"] = by(detail="model", decoder="harmonizing")
    if lama:
        eraser = Product(product.tool, lama)
        methods["LaMa"] = lambda picture, hole: eraser.run("lama-inpaint", picture, hole, grow=0)
    methods |= classical_methods()
    trunk, scores, rows = VGGTrunk(), {}, []
    for number, (picture, hole) in enumerate(tqdm(cases, desc="fills")):
        fills = {name: method(picture, hole) for name, method in methods.items()}
        fills |= others.of(number, picture, hole) if others else {}
        for name, fill in fills.items():
            scores.setdefault(name, []).append(measure(trunk, fill, picture, hole))
        grey = np.where(hole[..., None], np.uint8(128), picture)
        rows.append([grey, *fills.values(), picture])
    table = means(scores)
    write_sheets(output / "sheet", rows)
    print("columns of the sheets: hole, " + ", ".join(scores) + ", truth\n" + write_table(output / "table", table))
    return table


def test_prompts(product: Product, cases, guidance: float, output: Path) -> dict:
    """Returns the share of cases in which each word moved the hole's mean its way, same seed with and without it."""
    moved, rows = {word: [] for word in DIRECTIONS}, []
    for picture, hole in tqdm(cases, desc="prompts"):
        fills = {word: product.run("sd-inpaint", picture, hole, prompt=word, guidance=guidance, color_match="false")
                 for word in ("", *DIRECTIONS)}
        for word, direction in DIRECTIONS.items():
            shift = fills[word][hole].mean(0) - fills[""][hole].mean(0)
            moved[word].append(float(shift @ direction) > 0)
        rows.append(list(fills.values()))
    shares = {word: float(np.mean(values)) for word, values in moved.items()}
    (output / "prompts.json").write_text(json.dumps({"guidance": guidance, "cases": len(rows), **shares}, indent=2))
    save_grid(output / "prompts.png", rows[:SHEET_ROWS])
    print("prompts:", ", ".join(f"{word} {share:.0%}" for word, share in shares.items()))
    return shares


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--lama", type=Path, help="a LaMa to compare with")
    parser.add_argument("--fills", type=Path, help="a folder of other programs' fills")
    parser.add_argument("--cases-only", action="store_true", help="only write OUTPUT/cases, for other programs")
    parser.add_argument("--tool", default="inpaint")
    parser.add_argument("--count", type=int, default=64, help="held-out crops to fill")
    parser.add_argument("--prompt-count", type=int, default=16, help="of them, how many for the prompt test")
    parser.add_argument("--properties", nargs="*", default=[], help="of the pack's fills, as sampler=lcm steps=4")
    parser.add_argument("--guidance", type=float, default=5.0, help="of the prompt test")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    crops = Crops(arguments.data)
    chosen = crops.validation_sample(arguments.count)
    cases = [(np.asarray(crops.pixels[index]), evaluation_mask(256, generator(0, number))) for number, index in enumerate(chosen)]
    if arguments.cases_only:
        return write_cases(arguments.output / "cases", cases)
    product = Product(arguments.tool, arguments.pack)
    settings = dict(entry.split("=", 1) for entry in arguments.properties)
    compare(product, cases, settings, arguments.output, arguments.lama, arguments.fills and OtherFills(arguments.fills))
    if arguments.prompt_count:
        some = cases[:: -(-len(cases) // arguments.prompt_count)]
        test_prompts(product, some, arguments.guidance, arguments.output)


if __name__ == "__main__":
    main()
