# SPDX-License-Identifier: LGPL-3.0-or-later
"""Pictures in GIMP 3."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "gimp"))
pytest.register_assert_rewrite("cases", "layer_cases", "canvas_cases", "window_cases", "pixels")
from pictures import AnyPicture, gimp_fixture, pictures_fixture  # noqa: E402
from process import PROCEDURE, SYSTEM, Gimp  # noqa: E402


KEPT = "GimpProcedureConfigRun-"  # how the names begin of what GIMP keeps of a run


def version() -> str:
    """GIMP's; one that it does not know from its settings has it show what is new."""
    program = shutil.which("gimp-console-3.0")
    return subprocess.check_output([program, "--version"], text=True).split()[-1] if program else ""


class Gimp3(Gimp):
    PROGRAM, INTERPRETER, FOLDER = "gimp-console-3.0", ["--batch-interpreter=plug-in-script-fu-eval"], "GIMP3_DIRECTORY"
    WINDOW_PROGRAM, OWN_RC = "gimp-3.0", f'(config-version "{version()}")\n(show-welcome-dialog no)\n'
    STOCK_FOLDER = f"{SYSTEM}/gimp/3.0/plug-ins"
    PLUG_IN = "GEGL_INPAINT_TEST_GIMP3_PLUG_IN"
    INPAINT_KEYS, OK_AT, STOP_AT = ["Up", "Right"], (68, 31), (45, 18)

    def remember(self, settings: str, procedure: str = PROCEDURE):
        """Makes `settings` the values of the last run, which GIMP 3 keeps in a file, and for each image with the image."""
        def value(name: str, text: str) -> str:
            if name == "model":
                return f'"file://{text}"'
            return {"true": "yes", "false": "no"}.get(text, text if re.fullmatch(r"-?[\d.]+", text) else f'"{text}"')

        self(f'(for-each (lambda (image) (gimp-image-detach-parasite image "{KEPT}{procedure}-last"))'
             " (vector->list (car (gimp-get-images))))")
        path = self.kept_settings(procedure)
        path.parent.mkdir(exist_ok=True)
        pairs = (pair.split("=", 1) for pair in settings.split())
        path.write_text("".join(f"({name} {value(name, text)})\n" for name, text in pairs))

    def kept_settings(self, procedure: str = PROCEDURE) -> Path:
        """The file with the values of the last run."""
        return self.folder / f"config/plug-in-settings/{KEPT}{procedure}.last"


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


class Picture(AnyPicture):
    GAMMA, OFFSETS, THIRD = "NON-LINEAR", "gimp-drawable-get-offsets", 0.3

    def load(self, path: Path) -> int:
        return self.gimp.number(f'(gimp-file-load RUN-NONINTERACTIVE "{path}")')

    def call(self, procedure: str, settings: str, *drawables: int) -> str:
        """Over the picture's own layer, or `drawables`."""
        return (f"({procedure} #:run-mode RUN-NONINTERACTIVE #:image {self.image} "
                f"#:drawables (vector {' '.join(map(str, drawables or [self.layer]))}) {named(settings)})")

    def run(self, *arguments):
        self.gimp(self.call(*arguments))

    def fill_call(self, new_layer: bool = False, settings: str = "steps=1", model: str = "", drawable: int | None = None,
                  seed: int = 1) -> str:
        return self.call(PROCEDURE, f"prompt=meadow seed={seed} new-layer={str(new_layer).lower()} {settings}"
                         + (f" model={model}" if model else ""), *[drawable] * (drawable is not None))

    def extend(self, left=0, right=0, top=0, bottom=0, overlap=0, new_layer=False, settings="steps=1 seed=1"):
        self.run("plug-in-inpaint-outpaint", f"left={left} right={right} top={top} bottom={bottom} overlap={overlap} "
                 f"prompt=meadow new-layer={str(new_layer).lower()} {settings}")

    def reposition(self, x: int, y: int, new_layer: bool = False):
        self.run("plug-in-inpaint-reposition", f"x={x} y={y} steps=1 seed=1 new-layer={str(new_layer).lower()}")

    def size(self) -> tuple[int, int]:
        return tuple(self.gimp.number(f"(gimp-image-get-{side} {self.image})") for side in ["width", "height"])

    def active_layer(self) -> int:
        layer, = self.numbers(f"(gimp-image-get-selected-layers {self.image})")
        return layer

    def copy_layer(self, place: int = 0) -> int:
        copy = self.gimp.number(f"(gimp-layer-copy {self.layer})")
        self.gimp(f"(gimp-image-insert-layer {self.image} {copy} 0 {place})")
        return copy

    def new_group(self) -> str:
        return f'(gimp-group-layer-new {self.image} "group")'

    def float_selection(self) -> int:
        self.gimp(f"(gimp-edit-copy (vector {self.layer}))")
        floating, = self.numbers(f"(gimp-edit-paste {self.layer} FALSE)")
        return floating

    def add_text(self) -> int:
        text = self.gimp.number(f'(gimp-text-layer-new {self.image} "Text" (car (gimp-context-get-font)) 40 UNIT-PIXEL)')
        self.gimp(f"(gimp-image-insert-layer {self.image} {text} 0 0)")
        return text

    def is_text(self, layer: int) -> bool:
        return self.gimp.number(f"(gimp-item-id-is-text-layer {layer})") == 1

    def set_profile(self, path: Path):
        self.gimp(f'(gimp-image-set-color-profile-from-file {self.image} "{path}")')

    def profile(self) -> bytes:
        path = self.next_file()
        self.gimp(f'(file-png-export #:run-mode RUN-NONINTERACTIVE #:image {self.image} #:file "{path}"'
                  " #:include-color-profile TRUE)")
        return Image.open(path).info["icc_profile"]

    def convert_to_profile(self, path: Path):
        self.gimp(f'(gimp-image-convert-color-profile-from-file {self.image} "{path}"'
                  " COLOR-RENDERING-INTENT-RELATIVE-COLORIMETRIC FALSE)")

    def pixels(self, drawable: int | None = None) -> np.ndarray:
        """A layer's values, or those of the image as it is seen, with alpha."""
        path = self.next_file()
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


gimp = gimp_fixture(Gimp3)
picture = pictures_fixture(Picture)


@pytest.fixture(scope="session")
def kinds():
    """The classes of a GIMP and of its pictures."""
    return Gimp3, Picture
