# SPDX-License-Identifier: LGPL-3.0-or-later
"""Pictures in GIMP 3."""
import os
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.register_assert_rewrite("cases", "pixels")
sys.path.insert(0, str(Path(__file__).parent.parent / "gimp"))
from pixels import check_changed_inside_only, inside, photograph  # noqa: E402, F401  for the tests
from process import PROCEDURE, ROOT, SYSTEM, Failed, Gimp, wait_until  # noqa: E402, F401

class Gimp3(Gimp):
    PROGRAM, INTERPRETER, FOLDER = "gimp-console-3.0", ["--batch-interpreter=plug-in-script-fu-eval"], "GIMP3_DIRECTORY"
    STOCK_FOLDER = f"{SYSTEM}/gimp/3.0/plug-ins"
    PLUG_IN = "GEGL_INPAINT_TEST_GIMP3_PLUG_IN"


def pytest_collection_modifyitems(items):
    if shutil.which(Gimp3.PROGRAM) is None or Gimp3.PLUG_IN not in os.environ:
        reason = f"takes GIMP 3 and {Gimp3.PLUG_IN}; Debian 13: apt install gimp libgimp-3.0-dev, then Tests/run.sh"
        for item in items:
            item.add_marker(pytest.mark.skip(reason=reason))


def named(settings: str) -> str:
    """name=value pairs as a call's arguments."""
    def value(text):
        return {"true": "TRUE", "false": "FALSE"}.get(text, text if re.fullmatch(r"-?[\d.]+", text) else f'"{text}"')
    pairs = (pair.split("=", 1) for pair in settings.split())
    return " ".join(f"#:{name} {value(text)}" for name, text in pairs)


class Picture:
    """An image in GIMP with a layer of made pixels."""

    def __init__(self, gimp: Gimp, folder: Path, values: np.ndarray, offset=(0, 0), size=None):
        self.gimp, self.folder, self.files = gimp, folder, 0
        path = folder / "made.png"
        Image.fromarray(values).save(path)
        self.image = gimp.number(f'(gimp-file-load RUN-NONINTERACTIVE "{path}")')
        self.layer = self.layers()[0]
        if size:
            gimp(f"(gimp-image-resize {self.image} {size[0]} {size[1]} 0 0)")
        gimp(f"(gimp-layer-set-offsets {self.layer} {offset[0]} {offset[1]})")

    def select(self, x, y, width, height):
        self.gimp(f"(gimp-image-select-rectangle {self.image} CHANNEL-OP-REPLACE {x} {y} {width} {height})")

    def run(self, procedure: str, settings: str, *drawables: int):
        """Over the picture's own layer, or `drawables`."""
        self.gimp(f"({procedure} #:run-mode RUN-NONINTERACTIVE #:image {self.image} "
                  f"#:drawables (vector {' '.join(map(str, drawables or [self.layer]))}) {named(settings)})")

    def fill(self, new_layer: bool = False, settings: str = "steps=1", model: str = "", drawable: int | None = None, seed: int = 1):
        self.run(PROCEDURE, f"prompt=meadow seed={seed} new-layer={str(new_layer).lower()} {settings}"
                 + (f" model={model}" if model else ""), *[drawable] * (drawable is not None))

    def active_layer(self) -> int:
        return int(re.search(r"#\((\d+)\)", self.gimp(f"(gimp-image-get-selected-layers {self.image})"))[1])

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
        """A layer's values, or those of the image as it is seen, with alpha."""
        self.files += 1
        path = self.folder / f"{self.files}.png"
        if drawable:
            self.gimp(f"(define copy (car (gimp-image-new-with-precision (car (gimp-drawable-get-width {drawable}))"
                      f" (car (gimp-drawable-get-height {drawable})) (car (gimp-image-get-base-type {self.image}))"
                      f" (car (gimp-image-get-precision {self.image})))))"
                      f"(define seen (car (gimp-layer-new-from-drawable {drawable} copy)))"
                      "(gimp-image-insert-layer copy seen 0 0) (gimp-layer-set-offsets seen 0 0)")
        else:
            self.gimp(f"(define copy (car (gimp-image-duplicate {self.image})))"
                      "(gimp-layer-add-alpha (car (gimp-image-merge-visible-layers copy CLIP-TO-IMAGE)))")
        self.gimp(f'(file-png-export #:run-mode RUN-NONINTERACTIVE #:image copy #:file "{path}")')
        self.gimp("(gimp-image-delete copy)")
        return np.asarray(Image.open(path))


@pytest.fixture(scope="session")
def gimp(tmp_path_factory):
    gimp = Gimp3(tmp_path_factory.mktemp("gimp"), "-i")
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
