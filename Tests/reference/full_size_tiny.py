#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Adds a full-size AutoencoderTiny (TAESD's shape) with seeded random weights to the pack of full_size.py.

    python full_size_tiny.py FOLDER        (versions: ../fixtures/requirements.txt)
"""
import argparse
import sys
from pathlib import Path

from diffusers import AutoencoderTiny

sys.path.insert(0, str(Path(__file__).parent.parent / "fixtures"))
from seeded import randomize  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    randomize(AutoencoderTiny(), 4, half=True).half().save_pretrained(arguments.folder / "model/tiny_vae")


if __name__ == "__main__":
    main()
