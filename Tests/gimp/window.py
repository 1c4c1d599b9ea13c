# SPDX-License-Identifier: LGPL-3.0-or-later
"""GIMP with its window on a virtual screen, and a photograph in it of which a part is selected."""
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from process import PACKS, PROCEDURE, ROOT, wait_until
from screen import SIZE, Screen

BOX = (180, 60, 120, 90)
FILL = "Fill Selection"


class Window:
    """`gimp` and `picture`: the classes of both."""

    def __init__(self, screen: Screen, gimp, picture, folder: Path, **environment: str):
        self.screen = screen
        self.gimp, self.kind = gimp(folder, "-s", DISPLAY=screen.display, **environment), picture
        self.show()

    def show(self):
        """Opens the photograph."""
        with Image.open(ROOT / "examples/images/dragonfly.jpg") as photograph:
            values = np.asarray(photograph.resize((512, 384)))
        self.picture = self.kind(self.gimp, self.gimp.folder, values)
        self.gimp(f"(gimp-display-new {self.picture.image})")
        self.picture.select(*BOX)
        self.gimp("(gimp-displays-flush)")
        self.main = self.screen.wait_for("GIMP$")
        self.screen.fill_with(self.main)

    def restart(self):
        self.gimp.close()
        self.gimp.start()
        self.show()

    def pixels(self) -> np.ndarray:
        return self.picture.pixels()

    def is_untouched(self, before: np.ndarray) -> bool:
        return len(self.picture.layers()) == 1 and (self.pixels() == before).all()

    def wait_for_layers(self, count: int):
        wait_until(lambda: len(self.picture.layers()) == count, f"{count} layers")

    def wait_for_change(self, before: np.ndarray):
        wait_until(lambda: (self.pixels() != before).any(), "other pixels")

    def press(self, *keys: str):
        """In GIMP's own window."""
        self.screen.focus(self.main)
        self.screen.press(*keys)

    def undo(self, before: np.ndarray):
        """Once; waits until the picture is what it was."""
        self.press("ctrl+z")
        wait_until(lambda: self.is_untouched(before), "the picture to be what it was")

    def open_dialog(self, mnemonic: str = "f", title: str = FILL, photograph: str | None = None) -> str:
        """Chooses an entry of Filters > Inpaint."""
        self.screen.wait_for_none(f"^{title}$")
        self.screen.wait_for_more(lambda: self.press("alt+r"))
        self.screen.wait_for_more(lambda: self.screen.press(*self.gimp.INPAINT_KEYS))
        if photograph:
            self.screen.photograph(photograph)
        self.screen.press(mnemonic)
        dialog = self.screen.wait_for(f"^{title}$")
        self.screen.focus(dialog)
        return dialog

    def look(self, dialog: str) -> np.ndarray:
        """What the dialog shows below its prompts, in one of which the cursor blinks."""
        with Image.open(self.screen.photograph("look", dialog)) as seen:
            return np.asarray(seen.convert("RGB"))[125:]

    def press_in(self, dialog: str, *keys: str):
        """Presses keys, and waits until the dialog shows it and comes to rest."""
        before = self.look(dialog)
        self.screen.press(*keys)

        def rests():
            seen = self.look(dialog)
            return not np.array_equal(seen, before) and np.array_equal(seen, self.look(dialog))

        wait_until(rests, f"the dialog to answer {' '.join(keys)}")

    def press_ok(self, dialog: str):
        (width, height), (right, bottom) = self.screen.size(dialog), self.gimp.OK_AT
        self.screen.click(width - right, height - bottom)

    def stop(self):
        """Clicks "Cancel" in the status bar."""
        right, bottom = self.gimp.STOP_AT
        self.screen.click(SIZE[0] - right, SIZE[1] - bottom)

    def repeat(self, settings: str, procedure: str = PROCEDURE):
        """Filters > Repeat, where the last run had these settings."""
        self.gimp.remember(settings, procedure)
        self.press("ctrl+f")

    def close(self):
        self.gimp.close()


@pytest.fixture(scope="module")
def default_model(tmp_path_factory) -> Path:
    """A link to the model that is the default."""
    link = tmp_path_factory.mktemp("model") / "model"
    link.symlink_to(PACKS / "tiny-sd15")
    return link


@pytest.fixture(scope="module")
def window(screen, kinds, default_model, tmp_path_factory):
    window = Window(screen, *kinds, tmp_path_factory.mktemp("gimp"), GEGL_INPAINT_MODEL=str(default_model))
    yield window
    screen.photograph("last")
    window.close()
