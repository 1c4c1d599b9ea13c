#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Writes big-LaMa with seeded weights, and what PyTorch makes of a picture.

    python full_size_lama.py FOLDER [--size 512]     (versions: ../fixtures/requirements.txt)

FOLDER/lama.safetensors is the model, FOLDER/lama-reference.safetensors the picture and the result, as [1, H, W, C]. Prints
the seconds of a second pass and the process's peak memory.
"""
import argparse
import resource
import sys
import time
from pathlib import Path

import torch
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "fixtures/lama"))
from generator import Generator, randomized  # noqa: E402


@torch.inference_mode()
def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=512)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    generator = randomized(Generator(), seed=1)
    size = arguments.size
    image = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(2))
    mask = torch.zeros(1, 1, size, size)
    mask[..., size // 4:size // 2, size // 3:size // 2] = 1
    x = torch.cat([image * (1 - mask), mask], 1)
    for _ in range(2):
        start = time.perf_counter()
        output = generator(x)
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"PyTorch {torch.__version__}: {seconds:.2f} s, peak {peak} MB")
    save_file(generator.state_dict(), arguments.folder / "lama.safetensors")
    named = {"image": image, "mask": mask, "output": output}
    save_file({key: value.movedim(1, -1).contiguous() for key, value in named.items()},
              arguments.folder / "lama-reference.safetensors")


if __name__ == "__main__":
    main()
