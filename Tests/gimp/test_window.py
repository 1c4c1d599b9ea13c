# SPDX-License-Identifier: LGPL-3.0-or-later
"""The plug-in under the hands of a user: a GIMP with its window on a virtual screen, keys and clicks.

`GEGL_INPAINT_TEST_SCREENSHOTS` names a folder for pictures of the screen, which a test that fails leaves in its own.
"""
import os
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import PACKS, ROOT, Gimp, Picture, check_changed_inside_only, inside, wait_until
from PIL import Image

BOX = (180, 60, 120, 90)
SCREEN = (1000, 700)


class Screen:
    """A virtual screen without a window manager: every window lies at its top left corner."""

    def __init__(self, folder: Path):
        self.folder = folder
        read, write = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SCREEN[0]}x{SCREEN[1]}x24",
                                        "-nolisten", "tcp"], pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as numbers:
            self.display = f":{int(numbers.readline())}"

    def run(self, *command: str) -> str:
        return subprocess.run(command, env=os.environ | {"DISPLAY": self.display}, capture_output=True, text=True).stdout

    def windows(self, name: str = "") -> list[str]:
        return self.run("xdotool", "search", "--onlyvisible", "--name", name).split()

    def wait_for(self, name: str) -> str:
        return wait_until(lambda: self.windows(name), f"a window {name}")[0]

    def wait_for_more(self, act):
        """Does `act`, and waits for the window that opens."""
        before = len(self.windows())
        act()
        wait_until(lambda: len(self.windows()) > before, "another window")

    def focus(self, window: str):
        self.run("xdotool", "windowfocus", "--sync", window)

    def press(self, *keys: str):
        self.run("xdotool", "key", "--clearmodifiers", *keys)

    def click(self, x: int, y: int):
        self.run("xdotool", "mousemove", str(x), str(y), "click", "1")

    def photograph(self, name: str, window="root"):
        self.run("import", "-window", window, str(self.folder / f"{name}.png"))

    def size(self, window: str) -> tuple[int, int]:
        lines = dict(line.split("=") for line in self.run("xdotool", "getwindowgeometry", "--shell", window).split())
        return int(lines["WIDTH"]), int(lines["HEIGHT"])

    def close(self):
        self.server.terminate()
        self.server.wait()


@pytest.fixture(scope="module")
def screen(tmp_path_factory):
    for program in ["Xvfb", "xdotool", "import"]:
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    folder = os.environ.get("GEGL_INPAINT_TEST_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots")
    screen = Screen(Path(folder))
    yield screen
    screen.close()


@pytest.fixture(scope="module")
def window(screen, tmp_path_factory):
    """GIMP with a photograph, of which a part is selected."""
    model = tmp_path_factory.mktemp("model") / "model"
    model.symlink_to(PACKS / "tiny-sd15")
    gimp = Gimp(tmp_path_factory.mktemp("gimp"), "-s", DISPLAY=screen.display, GEGL_INPAINT_MODEL=str(model))
    with Image.open(ROOT / "examples/images/dragonfly.jpg") as photograph:
        values = np.asarray(photograph.resize((512, 384)))
    made = Picture(gimp, gimp.folder, values)
    made.default_model = model
    gimp(f"(gimp-display-new {made.image})")
    made.select(*BOX)
    gimp("(gimp-displays-flush)")
    made.main = screen.wait_for("GIMP$")
    screen.run("xdotool", "windowmove", made.main, "0", "0", "windowsize", made.main, *map(str, SCREEN))
    wait_until(lambda: screen.size(made.main) == SCREEN, "the window to fill the screen")
    screen.focus(made.main)
    yield made
    screen.photograph("last")
    gimp.close()


def open_dialog(screen, window, mnemonic: str, title: str, photograph: str | None = None) -> str:
    """Chooses an entry of Filters > Inpaint."""
    screen.focus(window.main)
    screen.wait_for_more(lambda: screen.press("alt+r"))
    screen.wait_for_more(lambda: screen.press("Up", "Up", "Right"))
    if photograph:
        screen.photograph(photograph)
    screen.press(mnemonic)
    dialog = screen.wait_for(f"^{title}$")
    screen.focus(dialog)
    return dialog


def press_ok(screen, dialog: str):
    width, height = screen.size(dialog)
    screen.click(width - 55, height - 27)


def test_fills_from_the_menu_and_undoes_in_one_step(screen, window):
    before = window.pixels()
    dialog = open_dialog(screen, window, "f", "Fill Selection", photograph="menu")
    screen.run("xdotool", "type", "lavender")
    low = screen.size(dialog)[1]
    screen.click(60, low - 76)  # Advanced
    wait_until(lambda: screen.size(dialog)[1] > low + 150, "the advanced settings")
    screen.photograph("dialog", dialog)
    press_ok(screen, dialog)
    wait_until(lambda: len(window.layers()) == 2, "the result's layer")
    check_changed_inside_only(before, window.pixels(), inside(before.shape, BOX))
    assert (window.pixels(window.layers()[1])[..., :3] == before[..., :3]).all()
    screen.focus(window.main)
    screen.press("ctrl+z")
    wait_until(lambda: len(window.layers()) == 1, "the layer to go")
    assert (window.pixels() == before).all()


def test_repeats_with_the_last_values_in_place(screen, window):
    before = window.pixels()
    window.gimp.remember("new-layer=false steps=1")
    screen.focus(window.main)
    screen.press("ctrl+f")
    wait_until(lambda: (window.pixels() != before).any(), "other pixels")
    assert len(window.layers()) == 1
    check_changed_inside_only(before, window.pixels(), inside(before.shape, BOX))
    screen.press("ctrl+z")
    wait_until(lambda: (window.pixels() == before).all(), "the pixels to come back")


def test_proposals_come_from_the_dialog_and_go_in_one_step(screen, window):
    window.gimp.remember("steps=1 proposals=3")
    press_ok(screen, open_dialog(screen, window, "f", "Fill Selection", photograph="proposals"))
    wait_until(lambda: len(window.layers()) == 2, "the proposals' group")
    wait_until(lambda: len(window.children(window.layers()[0])) == 3, "all proposals")
    screen.focus(window.main)
    screen.press("ctrl+z")
    wait_until(lambda: len(window.layers()) == 1, "the group to go")


def test_cancel_stops_within_two_seconds_and_changes_nothing(screen, window):
    before = window.pixels()
    window.gimp.remember("new-layer=false steps=150 crop=whole")
    screen.focus(window.main)
    screen.press("ctrl+f")
    process = wait_until(window.gimp.plug_in_process, "the plug-in")
    screen.photograph("progress")
    start = time.monotonic()
    while Path(f"/proc/{process}").exists():
        screen.click(SCREEN[0] - 45, SCREEN[1] - 18)  # Cancel, in the status bar
        assert time.monotonic() - start < 2, "the plug-in goes on"
    assert len(window.layers()) == 1 and (window.pixels() == before).all()


def test_a_failure_opens_a_message(screen, window):
    before = window.pixels()
    window.gimp.remember("model=/nowhere")
    screen.focus(window.main)
    screen.press("ctrl+f")
    message = screen.wait_for("^GIMP Message$")
    screen.photograph("message", message)
    screen.focus(message)
    screen.press("Return")
    wait_until(lambda: not screen.windows("^GIMP Message$"), "the message to close")
    assert len(window.layers()) == 1 and (window.pixels() == before).all()


def image_size(window) -> tuple[int, int]:
    return tuple(window.gimp.number(f"(gimp-image-{side} {window.image})") for side in ["width", "height"])


@pytest.mark.parametrize("new_layer", ["true", "false"])
def test_extends_the_canvas_and_undoes_in_one_step(screen, window, new_layer):
    before = window.pixels()
    window.gimp.remember(f"left=64 bottom=32 steps=1 new-layer={new_layer}", "plug-in-inpaint-outpaint")
    dialog = open_dialog(screen, window, "e", "Extend Canvas")
    screen.photograph("extend-dialog", dialog)
    press_ok(screen, dialog)
    wait_until(lambda: image_size(window) == (512 + 64, 384 + 32), "the canvas to grow")
    after = window.pixels()
    assert len(window.layers()) == 1 + (new_layer == "true")
    assert (after[:368, 80:, :3] == before[:368, 16:, :3]).all() and after[:, :64].std() > 5
    screen.photograph("extended")
    screen.focus(window.main)
    screen.press("ctrl+z")
    wait_until(lambda: image_size(window) == (512, 384), "the canvas to shrink")
    assert len(window.layers()) == 1 and (window.pixels() == before).all()
    assert f"(1 {BOX[0]} {BOX[1]} {BOX[0] + BOX[2]} {BOX[1] + BOX[3]})" in window.gimp(f"(gimp-selection-bounds {window.image})")


def test_a_cancelled_extension_leaves_everything(screen, window):
    before = window.pixels()
    window.gimp.remember("left=64 steps=150", "plug-in-inpaint-outpaint")
    open_dialog(screen, window, "e", "Extend Canvas")
    screen.press("Escape")
    wait_until(lambda: not screen.windows("^Extend Canvas$"), "the dialog to close")
    press_ok(screen, open_dialog(screen, window, "e", "Extend Canvas"))
    process = wait_until(window.gimp.plug_in_process, "the plug-in")
    wait_until(lambda: screen.click(SCREEN[0] - 45, SCREEN[1] - 18) or not Path(f"/proc/{process}").exists(), "the plug-in to end")
    assert image_size(window) == (512, 384) and len(window.layers()) == 1 and (window.pixels() == before).all()


def test_the_model_chooser_names_the_default(screen, window):
    window.gimp.remember("seed=1 random-seed=false")

    def row(pack: str) -> np.ndarray:
        window.default_model.unlink()
        window.default_model.symlink_to(PACKS / pack)
        dialog = open_dialog(screen, window, "f", "Fill Selection")
        screen.photograph(f"default-{pack}", dialog)
        screen.press("Escape")
        wait_until(lambda: not screen.windows("^Fill Selection$"), "the dialog to close")
        return np.asarray(Image.open(screen.folder / f"default-{pack}.png"))[-180:-100]

    other, first = row("tiny-sd2"), row("tiny-sd15")
    assert (row("tiny-sd15") == first).all() and (other != first).any()


@pytest.mark.skipif("GEGL_INPAINT_TEST_SCREENSHOTS" not in os.environ, reason="makes pictures for README only")
def test_before_and_after_with_the_mini_pack(screen, window):
    window.gimp.remember(f"new-layer=false seed=3 color-match=true model={ROOT}/plugin-manifest/models/mini")
    screen.photograph("before")
    before = window.pixels()
    press_ok(screen, open_dialog(screen, window, "f", "Fill Selection"))
    wait_until(lambda: (window.pixels() != before).any(), "other pixels")
    window.gimp("(gimp-displays-flush)")
    screen.photograph("after")
    check_changed_inside_only(before, window.pixels(), inside(before.shape, BOX))
    screen.focus(window.main)
    screen.press("ctrl+z")
    wait_until(lambda: (window.pixels() == before).all(), "the pixels to come back")
