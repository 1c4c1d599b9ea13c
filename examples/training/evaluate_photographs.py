#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Measures the installed operations on whole photographs that no model has seen, against OpenCV's and G'MIC's fills.

    python evaluate_photographs.py --photographs FOLDER --pack plugin-manifest/models/mini --output RUNS/photographs

The photographs are those of --list, by default photographs/evaluation.csv; they lie in FOLDER/PACKAGE/PATH, and Debian
packages that are not there are fetched with apt. They are made 512 pixels long and get strokes or a blob over 5 to 20 % of
their area, which depend on their names alone. It is an error if one of them was trained on, by name or by its looks, as far
as the pack's photographs.csv says (and --trained FILE, another such list), or if it is not the one that the list means.

The operations run through the installed tool, with their defaults and no prompt; --settings adds rows with properties. To
choose settings, take photographs that were trained on (--tune COUNT), and report on the list.

Writes table.json and table.md (means), cases.json (each photograph's), and contact sheets. PSNR is of the hole, the feature
distance that of recipes/perceptual.py, the seam colour_seam of recipes/measures.py; seconds are of a whole run of the tool.
"""
import argparse
import hashlib
import json
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from photographs.held_out import (
    CONTAINERS, EVALUATION, SAME, bits_apart, hashes, open_photographs, read_list, read_record, require_unseen)
from recipes.data import generator, to_tensor
from recipes.fills import classical_methods
from recipes.masks import evaluation_mask
from recipes.measures import colour_seam, hole_psnr
from recipes.perceptual import VGGTrunk, distance
from recipes.product import Product
from recipes.tables import means, write_sheets, write_table

SIDE = 512
OPERATIONS = "sd-inpaint", "asuka-inpaint", "seele-remove"


def photographs_of(listed: dict[str, str], folder: Path, record: list[dict]) -> dict[str, Image.Image]:
    """listed: {name: hash} -> {name: picture}; ends the program where one was trained on, or is not the one listed."""
    pictures = open_photographs(list(listed), folder)
    own = {name: hashes(picture) for name, picture in pictures.items()}
    others = [name for name in listed if bits_apart(own[name][0], listed[name]) > SAME]
    if others:
        raise SystemExit("other photographs than those listed:\n" + "\n".join(others))
    require_unseen(own, record)
    return pictures


def trained_on(record: list[dict], count: int) -> list[dict]:
    """`count` photographs that were trained on, spread over those of packages."""
    rows = [row for row in record if row["used for"] == "training" and row["photograph"].partition(":")[0] in CONTAINERS]
    return [rows[number] for number in np.linspace(0, len(rows) - 1, count).astype(int)]


def case_of(name: str, picture: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [H, W, 3] and bool [H, W], a hole of 5 to 20 %; the longer side is SIDE."""
    factor = SIDE / max(picture.size)
    width, height = (round(side * factor) for side in picture.size)
    random = generator(512, int(hashlib.sha256(name.encode()).hexdigest()[:8], 16))
    while True:
        hole = evaluation_mask(SIDE, random)[:height, :width]
        if 0.05 <= hole.mean() <= 0.2:
            return np.asarray(picture.resize((width, height), Image.Resampling.LANCZOS)), hole


def methods_of(product: Product, operations: list[str], settings: list[str], lama: Path | None) -> dict:
    """{name: (picture, hole) -> fill}: each operation as installed and with each of the settings, and its peers."""
    def by(operation, text):
        properties = dict(entry.split("=", 1) for entry in text.split())
        return lambda picture, hole: product.run(operation, picture, hole, **properties)

    methods = {f"{operation} {text}".strip(): by(operation, text) for operation in operations for text in ["", *settings]}
    if lama:
        eraser = Product(product.tool, lama)
        methods["LaMa"] = lambda picture, hole: eraser.run("lama-inpaint", picture, hole)
    return methods | classical_methods()


class Measures:
    """Of the fills of one photograph at a time."""

    def __init__(self):
        self.trunk = VGGTrunk()

    @torch.no_grad()
    def of(self, fills: dict[str, np.ndarray], truth: np.ndarray, hole: np.ndarray) -> dict[str, dict]:
        original = self.trunk(to_tensor(truth[None]))
        return {name: {
            "hole PSNR": hole_psnr(fill, truth, hole),
            "feature distance": float(distance(self.trunk(to_tensor(fill[None])), original)),
            "seam": colour_seam(fill, truth, hole),
        } for name, fill in fills.items()}


def timed(method, picture: np.ndarray, hole: np.ndarray) -> tuple[np.ndarray, float]:
    start = time.monotonic()
    return method(picture, hole), time.monotonic() - start


def square(picture: np.ndarray) -> np.ndarray:
    """On white, SIDE x SIDE, for the contact sheets."""
    height, width = picture.shape[:2]
    return np.pad(picture, ((0, SIDE - height), (0, SIDE - width), (0, 0)), constant_values=255)


def evaluate(cases: dict, methods: dict, measures: Measures, output: Path) -> str:
    """cases: {name: (picture, hole)}. Writes tables and sheets, and returns the table."""
    scores, each, rows = {}, {}, []
    for name, (picture, hole) in tqdm(cases.items()):
        grey = np.where(hole[..., None], np.uint8(128), picture)  # no method gets to see what it is measured against
        made = {method: timed(run, grey, hole) for method, run in methods.items()}
        fills = {method: fill for method, (fill, _) in made.items()}
        measured = measures.of(fills, picture, hole)
        each[name] = {method: row | {"seconds": made[method][1]} for method, row in measured.items()}
        for method, row in each[name].items():
            scores.setdefault(method, []).append(row)
        rows.append([square(tile) for tile in (grey, *fills.values(), picture)])
    (output / "cases.json").write_text(json.dumps(each, indent=2))
    write_sheets(output / "sheet", rows)
    return write_table(output / "table", means(scores))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--list", type=Path, default=EVALUATION, help="of photographs, with perceptual hashes")
    parser.add_argument("--trained", type=Path, action="append", default=[], help="a further such list")
    parser.add_argument("--tune", type=int, metavar="COUNT", help="take so many photographs that were trained on instead")
    parser.add_argument("--tool", default="inpaint")
    parser.add_argument("--operations", nargs="+", default=OPERATIONS)
    parser.add_argument("--settings", nargs="*", default=[], metavar='"NAME=VALUE ..."')
    parser.add_argument("--lama", type=Path, help="a LaMa to compare with")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    record = read_record(arguments.pack / "photographs.csv")
    rows = trained_on(record, arguments.tune) if arguments.tune else read_list(arguments.list)
    trained = [] if arguments.tune else record + [row for path in arguments.trained for row in read_record(path)]
    pictures = photographs_of({row["photograph"]: row["perceptual hash"] for row in rows}, arguments.photographs, trained)
    cases = {name: case_of(name, picture) for name, picture in pictures.items()}
    methods = methods_of(Product(arguments.tool, arguments.pack), arguments.operations, arguments.settings, arguments.lama)
    table = evaluate(cases, methods, Measures(), arguments.output)
    print(f"{len(cases)} photographs; columns of the sheets: hole, {', '.join(methods)}, photograph\n{table}")


if __name__ == "__main__":
    main()
