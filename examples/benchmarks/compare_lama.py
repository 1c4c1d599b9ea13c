#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Times gegl-inpaint and PyTorch in turn, float32, on the same big-LaMa with seeded weights.

    python compare_lama.py FOLDER --tool .build/release/inpaint --rounds 3 --size 512

FOLDER/lama.safetensors is made by Tests/reference/full_size_lama.py if it is not there. As compare.py: a process of its own
for each turn, on as many threads as it may use, with the model loaded; of two passes the lesser counts; memory is the process's
peak. The table goes to standard output.
"""
import argparse
import json
import os
import sys
import time
from pathlib import Path
from statistics import median

from compare import output_and_peak

REFERENCE = Path(__file__).resolve().parents[2] / "Tests/reference/full_size_lama.py"


def time_pytorch(folder: Path, side: int):
    """Prints the seconds of a pass."""
    import torch
    from safetensors.torch import load_file
    sys.path.insert(0, str(REFERENCE.parents[1] / "fixtures/lama"))
    from generator import Generator
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    generator = Generator()
    generator.load_state_dict(load_file(folder / "lama.safetensors"))
    generator.eval()
    x, seconds = torch.full((1, 4, side, side), 0.5), []
    with torch.inference_mode():
        for _ in range(2):
            start = time.perf_counter()
            generator(x)
            seconds.append(time.perf_counter() - start)
    print(min(seconds))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tool", default="inpaint", help="this project's program")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=512, help="side of the picture in pixels, a multiple of 64")
    parser.add_argument("--pytorch", action="store_true", help="only print PyTorch's seconds")
    arguments = parser.parse_args()
    model, size = arguments.folder / "lama.safetensors", arguments.size
    if arguments.pytorch:
        return time_pytorch(arguments.folder, size)
    if not model.exists():
        output_and_peak([sys.executable, REFERENCE, arguments.folder])
    rounds = {"gegl-inpaint": [], "PyTorch": []}
    for number in range(arguments.rounds):
        output, peak = output_and_peak([arguments.tool, "bench", "--model", model, "--size", size, "--turns", 2, "--json"])
        seconds = {row["part"]: row["seconds"] for row in json.loads(output)["parts"]}
        rounds["gegl-inpaint"].append((seconds["LaMa"], peak))
        output, peak = output_and_peak([sys.executable, __file__, arguments.folder, "--size", size, "--pytorch"])
        rounds["PyTorch"].append((float(output.splitlines()[-1]), peak))
        figures = (f"{name} {turns[-1][0]:.2f} s, {turns[-1][1]} MB" for name, turns in rounds.items())
        print(f"round {number + 1}: {', '.join(figures)}", file=sys.stderr, flush=True)
    print("| | " + " | ".join(rounds) + " | ratio |\n|---|---|---|---|")
    for row, index, digits in ("seconds", 0, 2), ("peak memory, MB", 1, 0):
        own, other = (median(turn[index] for turn in turns) for turns in rounds.values())
        print(f"| {row} | {own:.{digits}f} | {other:.{digits}f} | {own / other:.2f} |")


if __name__ == "__main__":
    main()
