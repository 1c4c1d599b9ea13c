# SPDX-License-Identifier: LGPL-3.0-or-later
"""Images in a GIMP, whichever it is: what it calls otherwise than another is in the Picture of its own conftest."""
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from process import Gimp


class AnyPicture:
    """An image with a layer of made pixels, at `offset` in an image of `size`."""

    def __init__(self, gimp: Gimp, folder: Path, values: np.ndarray, offset=(0, 0), size=None):
        self.gimp, self.folder, self.files = gimp, folder, 0
        path = folder / "made.png"
        Image.fromarray(values).save(path)
        self.image = self.load(path)
        self.layer = self.layers()[0]
        if size:
            gimp(f"(gimp-image-resize {self.image} {size[0]} {size[1]} 0 0)")
        self.move(*offset)

    def numbers(self, call: str) -> list[int]:
        """The first vector that `call` returns."""
        return [int(text) for text in re.search(r"#\((.*?)\)", self.gimp(call))[1].split()]

    def move(self, x: int, y: int):
        self.gimp(f"(gimp-layer-set-offsets {self.layer} {x} {y})")

    def offsets(self, layer: int) -> tuple[int, ...]:
        return tuple(int(text) for text in re.search(r"\((-?\d+) (-?\d+)\)", self.gimp(f"({self.OFFSETS} {layer})")).groups())

    def select(self, x, y, width, height):
        self.gimp(f"(gimp-image-select-rectangle {self.image} CHANNEL-OP-REPLACE {x} {y} {width} {height})")

    def soften_selection(self):
        """What is selected becomes selected by about a third."""
        selection = self.gimp.number(f"(gimp-image-get-selection {self.image})")
        self.gimp(f"(gimp-drawable-levels {selection} HISTOGRAM-VALUE 0 1 FALSE 1 0 {self.THIRD} FALSE)")

    def selection_bounds(self) -> list[int]:
        """x, y, and behind the last pixel"""
        answer = self.gimp(f"(gimp-selection-bounds {self.image})")
        return [int(text) for text in re.search(r"\((?:1|#t) ([-\d ]+)\)", answer)[1].split()]

    def lock(self, what: str):
        """what: the calls' name of it, without gimp"""
        self.gimp(f"(gimp-{what} {self.layer} TRUE)")

    def add_mask(self, edited: bool) -> int:
        mask = self.gimp.number(f"(gimp-layer-create-mask {self.layer} ADD-MASK-WHITE)")
        self.gimp(f"(gimp-layer-add-mask {self.layer} {mask})")
        self.gimp(f"(gimp-layer-set-edit-mask {self.layer} {'TRUE' if edited else 'FALSE'})")
        return mask

    def convert(self, precision: str):
        self.gimp(f"(gimp-image-convert-precision {self.image} PRECISION-{precision.replace('GAMMA', self.GAMMA)})")

    def layers(self) -> list[int]:
        """From the top."""
        return self.numbers(f"(gimp-image-get-layers {self.image})")

    def children(self, group: int) -> list[int]:
        return self.numbers(f"(gimp-item-get-children {group})")

    def name(self, item: int) -> str:
        return re.search(r'"(.*)"', self.gimp(f"(gimp-item-get-name {item})"))[1]

    def is_visible(self, item: int) -> bool:
        return bool(re.search(r"\((1|#t)\)", self.gimp(f"(gimp-item-get-visible {item})")))

    def put_in_group(self) -> int:
        group = self.gimp.number(self.new_group())
        self.gimp(f"(gimp-image-insert-layer {self.image} {group} 0 0)")
        self.gimp(f"(gimp-image-reorder-item {self.image} {self.layer} {group} 0)")
        return group

    def fill(self, *arguments, **named):
        """See the Picture's own `fill_call`."""
        self.gimp(self.fill_call(*arguments, **named))

    def next_file(self) -> Path:
        self.files += 1
        return self.folder / f"{self.files}.png"


def pictures_fixture(kind):
    """A fixture that makes pictures of the test's own, and removes them."""
    @pytest.fixture
    def picture(gimp, tmp_path):
        made = []

        def make(values: np.ndarray, **options) -> AnyPicture:
            folder = tmp_path / str(len(made))
            folder.mkdir()
            made.append(kind(gimp, folder, values, **options))
            return made[-1]

        yield make
        for one in made:
            gimp(f"(gimp-image-delete {one.image})")

    return picture


def gimp_fixture(kind):
    """A fixture of the one GIMP without a window that serves all tests."""
    @pytest.fixture(scope="session")
    def gimp(tmp_path_factory):
        gimp = kind(tmp_path_factory.mktemp("gimp"), "-i")
        yield gimp
        gimp.close()

    return gimp
