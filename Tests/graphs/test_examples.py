# SPDX-License-Identifier: LGPL-3.0-or-later
"""The graphs of examples/ do as their comments say."""
import numpy as np
import pytest
from conftest import FEATHER, ROOT, read16
from PIL import Image, ImageFilter
from test_files import JPEG_STEPS

IMAGES = ROOT / "examples/images"
REMOVED = 5 + FEATHER  # pixels around the mask that a removal changes


def run(gegl, graph: str, **options) -> np.ndarray:
    result = gegl(ROOT / f"examples/{graph}.xml", "-o", "out.png", **options)
    assert result.returncode == 0, result.stderr
    return read16(gegl.folder / "out.png")[..., :3].astype(int)


def covered(name: str, margin=0) -> np.ndarray:
    """Where a mask has half of a pixel or more; with the squares around its pixels."""
    mask = Image.open(IMAGES / name).convert("L").filter(ImageFilter.MaxFilter(2 * margin + 1))
    return np.asarray(mask) >= 128


@pytest.fixture
def photograph() -> np.ndarray:
    return np.asarray(Image.open(IMAGES / "dragonfly.jpg").convert("RGB")).astype(int)


def changed(output, photograph):
    return (np.abs(output - photograph) > JPEG_STEPS).any(-1)


@pytest.mark.parametrize("graph, margin", [("fill", FEATHER), ("remove", REMOVED), ("asuka", 4 + FEATHER)])
def test_the_mask_is_filled_and_the_rest_stays(gegl, model, photograph, graph, margin):
    pack = model("mae", "alignment", "harmonizing_decoder")
    differs = changed(run(gegl, graph, GEGL_INPAINT_MODEL=str(pack)), photograph)
    assert differs[covered("dragonfly-mask.png")].mean() > 0.9
    assert not differs[~covered("dragonfly-mask.png", margin)].any()


def test_the_subject_moves(gegl, photograph):
    output = run(gegl, "reposition")
    left, up = 270, 40
    subject = Image.open(IMAGES / "dragonfly-subject.png").convert("L")
    inside = np.asarray(subject.filter(ImageFilter.MinFilter(9))) == 255
    y, x = np.nonzero(inside)
    assert len(y) > 1000 and np.abs(output[y - up, x - left] - photograph[y, x]).max() <= JPEG_STEPS
    differs = changed(output, photograph)
    around = covered("dragonfly-subject.png", 12)  # with its softened edge
    assert differs[inside].mean() > 0.9
    assert not differs[~(around | np.roll(around, (-up, -left), (0, 1)))].any()


def test_the_canvas_grows_on_both_sides_once_the_subject_is_gone(gegl, photograph):
    output = run(gegl, "outpaint")
    assert output.shape == (768, 96 + 1024 + 96, 3)
    differs = changed(output[:, 96:-96], photograph)
    assert differs[covered("dragonfly-mask.png")].mean() > 0.9
    differs[covered("dragonfly-mask.png", REMOVED)] = False
    assert not differs[:, 16:-16].any()  # behind the overlap
    for side in (output[:, :96], output[:, -96:]):
        assert side.std((0, 1)).min() > 5
