# SPDX-License-Identifier: LGPL-3.0-or-later
"""Cases that other programs fill, and what comes back. Needs numpy and Pillow only."""
import numpy as np
import pytest
from PIL import Image

from recipes.others import OtherFills, write_cases


@pytest.fixture
def cases():
    random = np.random.default_rng(1)
    hole = np.zeros((24, 32), bool)
    hole[5:12, 8:20] = True
    return [(random.integers(256, size=(24, 32, 3), dtype=np.uint8), hole) for _ in range(2)]


def test_cases_hide_what_the_hole_covers(tmp_path, cases):
    write_cases(tmp_path / "cases", cases)
    assert sorted(path.name for path in (tmp_path / "cases").iterdir()) == ["000.png", "000_mask.png", "001.png", "001_mask.png"]
    picture, hole = cases[1]
    written = np.asarray(Image.open(tmp_path / "cases/001.png"))
    assert (written[hole] == 128).all() and (written[~hole] == picture[~hole]).all()
    assert ((np.asarray(Image.open(tmp_path / "cases/001_mask.png")) > 0) == hole).all()


def test_only_the_hole_of_a_fill_counts(tmp_path, cases):
    for method, color in (("MAT", 10), ("ZITS", 20)):
        (tmp_path / method).mkdir()
        for number in range(2):
            Image.new("RGB", (32, 24), (color,) * 3).save(tmp_path / method / f"{number:03d}.png")
    (picture, hole), fills = cases[1], OtherFills(tmp_path)
    made = fills.of(1, picture, hole)
    assert list(made) == ["MAT", "ZITS"]
    assert (made["ZITS"][hole] == 20).all() and (made["ZITS"][~hole] == picture[~hole]).all()


def test_what_is_missing_is_named(tmp_path, cases):
    with pytest.raises(SystemExit, match="no folders"):
        OtherFills(tmp_path)
    (tmp_path / "MAT").mkdir()
    with pytest.raises(SystemExit, match="000.png: missing"):
        OtherFills(tmp_path).of(0, *cases[0])
    Image.new("RGB", (16, 24)).save(tmp_path / "MAT/000.png")
    with pytest.raises(SystemExit, match="16 x 24 pixels, the case has 32 x 24"):
        OtherFills(tmp_path).of(0, *cases[0])
