# SPDX-License-Identifier: LGPL-3.0-or-later
"""Pictures in GIMP 2.10."""
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.register_assert_rewrite("cases", "pixels")
from pixels import check_changed_inside_only, inside, photograph  # noqa: E402, F401  for the tests
from process import PACKS, PROCEDURE, ROOT, Failed, Gimp, wait_until  # noqa: E402, F401


class Picture:
    """An image in GIMP with a layer of made pixels."""

    def __init__(self, gimp: Gimp, folder: Path, values: np.ndarray, offset=(0, 0), size=None):
        self.gimp, self.folder, self.files = gimp, folder, 0
        path = folder / "made.png"
        Image.fromarray(values).save(path)
        self.image = gimp.number(f'(file-png-load RUN-NONINTERACTIVE "{path}" "{path}")')
        self.layer = gimp.number(f"(gimp-image-get-active-drawable {self.image})")
        if size:
            gimp(f"(gimp-image-resize {self.image} {size[0]} {size[1]} 0 0)")
        gimp(f"(gimp-layer-set-offsets {self.layer} {offset[0]} {offset[1]})")
        gimp(f"(gimp-image-undo-enable {self.image})")  # loaders leave it off

    def select(self, x, y, width, height):
        self.gimp(f"(gimp-image-select-rectangle {self.image} CHANNEL-OP-REPLACE {x} {y} {width} {height})")

    def fill(self, new_layer: bool = False, settings: str = "steps=1", model: str = "", drawable: int | None = None, seed: int = 1):
        self.gimp(f'({PROCEDURE} RUN-NONINTERACTIVE {self.image} {drawable or self.layer} "a meadow" "" {seed} "{model}" '
                  f'{"TRUE" if new_layer else "FALSE"} "{settings}")')

    def active_layer(self) -> int:
        return self.gimp.number(f"(gimp-image-get-active-layer {self.image})")

    def layers(self) -> list[int]:
        """From the top."""
        return [int(text) for text in re.search(r"#\((.*?)\)", self.gimp(f"(gimp-image-get-layers {self.image})"))[1].split()]

    def children(self, group: int) -> list[int]:
        """From the top."""
        return [int(text) for text in re.search(r"#\((.*?)\)", self.gimp(f"(gimp-item-get-children {group})"))[1].split()]

    def name(self, item: int) -> str:
        return re.search(r'"(.*)"', self.gimp(f"(gimp-item-get-name {item})"))[1]

    def is_visible(self, item: int) -> bool:
        return self.gimp.number(f"(gimp-item-get-visible {item})") == 1

    def pixels(self, drawable: int | None = None) -> np.ndarray:
        """A layer's values, or those of the image as it is seen."""
        self.files += 1
        path = self.folder / f"{self.files}.png"
        self.gimp(f'(let* ((copy (car (gimp-image-duplicate {self.image})))'
                  f' (seen (car (gimp-layer-new-from-visible copy copy "seen"))))'
                  f' (gimp-image-insert-layer copy seen 0 0)'
                  f' (file-png-save RUN-NONINTERACTIVE {self.image if drawable else "copy"} {drawable or "seen"} "{path}"'
                  f' "{path}" 0 1 0 0 0 0 0) (gimp-image-delete copy))')
        return np.asarray(Image.open(path))


@pytest.fixture(scope="session")
def gimp(tmp_path_factory):
    gimp = Gimp(tmp_path_factory.mktemp("gimp"), "-i")
    yield gimp
    gimp.close()


@pytest.fixture
def picture(gimp, tmp_path):
    """Makes pictures of the test's own, and removes them."""
    made = []

    def make(values: np.ndarray, **options) -> Picture:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Picture(gimp, folder, values, **options))
        return made[-1]

    yield make
    for one in made:
        gimp(f"(gimp-image-delete {one.image})")
