# SPDX-License-Identifier: LGPL-3.0-or-later
"""No photograph of the evaluation was trained on: the committed lists, and the check that finds one. Needs Pillow, and
imagehash for one of them."""
import csv
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from photographs.held_out import (
    EVALUATION, SAME, hashes, is_listed, open_photographs, overlaps, perceptual_hash, read_list, read_record, require_unseen)
from photographs.licences import fits_the_weights

PACK = Path(__file__).parents[2] / "plugin-manifest/models/mini/photographs.csv"
HASH = "b89ecf6d5662e048"
RECORD = [{"photograph": "a:beach.jpg", "used for": "training", "perceptual hash": HASH},
          {"photograph": "a:sky.jpg", "used for": "validation", "perceptual hash": "0" * 16}]


def changed(digits: str, bits: int) -> str:
    return f"{int(digits, 16) ^ (1 << bits) - 1:016x}"


def test_the_pack_was_trained_on_none_of_at_least_40_photographs():
    listed = read_list()
    assert len({row["photograph"] for row in listed}) == len(listed) >= 40
    assert overlaps({row["photograph"]: (row["perceptual hash"],) for row in listed}, read_record(PACK)) == []


def test_the_photographs_of_the_evaluation_differ():
    listed = read_list()
    for number, row in enumerate(listed):
        assert not is_listed(row["photograph"], (row["perceptual hash"],), listed[:number]), row["photograph"]


@pytest.mark.parametrize("path", [EVALUATION, PACK], ids=["evaluation", "pack"])
def test_every_photograph_has_a_source_a_free_licence_and_holders(path):
    for row in read_list(path):
        package, separator, name = row["photograph"].partition(":")
        assert package and separator and name, row
        assert fits_the_weights(row["licence"]), row
        assert row["holders"].strip(), row


def test_a_photograph_that_was_trained_on_is_found_by_its_name_and_by_its_looks():
    assert overlaps({"a:beach.jpg": ("f" * 16,)}, RECORD) == ["a:beach.jpg: trained on"]
    assert "b:sea.jpg: looks like a:beach.jpg" in overlaps({"b:sea.jpg": (changed(HASH, SAME),)}, RECORD)[0]
    mirrored = ("f" * 16, changed(HASH, 2))
    assert "2 of 64 bits apart" in overlaps({"b:sea.jpg": mirrored}, RECORD)[0]
    with pytest.raises(SystemExit, match="no held-out photographs:\nb:sea.jpg"):
        require_unseen({"b:sea.jpg": (HASH,)}, RECORD)


def test_another_photograph_and_one_that_was_held_out_are_none():
    assert overlaps({"b:sea.jpg": (changed(HASH, SAME + 1),), "a:sky.jpg": ("0" * 16,)}, RECORD) == []


def test_a_photograph_of_the_evaluation_is_known_under_another_name():
    listed = [{"photograph": "a:beach.jpg", "perceptual hash": HASH}]
    assert is_listed("a:beach.jpg", ("f" * 16,), listed) and is_listed("b:x.jpg", ("f" * 16, changed(HASH, SAME)), listed)
    assert not is_listed("b:x.jpg", ("f" * 16, changed(HASH, SAME + 1)), listed)


@pytest.mark.parametrize("row", [("a:x.jpg", "", "training"), ("", HASH, "training"), ("a:x.jpg", HASH[:8], "training"), ("a:x.jpg", HASH, "")])
def test_a_record_that_cannot_be_checked_is_an_error(tmp_path, row):
    with open(tmp_path / "photographs.csv", "w", newline="") as file:
        csv.writer(file).writerows([("photograph", "perceptual hash", "used for"), ("a:y.jpg", HASH, "training"), row])
    with pytest.raises(SystemExit, match="photographs.csv: line 3"):
        read_record(tmp_path / "photographs.csv")


def test_a_smaller_mirrored_jpeg_of_a_photograph_is_the_same_and_another_is_not(tmp_path):
    pytest.importorskip("imagehash")
    images = PACK.parents[3] / "examples/images"
    dragonfly = Image.open(images / "dragonfly.jpg").convert("RGB")
    ImageOps.mirror(dragonfly.resize((400, 300))).save(tmp_path / "copy.jpg", quality=60)
    row = {"photograph": "a:dragonfly.jpg", "used for": "training", "perceptual hash": perceptual_hash(dragonfly)}
    assert overlaps({"b:copy.jpg": hashes(Image.open(tmp_path / "copy.jpg"))}, [row]) != []
    assert overlaps({"b:gimp.jpg": hashes(Image.open(images / "gimp-before.jpg").convert("RGB").rotate(90))}, [row]) == []


def test_photographs_are_opened_by_their_names(tmp_path):
    (tmp_path / "mine/sub").mkdir(parents=True)
    for name, color in (("b.png", "red"), ("sub/a.png", "blue"), ("c.png", "green")):
        Image.new("RGB", (9, 6), color).save(tmp_path / "mine" / name)
    pictures = open_photographs(["mine:sub/a.png", "mine:b.png"], tmp_path)
    assert [picture.getpixel((0, 0)) for picture in pictures.values()] == [(0, 0, 255), (255, 0, 0)]
    with pytest.raises(SystemExit, match="mine:d.png"):
        open_photographs(["mine:b.png", "mine:d.png"], tmp_path)
