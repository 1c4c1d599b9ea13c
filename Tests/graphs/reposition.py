# SPDX-License-Identifier: LGPL-3.0-or-later
"""A picture with a subject, and inpaint:seele-reposition on it."""
import numpy as np
import pytest
from conftest import AUX, box_mask, photograph
from PIL import Image

BOX = (40, 30, 60, 48)  # of the subject: left, top, right, bottom
SIZE = (160, 120)
AROUND = 5 + 4 + 1  # the removal's grow and feather


def reposition(gegl, *properties, source="in.png", output="out.png", **options):
    settings = ["method=seele", "steps=1", "seed=1", *properties]
    return gegl(source, "-o", output, "--", "inpaint:seele-reposition", *settings, *AUX, **options)


@pytest.fixture
def picture(gegl) -> np.ndarray:
    """in.png with a subject that its mask covers to the pixel"""
    image = photograph(*SIZE)
    image[BOX[1]:BOX[3], BOX[0]:BOX[2]] = np.random.default_rng(2).integers(180, 256, (BOX[3] - BOX[1], BOX[2] - BOX[0], 3))
    Image.fromarray(image).save(gegl.folder / "in.png")
    Image.fromarray(box_mask(*SIZE, box=BOX)).save(gegl.folder / "mask.png")
    return image


def part(image: np.ndarray, box, by=(0, 0), margin: int = 0) -> np.ndarray:
    """The pixels of `box`, moved and grown"""
    left, top, right, bottom = box
    return image[max(top + by[1] - margin, 0):bottom + by[1] + margin, max(left + by[0] - margin, 0):right + by[0] + margin]
