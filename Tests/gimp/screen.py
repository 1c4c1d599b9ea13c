# SPDX-License-Identifier: LGPL-3.0-or-later
"""A virtual screen, and the hands of a user on its keys and mouse.

`GEGL_INPAINT_TEST_SCREENSHOTS` names a folder for pictures of the screen, which a test that fails leaves in its own.
"""
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from process import wait_until

SIZE = (1000, 700)


class Screen:
    """A virtual screen without a window manager: every window lies at its top left corner."""

    def __init__(self, folder: Path):
        self.folder = folder
        read, write = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24",
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

    def wait_for_none(self, name: str):
        wait_until(lambda: not self.windows(name), f"the window {name} to close")

    def wait_for_more(self, act):
        """Does `act`, and waits for the window that opens."""
        before = len(self.windows())
        act()
        wait_until(lambda: len(self.windows()) > before, "another window")

    def focus(self, window: str):
        self.run("xdotool", "windowfocus", "--sync", window)

    def press(self, *keys: str):
        self.run("xdotool", "key", "--clearmodifiers", *keys)

    def type(self, text: str):
        self.run("xdotool", "type", text)

    def click(self, x: int, y: int):
        self.run("xdotool", "mousemove", str(x), str(y), "click", "1")

    def photograph(self, name: str, window="root") -> Path:
        path = self.folder / f"{name}.png"
        self.run("import", "-window", window, str(path))
        return path

    def size(self, window: str) -> tuple[int, int]:
        lines = dict(line.split("=") for line in self.run("xdotool", "getwindowgeometry", "--shell", window).split())
        return int(lines["WIDTH"]), int(lines["HEIGHT"])

    def fill_with(self, window: str):
        """Makes the window as large as the screen, and gives it the keys."""
        self.run("xdotool", "windowmove", window, "0", "0", "windowsize", window, *map(str, SIZE))
        wait_until(lambda: self.size(window) == SIZE, "the window to fill the screen")
        self.focus(window)

    def close(self):
        self.server.terminate()
        self.server.wait()


@pytest.fixture(scope="module")
def screen(tmp_path_factory):
    for program in ["Xvfb", "xdotool", "import"]:
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    screen = Screen(Path(os.environ.get("GEGL_INPAINT_TEST_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots")))
    yield screen
    screen.close()
