# SPDX-License-Identifier: LGPL-3.0-or-later
"""Cuts a photograph into square crops at scales 1, 1/2 and 1/4, where scale 1 has a longer side of 1536 pixels."""
import numpy as np
from PIL import Image

LONGER_SIDE = 1536
SCALES = (1.0, 0.5, 0.25)
FLATTEST = 3.0  # standard deviation in 8-bit steps; plainer crops teach nothing after the first


def positions(length: int, crop: int, step: int) -> list[int]:
    """Offsets of crops along one side, evenly spread so that both edges of the photograph are used."""
    count = 1 + max(0, -(-(length - crop) // step))
    return [round(at) for at in np.linspace(0, length - crop, count)]


def crops_of(picture: Image.Image, crop: int):
    """Yields (scale, uint8 [crop, crop, 3]). Coarse scales overlap by half, the finest does not."""
    done = set()
    for scale in SCALES:
        factor = min(1.0, LONGER_SIDE / max(picture.size)) * scale
        factor = max(factor, crop / min(picture.size))
        size = tuple(max(crop, round(side * factor)) for side in picture.size)
        if size in done:
            continue
        done.add(size)
        pixels = np.asarray(picture.resize(size, Image.Resampling.LANCZOS))
        step = crop if scale == 1.0 else crop // 2
        for top in positions(size[1], crop, step):
            for left in positions(size[0], crop, step):
                square = pixels[top:top + crop, left:left + crop]
                if square.std() >= FLATTEST:
                    yield scale, square
