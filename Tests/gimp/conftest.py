# SPDX-License-Identifier: LGPL-3.0-or-later
"""A real GIMP 2.10 in a folder of its own, with the plug-in, the module of GEGL_INPAINT_TEST_PLUG_INS and a tiny model.

GIMP reads Script-Fu from its standard input, so that one process serves all tests; each makes images of its own.
"""
import os
import re
import selectors
import subprocess
import sysconfig
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent.parent
PACKS = ROOT / "Tests/fixtures/packs"
SYSTEM = f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}"
PROCEDURE = "plug-in-inpaint-fill"
LIMIT = 100  # seconds that any answer may take on a busy machine


def wait_until(condition, what: str, limit: float = LIMIT):
    """The first true value of `condition()`, asked ten times a second."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.1)
    raise AssertionError(f"waited {limit} s for {what}")


class Failed(Exception):
    """What Script-Fu said about a call that failed."""


class Gimp:
    """`folder` holds everything that the process writes."""

    # What the tests need: asking all of GIMP's own plug-ins what they do, and loading GEGL's file formats into each,
    # would take most of the time.
    STOCK = ["script-fu", "file-png"]
    FORMATS = re.compile(r"-(load|save|x86_64-v\d)\.so|v4l|text")

    def __init__(self, folder: Path, *arguments: str, with_module=True, with_fonts=False, plug_in: Path | None = None,
                 **environment: str):
        self.folder = folder
        self.count = 0
        plug_ins = folder / "plug-ins"
        for name in self.STOCK:
            (plug_ins / name).mkdir(parents=True)
            (plug_ins / name / name).symlink_to(f"{SYSTEM.rsplit('/', 1)[0]}/gimp/2.0/plug-ins/{name}/{name}")
        (plug_ins / "gimp-inpaint").mkdir()
        (plug_ins / "gimp-inpaint/gimp-inpaint").symlink_to(plug_in or os.environ["GEGL_INPAINT_TEST_GIMP_PLUG_IN"])
        for name in ["config", "home", "data", "operations"]:
            (folder / name).mkdir()
        for path in Path(SYSTEM, "gegl-0.4").glob("*.so"):
            if not self.FORMATS.search(path.name):
                (folder / "operations" / path.name).symlink_to(path)
        (folder / "config/gimprc").write_text(
            f'(plug-in-path "{plug_ins}")\n(check-updates no)\n(save-session-info no)\n')
        (folder / "config/sessionrc").write_text("(hide-docks yes)\n(single-window-mode yes)\n")
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("GEGL_INPAINT")}
        self.environment |= {"HOME": str(folder / "home"), "GIMP2_DIRECTORY": str(folder / "config"),
                             "XDG_DATA_HOME": str(folder / "data"), "LC_ALL": "C.UTF-8",
                             "GEGL_PATH": ":".join([os.environ["GEGL_INPAINT_TEST_PLUG_INS"]] * with_module
                                                   + [str(folder / "operations")]),
                             "GEGL_INPAINT_MODEL": str(PACKS / "tiny-sd15")} | environment
        self.log = open(folder / "log", "w+")
        self.process = subprocess.Popen(["gimp-2.10", *arguments, "-d", *["-f"] * (not with_fonts), "-b", "-"],
                                        env=self.environment, cwd=folder,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)
        self.said = b""

    def send(self, expression: str) -> str:
        """Hands `expression` to GIMP; returns the mark that will end its answer."""
        self.count += 1
        mark = f"<answered {self.count}>"
        self.process.stdin.write(f'{expression}\n(begin (display "{mark}") (newline))\n'.encode())
        self.process.stdin.flush()
        return mark

    def answer(self, mark: str) -> str:
        """What GIMP printed before `mark`.  Raises Failed if that is an error."""
        end = (mark + "\n").encode()
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while end not in self.said:
                assert selector.select(LIMIT), f"no answer from GIMP: {self.said.decode()}"
                part = os.read(self.process.stdout.fileno(), 1 << 16)
                assert part, f"GIMP ended: {self.said.decode()}"
                self.said += part
        text, self.said = self.said.split(end, 1)
        text = text.decode().replace("ts> ", "").strip()
        if match := re.search(r"Error: (.*)", text, re.DOTALL):
            raise Failed(match[1])
        return text

    def remember(self, settings: str, procedure: str = PROCEDURE):
        """Makes `settings` the values of the last run."""
        values = [*settings.encode(), 0]
        self(f"(gimp-procedural-db-set-data \"{procedure}\" {len(values)} (list->vector '({' '.join(map(str, values))})))")

    def __call__(self, expression: str) -> str:
        return self.answer(self.send(expression))

    def number(self, expression: str) -> int:
        """The first value that a procedure returns."""
        return int(re.search(r"<(-?\d+)>", self(f'(begin (display "<") (display (car {expression})) (display ">"))'))[1])

    def plug_in_process(self) -> int | None:
        """The id of the running plug-in, if it has loaded the module."""
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                parent = int(entry.joinpath("stat").read_text().rsplit(")", 1)[1].split()[1])
                if parent == self.process.pid and "gegl-inpaint.so" in entry.joinpath("maps").read_text() \
                        and entry.joinpath("cmdline").read_bytes().split(b"\0")[0].endswith(b"/gimp-inpaint"):
                    return int(entry.name)
            except (OSError, IndexError):
                continue
        return None

    def close(self):
        if self.process.poll() is None:
            self.send("(gimp-quit 1)")
            try:
                self.process.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


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

    def layers(self) -> list[int]:
        """From the top."""
        return [int(text) for text in re.search(r"#\((.*?)\)", self.gimp(f"(gimp-image-get-layers {self.image})"))[1].split()]

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


def photograph(width=96, height=80) -> np.ndarray:
    """A made picture with gradients and texture, uint8 [height, width, 3]"""
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(1).integers(0, 40, (height, width))
    return np.stack([x * 200 // width + noise, y * 200 // height + noise, (x + y) % 200 + noise], -1).astype(np.uint8)


def inside(shape, box) -> np.ndarray:
    """bool [height, width]; box: x, y, width, height, which may reach beyond the picture"""
    mask = np.zeros(shape[:2], bool)
    x, y, width, height = box
    mask[max(y, 0):y + height, max(x, 0):x + width] = True
    return mask


def check_changed_inside_only(before, after, mask):
    """Most pixels in the mask changed, none beside it."""
    changed = (before != after).reshape(*mask.shape, -1).any(-1)
    assert not changed[~mask].any(), f"{changed[~mask].sum()} pixels changed outside the selection"
    assert changed[mask].mean() > 0.9, f"only {changed[mask].mean():.0%} of the selected pixels changed"


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
