# SPDX-License-Identifier: LGPL-3.0-or-later
"""Photographs that no model of these recipes may learn from: those of `evaluation.csv`, which evaluate_photographs.py fills.

Two photographs count as one where their names are equal, or where the perceptual hash (pHash: Zauner 2010, by imagehash) of
one or of its mirror image is within SAME of the other's 64 bits. Names are "PACKAGE:PATH", as in photographs.csv.
"""
import csv
import re
from pathlib import Path

from PIL import Image, ImageOps

from .containers import pictures_in, unpack_package
from .packages import PACKAGES

EVALUATION = Path(__file__).with_name("evaluation.csv")
SAME = 10  # bits; different photographs: none of 360,000 pairs was below 12. A smaller JPEG of the same: 0 to 4
DIGITS = re.compile("[0-9a-f]{16}")
CONTAINERS = {package.name: package.container for package in PACKAGES}


def perceptual_hash(picture: Image.Image) -> str:
    """16 hexadecimal digits"""
    import imagehash  # only here: all else runs without it, as the tests on Debian's Python do
    return str(imagehash.phash(picture))


def hashes(picture: Image.Image) -> tuple[str, str]:
    """Of the picture and of its mirror image."""
    return perceptual_hash(picture), perceptual_hash(ImageOps.mirror(picture))


def bits_apart(a: str, b: str) -> int:
    return (int(a, 16) ^ int(b, 16)).bit_count()


def nearest(digits: tuple[str, ...], row: dict[str, str]) -> int:
    """Bits between a photograph of a table and the more similar of a picture and its mirror image."""
    return min(bits_apart(one, row["perceptual hash"]) for one in digits)


def read_list(path: Path = EVALUATION) -> list[dict[str, str]]:
    """The rows of a table of photographs: a name and a perceptual hash, and what else it has."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows, 2):
        if not row.get("photograph") or not DIGITS.fullmatch(row.get("perceptual hash") or ""):
            raise SystemExit(f"{path}: line {number}: no photograph's name with a perceptual hash beside it")
    return rows


def read_record(path: Path) -> list[dict[str, str]]:
    """Such a table that also says what each photograph was used for: of a pack, or of collect_photographs.py."""
    rows = read_list(path)
    for number, row in enumerate(rows, 2):
        if row.get("used for") not in ("training", "validation"):
            raise SystemExit(f"{path}: line {number}: `used for` is neither training nor validation")
    return rows


def overlaps(own: dict[str, tuple[str, ...]], record: list[dict[str, str]]) -> list[str]:
    """Which photographs {name: hashes} were trained on, and why that is thought, one line for each."""
    trained = [row for row in record if row["used for"] == "training"]
    names, found = {row["photograph"] for row in trained}, []
    for name, digits in own.items():
        if name in names:
            found.append(f"{name}: trained on")
            continue
        for row in trained:
            apart = nearest(digits, row)
            if apart <= SAME:
                found.append(f"{name}: looks like {row['photograph']}, which was trained on ({apart} of 64 bits apart)")
    return found


def require_unseen(own: dict[str, tuple[str, ...]], record: list[dict[str, str]]):
    """Ends the program where a photograph was trained on."""
    found = overlaps(own, record)
    if found:
        raise SystemExit("These are no held-out photographs:\n" + "\n".join(found))


def is_listed(name: str, digits: tuple[str, ...], listed: list[dict[str, str]]) -> bool:
    """Whether a photograph is one of those listed, by its name or its hashes."""
    return any(name == row["photograph"] or nearest(digits, row) <= SAME for row in listed)


def upright(picture: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(picture).convert("RGB")


def open_photographs(names: list[str], folder: Path) -> dict[str, Image.Image]:
    """{name: picture} from FOLDER/PACKAGE/PATH; a package that is not there is fetched with apt."""
    pictures = {}
    for package in dict.fromkeys(name.partition(":")[0] for name in names):
        unpacked = unpack_package(package, folder)
        for path, opener in pictures_in(unpacked, CONTAINERS.get(package, "files")):
            if f"{package}:{path}" in names:
                pictures[f"{package}:{path}"] = upright(opener())
    missing = [name for name in names if name not in pictures]
    if missing:
        raise SystemExit(f"not in {folder}, whose packages may be of another version of Debian:\n" + "\n".join(missing))
    return {name: pictures[name] for name in names}
