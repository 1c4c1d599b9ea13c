# SPDX-License-Identifier: LGPL-3.0-or-later
"""Grids of pictures as PNG."""
from pathlib import Path

import numpy as np
from PIL import Image

GAP = 2


def save_grid(path: Path, rows: list[list[np.ndarray]]):
    """rows: equal-sized uint8 [H, W, 3] pictures, row by row."""
    height, width = rows[0][0].shape[:2]
    canvas = np.full((len(rows) * (height + GAP), len(rows[0]) * (width + GAP), 3), 255, np.uint8)
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            top, left = y * (height + GAP), x * (width + GAP)
            canvas[top:top + height, left:left + width] = picture
    Image.fromarray(canvas).save(path)
