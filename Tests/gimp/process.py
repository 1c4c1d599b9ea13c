# SPDX-License-Identifier: LGPL-3.0-or-later
"""A real GIMP in a folder of its own, with the plug-in, the module of GEGL_INPAINT_TEST_PLUG_INS and a tiny model.

GIMP reads Script-Fu from its standard input, so that one process serves all tests; each makes images of its own.
"""
import os
import re
import selectors
import subprocess
import sysconfig
import time
from pathlib import Path

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
    """GIMP 2.10.  `folder` holds everything that the process writes."""

    # What the tests need: asking all of GIMP's own plug-ins what they do, and loading GEGL's file formats into each,
    # would take most of the time.
    STOCK = ["script-fu", "file-png"]
    PROGRAM, INTERPRETER, FOLDER = "gimp-2.10", [], "GIMP2_DIRECTORY"
    WINDOW_PROGRAM, OWN_RC = PROGRAM, ""
    # The keys from the menu Filters to Inpaint, and places from the bottom right of a dialog and of the screen.
    INPAINT_KEYS, OK_AT, STOP_AT = ["Up", "Up", "Right"], (55, 27), (45, 18)
    STOCK_FOLDER = f"{SYSTEM.rsplit('/', 1)[0]}/gimp/2.0/plug-ins"
    PLUG_IN = "GEGL_INPAINT_TEST_GIMP_PLUG_IN"
    FORMATS = re.compile(r"-(load|save|x86_64-v\d)\.so|v4l|text")

    def __init__(self, folder: Path, *arguments: str, with_module=True, with_fonts=False, plug_in: Path | None = None,
                 **environment: str):
        self.folder = folder
        self.count = 0
        plug_ins = folder / "plug-ins"
        for name in self.STOCK:
            (plug_ins / name).mkdir(parents=True)
            (plug_ins / name / name).symlink_to(f"{self.STOCK_FOLDER}/{name}/{name}")
        (plug_ins / "gimp-inpaint").mkdir()
        (plug_ins / "gimp-inpaint/gimp-inpaint").symlink_to(plug_in or os.environ[self.PLUG_IN])
        for name in ["config", "home", "data", "operations"]:
            (folder / name).mkdir()
        for path in Path(SYSTEM, "gegl-0.4").glob("*.so"):
            if not self.FORMATS.search(path.name):
                (folder / "operations" / path.name).symlink_to(path)
        (folder / "config/gimprc").write_text(
            f'(plug-in-path "{plug_ins}")\n(check-updates no)\n(save-session-info no)\n{self.OWN_RC}')
        (folder / "config/sessionrc").write_text("(hide-docks yes)\n(single-window-mode yes)\n")
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("GEGL_INPAINT")}
        self.environment |= {"HOME": str(folder / "home"), self.FOLDER: str(folder / "config"),
                             "XDG_DATA_HOME": str(folder / "data"), "LC_ALL": "C.UTF-8",
                             "GEGL_PATH": ":".join([os.environ["GEGL_INPAINT_TEST_PLUG_INS"]] * with_module
                                                   + [str(folder / "operations")]),
                             "GEGL_INPAINT_MODEL": str(PACKS / "tiny-sd15"),
                             "GEGL_INPAINT_LAMA": str(ROOT / "Tests/fixtures/lama/big-lama.pt")} | environment
        self.arguments = [self.PROGRAM if "-i" in arguments else self.WINDOW_PROGRAM, *arguments, "-d",
                          *["-f"] * (not with_fonts), *self.INTERPRETER, "-b", "-"]
        self.start()

    def start(self):
        """Again with what `folder` keeps, after `close`."""
        self.log = open(self.folder / "log", "a+")
        self.process = subprocess.Popen(self.arguments, env=self.environment, cwd=self.folder,
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
