#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""The tables of ASUKA's talk in miniature, on held-out photographs with a pack that has ASUKA's parts.

    python evaluate_asuka.py --data DATA --pack PACK --output RUNS/asuka --prompt RUNS/prompt/ema/inpaint.safetensors \\
        --decoders +cond=RUNS/cond/ema +colour=RUNS/colour/ema --alignments linear=RUNS/linear/ema cross-4=RUNS/cross/ema

methods     inpaint:asuka-inpaint as the pack recommends; with the model's own detail that, also by the pack's decoder, and
            inpaint:sd-inpaint, decoded plainly, with an empty prompt and color-match, "background", a learned prompt,
            RePaint; the masked autoencoder alone; classical fills
decoders    the plain and the pack's decoder, where it has one, and those of --decoders, on the same latents
alignments  the pack's alignment module, and those of --alignments, and no prior

The methods are the operations' own, through the installed tool. Decoders and alignments go through PyTorch, which decodes the
same latents in several ways, with the same noise and without colour matching. The feature distance is that of
recipes/perceptual.py, the other measures those of recipes/measures.py. Invented objects are looked for in holes of plain
surroundings, which are searched for among the held-out crops. Writes table.json, table.md, and sheets.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import torch
from skimage.metrics import peak_signal_noise_ratio
from tqdm import tqdm

from recipes.alignment import AlignmentModule
from recipes.asuka import Asuka
from recipes.data import Crops, generator, to_tensor
from recipes.fills import Pack, classical_methods
from recipes.harmonizing_decoder import HarmonizingDecoder
from recipes.masks import blob, evaluation_mask
from recipes.measures import NOTICED, colour_seam, hole_psnr, invented_share, surroundings_are_plain
from recipes.perceptual import VGGTrunk, feature_distance
from recipes.product import Product
from recipes.tables import markdown, means, write_sheets


def named_folder(text: str) -> tuple[str, Path]:
    name, separator, folder = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text}: expected NAME=FOLDER")
    return name, Path(folder)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--decoders", type=named_folder, nargs="*", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--alignments", type=named_folder, nargs="*", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--prompt", type=Path, help="a learned prompt, safetensors with one tensor [L, D]")
    parser.add_argument("--count", type=int, default=48, help="held-out crops to fill")
    parser.add_argument("--plain-count", type=int, default=32, help="holes of plain surroundings to fill")
    parser.add_argument("--tool", default="inpaint")
    parser.add_argument("--steps", type=int, default=20, help="of decoders and alignments")
    parser.add_argument("--repaint-steps", type=int, default=20)
    return parser.parse_args()


def plain_cases(crops: Crops, count: int) -> list:
    """Up to `count` held-out crops in varied order with a blob whose surroundings are plain: at most one hole a crop."""
    cases = []
    for number, index in enumerate(generator(2, 0).permutation(crops.validation)):
        picture = np.asarray(crops.pixels[index])
        random = generator(3, number)
        holes = (blob(len(picture), random, random.uniform(0.03, 0.12)) for _ in range(4))
        hole = next((hole for hole in holes if hole.any() and surroundings_are_plain(picture, hole)), None)
        if hole is not None:
            cases.append((picture, hole))
        if len(cases) == count:
            break
    return cases


class Tables:
    """One table after another, of what each method makes of the same cases."""

    def __init__(self, cases, plain, output: Path):
        self.cases, self.plain, self.output = cases, plain, output
        self.trunk, self.tables = VGGTrunk(), {}

    @torch.no_grad()
    def measure(self, fill: np.ndarray, truth: np.ndarray, hole: np.ndarray) -> dict:
        return {
            "PSNR": peak_signal_noise_ratio(truth, fill, data_range=255),
            "hole PSNR": hole_psnr(fill, truth, hole),
            "feature distance": float(feature_distance(self.trunk, to_tensor(fill[None]), to_tensor(truth[None]))),
            "colour seam": colour_seam(fill, truth, hole),
        }

    def add(self, name: str, fills_of) -> None:
        """fills_of: picture, hole -> {method: fill}"""
        scores, invented, rows, plain_rows = {}, {}, [], []
        for picture, hole in tqdm(self.cases, desc=name):
            fills = fills_of(picture, hole)
            for method, fill in fills.items():
                scores.setdefault(method, []).append(self.measure(fill, picture, hole))
            rows.append([np.where(hole[..., None], np.uint8(128), picture), *fills.values(), picture])
        for picture, hole in tqdm(self.plain, desc=f"{name}, plain surroundings"):
            fills = fills_of(picture, hole)
            for method, fill in fills.items():
                share = invented_share(fill, hole)
                invented.setdefault(method, []).append(
                    {"invented share": share, "invented objects": share > NOTICED, "plain colour seam": colour_seam(fill, picture, hole)})
            plain_rows.append([np.where(hole[..., None], np.uint8(128), picture), *fills.values(), picture])
        table = means(scores)
        for method, row in means(invented).items():
            table[method].update(row)
        self.tables[name] = table
        write_sheets(self.output / name, rows)
        write_sheets(self.output / f"{name}-plain", plain_rows)
        self.write()
        print(f"columns of the sheets {name}: hole, " + ", ".join(table) + ", truth\n" + markdown(table))

    def write(self):
        counts = {"cases": len(self.cases), "plain cases": len(self.plain)}
        (self.output / "table.json").write_text(json.dumps({**counts, **self.tables}, indent=2))
        sections = [f"{name}: {counts['cases']} pictures, {counts['plain cases']} with plain surroundings\n\n{markdown(table)}"
                    for name, table in self.tables.items()]
        (self.output / "table.md").write_text("\n".join(sections))


def main():
    arguments = parse_arguments()
    arguments.output.mkdir(parents=True, exist_ok=True)
    crops, pack = Crops(arguments.data), Pack(arguments.pack, arguments.steps)
    asuka, product = Asuka(pack, arguments.pack), Product(arguments.tool, arguments.pack)
    decoders = {name: HarmonizingDecoder.from_part(folder) for name, folder in arguments.decoders}
    if asuka.decoder:
        decoders["pack"] = asuka.decoder
    alignments = {name: AlignmentModule.from_part(folder) for name, folder in arguments.alignments} | {"pack": asuka.alignment}
    cases = [(np.asarray(crops.pixels[index]), evaluation_mask(crops.pixels.shape[1], generator(0, number)))
             for number, index in enumerate(crops.validation_sample(arguments.count))]
    tables = Tables(cases, plain_cases(crops, arguments.plain_count), arguments.output)

    def by_method(picture, hole) -> dict:
        def fill(operation="sd-inpaint", decoder="plain", **properties):
            return product.run(operation, picture, hole, decoder=decoder, detail="model", **properties)

        fills = {
            "asuka-inpaint": product.run("asuka-inpaint", picture, hole), "asuka, the model's detail": fill("asuka-inpaint"),
            "sd-inpaint": fill(color_match="false"), "color-match": fill(), "background": fill(prompt="background"),
            "RePaint": fill(color_match="false", sampler="repaint", steps=arguments.repaint_steps)}
        if asuka.decoder:
            fills["asuka, harmonizing"] = fill("asuka-inpaint", "harmonizing")
        if arguments.prompt:
            fills["learned prompt"] = fill(task_prompt=arguments.prompt)
        _, prior = asuka.prior(picture, hole)
        return fills | {"MAE": prior} | {name: method(picture, hole) for name, method in classical_methods().items()}

    def by_decoder(picture, hole) -> dict:
        latents = asuka.latents(asuka.alignment, asuka.prior(picture, hole)[0], picture, hole)
        fills = {"VAE": pack.decode(latents, picture, hole)}
        return fills | {name: asuka.decode(decoder, latents, picture, hole) for name, decoder in decoders.items()}

    def by_alignment(picture, hole) -> dict:
        features, _ = asuka.prior(picture, hole)
        fills = {name: pack.decode(asuka.latents(module, features, picture, hole), picture, hole)
                 for name, module in alignments.items()}
        return fills | {"no prior": pack.fill(picture, hole)}

    tables.add("methods", by_method)
    if decoders:
        tables.add("decoders", by_decoder)
    tables.add("alignments", by_alignment)


if __name__ == "__main__":
    main()
