#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Times whole runs of sd-inpaint at 512 x 512: twenty guided steps, those made cheaper, four LCM steps, and these with a tiny
autoencoder.

    python few_steps.py FOLDER --tool .build/release/inpaint --rounds 2

FOLDER is one of Tests/reference/full_size.py (sd15) and full_size_tiny.py, and is made by them if it is not there. In each
round each kind of run has one turn, a process of its own that makes two pictures: until the first is written the model is read
as well, the second takes what is loaded, as a host does. Memory is the process's peak. The four steps use the pack's own
weights, whose passes take as long as an LCM's. The table, with the figures of each round and the ratio of the medians of the
second pictures, goes to standard output.
"""
import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from compare import HERE, output_and_peak

REFERENCE = HERE.parent.parent / "Tests/reference"
GUIDED = ["sampler=ddim", "steps=20", "guidance=7.5"]
FOUR = ["sampler=lcm", "steps=4", "guidance=1"]
RUNS = {
    "20 guided steps": GUIDED,
    "20 steps, guided to 0.5": GUIDED + ["guidance-to=0.5"],
    "20 guided steps, cache-interval 3": GUIDED + ["cache-interval=3"],
    "4 LCM steps": FOUR,
    "4 LCM steps, tiny autoencoder": FOUR + ["autoencoder=tiny"],
}


def make_pack(folder: Path):
    if not (folder / "model/unet").is_dir():
        output_and_peak([sys.executable, REFERENCE / "full_size.py", "sd15", folder])
    if not (folder / "model/tiny_vae").is_dir():
        output_and_peak([sys.executable, REFERENCE / "full_size_tiny.py", folder])


def make_pictures(folder: Path):
    from PIL import Image
    Image.linear_gradient("L").resize((512, 512)).convert("RGB").save(folder / "photo.png")
    mask = Image.new("L", (512, 512))
    mask.paste(255, (160, 160, 352, 352))
    mask.save(folder / "mask.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tool", default="inpaint", help="this project's program")
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    make_pack(arguments.folder)
    turns = {name: [] for name in RUNS}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_pictures(folder)
        for number in range(1, arguments.rounds + 1):
            for name, settings in RUNS.items():
                start = time.time()
                _, peak = output_and_peak([arguments.tool, "run", "sd-inpaint", folder / "photo.png", "--mask", folder / "mask.png",
                                           "-o", folder / "filled.png", "--count", 2, f"model={arguments.folder / 'model'}",
                                           "prompt=a meadow", "negative-prompt=blur", "crop=whole", "detail=model", *settings])
                first, second = ((folder / f"filled-{index}.png").stat().st_mtime for index in (1, 2))
                turns[name].append((first - start, second - first, peak))
                figures = f"{first - start:.1f} s, then {second - first:.1f} s, {peak} MB"
                print(f"round {number}: {name}: {figures}", file=sys.stderr, flush=True)
    longest = median(second for _, second, _ in next(iter(turns.values())))
    print("| run | first picture, s | second picture, s | ratio | peak memory, MB |\n|---|---|---|---|---|")
    for name, rounds in turns.items():
        firsts, seconds, peaks = zip(*rounds)
        cells = (", ".join(f"{value:,.{digits}f}" for value in values) for values, digits in ((firsts, 1), (seconds, 1), (peaks, 0)))
        first, second, peak = cells
        print(f"| {name} | {first} | {second} | {median(seconds) / longest:.3f} | {peak} |")


if __name__ == "__main__":
    main()
