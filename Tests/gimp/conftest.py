# SPDX-License-Identifier: LGPL-3.0-or-later
"""Pictures in GIMP 2.10."""
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.register_assert_rewrite("cases", "layer_cases", "canvas_cases", "window_cases", "pixels")
from pictures import AnyPicture, gimp_fixture, pictures_fixture  # noqa: E402
from process import PROCEDURE, Gimp  # noqa: E402


class Picture(AnyPicture):
    GAMMA, OFFSETS, THIRD = "GAMMA", "gimp-drawable-offsets", 0.6  # of perceived lightness

    def load(self, path: Path) -> int:
        image = self.gimp.number(f'(file-png-load RUN-NONINTERACTIVE "{path}" "{path}")')
        self.gimp(f"(gimp-image-undo-enable {image})")  # loaders leave it off
        return image

    def fill_call(self, new_layer: bool = False, settings: str = "steps=1", model: str = "", drawable: int | None = None,
                  seed: int = 1) -> str:
        return (f'({PROCEDURE} RUN-NONINTERACTIVE {self.image} {drawable or self.layer} "a meadow" "" {seed} "{model}" '
                f'{"TRUE" if new_layer else "FALSE"} "{settings}")')

    def extend(self, left=0, right=0, top=0, bottom=0, overlap=0, new_layer=False, settings="steps=1 seed=1"):
        self.gimp(f"(plug-in-inpaint-outpaint RUN-NONINTERACTIVE {self.image} {self.layer} {left} {right} {top} {bottom} "
                  f'{overlap} "a meadow" {"TRUE" if new_layer else "FALSE"} "{settings}")')

    def reposition(self, x: int, y: int, new_layer: bool = False):
        self.gimp(f"(plug-in-inpaint-reposition RUN-NONINTERACTIVE {self.image} {self.layer} {x} {y} 1.0 \"\" FALSE "
                  f'{"TRUE" if new_layer else "FALSE"} "steps=1 seed=1")')

    def size(self) -> tuple[int, int]:
        return tuple(self.gimp.number(f"(gimp-image-{side} {self.image})") for side in ["width", "height"])

    def active_layer(self) -> int:
        return self.gimp.number(f"(gimp-image-get-active-layer {self.image})")

    def copy_layer(self, place: int = 0) -> int:
        copy = self.gimp.number(f"(gimp-layer-copy {self.layer} TRUE)")
        self.gimp(f"(gimp-image-insert-layer {self.image} {copy} 0 {place})")
        return copy

    def new_group(self) -> str:
        return f"(gimp-layer-group-new {self.image})"

    def float_selection(self) -> int:
        return self.gimp.number(f"(gimp-selection-float {self.layer} 0 0)")

    def add_text(self) -> int:
        text = self.gimp.number(f'(gimp-text-layer-new {self.image} "Text" "Sans" 40 PIXELS)')
        self.gimp(f"(gimp-image-insert-layer {self.image} {text} 0 0)")
        return text

    def is_text(self, layer: int) -> bool:
        return self.gimp.number(f"(gimp-item-is-text-layer {layer})") == 1

    def set_profile(self, path: Path):
        self.gimp(f'(gimp-image-set-color-profile-from-file {self.image} "file://{path}")')

    def profile(self) -> str:
        return self.gimp(f"(gimp-image-get-color-profile {self.image})")

    def convert_to_profile(self, path: Path):
        self.gimp(f'(gimp-image-convert-color-profile-from-file {self.image} "file://{path}"'
                  " COLOR-RENDERING-INTENT-RELATIVE-COLORIMETRIC FALSE)")

    def pixels(self, drawable: int | None = None) -> np.ndarray:
        """A layer's values, or those of the image as it is seen."""
        path = self.next_file()
        self.gimp(f'(let* ((copy (car (gimp-image-duplicate {self.image})))'
                  f' (seen (car (gimp-layer-new-from-visible copy copy "seen"))))'
                  f' (gimp-image-insert-layer copy seen 0 0)'
                  f' (file-png-save RUN-NONINTERACTIVE {self.image if drawable else "copy"} {drawable or "seen"} "{path}"'
                  f' "{path}" 0 1 0 0 0 0 0) (gimp-image-delete copy))')
        return np.asarray(Image.open(path))


gimp = gimp_fixture(Gimp)
picture = pictures_fixture(Picture)


@pytest.fixture(scope="session")
def kinds():
    """The classes of a GIMP and of its pictures."""
    return Gimp, Picture
