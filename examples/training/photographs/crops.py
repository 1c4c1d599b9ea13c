# SPDX-License-Identifier: LGPL-3.0-or-later
"""Cuts a photograph into square crops at scales 1, 1/2 and 1/4, where scale 1 has a longer side of 1536 pixels."""
import numpy as np
from PIL import Image

CROP = 256
LONGER_SIDE = 1536
SCALES = (1.0, 0.5, 0.25)
FLATTEST = 3.0  # standard deviation in 8-bit steps; plainer crops teach nothing after the first


def positions(length: int, step: int) -> list[int]:
    """Offsets of crops along one side, evenly spread so that both edges of the photograph are used."""
    count = 1 + max(0, -(-(length - CROP) // step))
    return [round(at) for at in np.linspace(0, length - CROP, count)]


def crops_of(picture: Image.Image):
    """Yields (scale, uint8 [256, 256, 3]). Coarse scales overlap by half, the finest does not."""
    done = set()
    for scale in SCALES:
        factor = min(1.0, LONGER_SIDE / max(picture.size)) * scale
        factor = max(factor, CROP / min(picture.size))
        size = tuple(max(CROP, round(side * factor)) for side in picture.size)
        if size in done:
            continue
        done.add(size)
        pixels = np.asarray(picture.resize(size, Image.Resampling.LANCZOS))
        step = CROP if scale == 1.0 else CROP // 2
        for top in positions(size[1], step):
            for left in positions(size[0], step):
                crop = pixels[top:top + CROP, left:left + CROP]
                if crop.std() >= FLATTEST:
                    yield scale, crop
