# SPDX-License-Identifier: LGPL-3.0-or-later
"""The operations themselves, as the tool `inpaint` runs them: regions, passes, colour matching and blending are the product's own."""
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image


class Product:
    """An installed tool with a pack as its model."""

    def __init__(self, tool: str, pack: Path):
        self.tool, self.pack = tool, pack

    def run(self, operation: str, pixels: np.ndarray, hole: np.ndarray | None = None, **properties) -> np.ndarray:
        """uint8 [H, W, 3], bool [H, W] -> uint8 [H', W', 3]; properties by their names with `_` for `-`"""
        with tempfile.TemporaryDirectory() as folder:
            source, mask, result = (str(Path(folder, name)) for name in ("source.png", "mask.png", "result.png"))
            Image.fromarray(pixels).save(source)
            aux = []
            if hole is not None:
                Image.fromarray(hole.astype(np.uint8) * 255).save(mask)
                aux = ["--mask", mask]
            settings = [f"{name.replace('_', '-')}={value}" for name, value in properties.items()]
            command = [self.tool, "run", operation, source, *aux, "-o", result, f"model={self.pack}", *settings]
            finished = subprocess.run(command, capture_output=True, text=True)
            if finished.returncode != 0:
                raise SystemExit(f"{' '.join(command)}\n{finished.stderr}")
            return np.asarray(Image.open(result).convert("RGB"))
