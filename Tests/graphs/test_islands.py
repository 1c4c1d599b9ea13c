# SPDX-License-Identifier: LGPL-3.0-or-later
"""Masks with several holes, and with long thin ones."""
import numpy as np
from conftest import ROOT, photograph, read16
from PIL import Image

MINI = f"model={ROOT}/plugin-manifest/models/mini"


def masks(gegl, size, *boxes):
    """mask.png with all boxes, and mask0.png, mask1.png, ... with one each; x, y, right, bottom."""
    values = np.zeros((len(boxes), size[1], size[0]), np.uint8)
    for mask, (x, y, right, bottom) in zip(values, boxes):
        mask[y:bottom, x:right] = 255
    for name, mask in zip(["", *range(len(boxes))], [values.max(0), *values]):
        Image.fromarray(mask).save(gegl.folder / f"mask{name}.png")
    return values.max(0) > 0


def test_holes_that_lie_apart_are_filled_together_as_each_alone(gegl):
    image = photograph(500, 300)
    Image.fromarray(image).save(gegl.folder / "in.png")
    masks(gegl, (500, 300), (20, 30, 40, 45), (440, 10, 460, 60), (250, 230, 310, 260))
    expected = image.copy()
    for part in range(3):
        assert gegl.fill(mask=f"mask{part}.png").returncode == 0
        alone = read16(gegl.folder / "out.png")
        changed = (alone != image).any(-1)
        assert changed.sum() > 300 and (expected == image)[changed].all()
        expected[changed] = alone[changed]
    assert gegl.fill().returncode == 0
    assert (read16(gegl.folder / "out.png") == expected).all()


def test_a_wire_across_the_picture_leaves_no_band(gegl):
    """With the mini pack: it paints well enough for the fill to go unseen in what is smooth."""
    size = (1600, 600)
    y, x = np.mgrid[:size[1], :size[0]]
    sky = np.stack([70 + x / 40, 110 + y / 30, 180 - x / 50 + y / 40], -1)
    Image.fromarray(sky.round().astype(np.uint8)).save(gegl.folder / "in.png")
    hole = masks(gegl, size, (0, 300, 1600, 308))
    result = gegl.fill("in.png", MINI, "color-match=true", steps=1)
    assert result.returncode == 0, result.stderr
    error = np.abs(read16(gegl.folder / "out.png")[hole] - sky[hole])
    assert error.mean() < 2, error.mean()
