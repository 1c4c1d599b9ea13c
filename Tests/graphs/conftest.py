# SPDX-License-Identifier: LGPL-3.0-or-later
"""Runs the real `gegl` on small pictures, with the module of GEGL_INPAINT_TEST_PLUG_INS and the tiny test models."""
import csv
import io
import json
import os
import shutil
import struct
import subprocess
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.register_assert_rewrite("effects", "sampling_effects")

ROOT = Path(__file__).parent.parent.parent
PACKS = ROOT / "Tests/fixtures/packs"
LORA = ROOT / "Tests/fixtures/lora/kohya.safetensors"  # for tiny-sd15
LAMA = ROOT / "Tests/fixtures/lama"
ASUKA_PARTS = ROOT / "Tests/fixtures/asuka/packs"
SYSTEM = f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}/gegl-0.4"
OPERATIONS = (ROOT / "plugin-manifest/operations.txt").read_text().split("\n")[1:-1]  # by name
FEATHER = 4  # pixels, unless an operation is told others
AUX = ["aux=[", "gegl:load", "path=mask.png", "]"]


class Gegl:
    """The program in a folder of its own, without the user's models."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("GEGL_INPAINT")}
        self.environment |= {"GEGL_PATH": f"{os.environ['GEGL_INPAINT_TEST_PLUG_INS']}:{SYSTEM}", "LC_ALL": "C.UTF-8",
                             "XDG_DATA_HOME": str(folder / "data"), "GEGL_INPAINT_MODEL": str(PACKS / "tiny-sd15"),
                             "GEGL_INPAINT_LAMA": str(LAMA / "plain.safetensors")}

    def __call__(self, *arguments, limit_kb: int | None = None, timeout=120, **environment) -> subprocess.CompletedProcess:
        command = ["gegl", *map(str, arguments)]
        if limit_kb:
            command = ["sh", "-c", f'ulimit -v {limit_kb}; exec "$@"', "sh", *command]
        return subprocess.run(command, cwd=self.folder, env=self.environment | environment, capture_output=True, text=True,
                              errors="replace", timeout=timeout)

    def fill(self, source="in.png", *properties, mask="mask.png", output="out.png", steps=2, **options):
        """Fills in.png's mask; returns the finished process."""
        aux = [f"aux=[ gegl:load path={mask} ]"] if mask else []
        chain = f"inpaint:sd-inpaint steps={steps} seed=1".split() + list(properties)
        return self(source, "-o", output, "--", *chain, *" ".join(aux).split(), **options)

    def results(self, *chains: list[str], cell=(256, 192), margin=32) -> list[np.ndarray]:
        """The results of several chains behind in.png, uint8 [height, width, 3], made by one process.

        It lays them on one sheet, each in a cell of its own, where what is transparent is not of the result.
        """
        columns = 8
        places = [(index % columns * cell[0], index // columns * cell[1]) for index in range(len(chains))]
        sheet = ["gegl:color", "value=rgba(0,0,0,0)", "gegl:crop", f"width={columns * cell[0]}", f"height={places[-1][1] + cell[1]}"]
        for chain, (x, y) in zip(chains, places):
            sheet += ["gegl:over", "aux=[", "gegl:load", "path=in.png", *chain, "gegl:translate", f"x={x + margin}",
                      f"y={y + margin}", "]"]
        result = self("-o", "sheet.png", "--", *sheet, timeout=600)
        assert result.returncode == 0 and "No such op" not in result.stderr, result.stderr
        values = read16(self.folder / "sheet.png")
        return [opaque_part(values[y:y + cell[1], x:x + cell[0]]) for x, y in places]

    def deviations(self, formats: list[str], operation: list[str], expected="in.png", enlarged=65535) -> dict:
        """Where the operation's result is not the picture that is expected, by format, within in.png.

        The graph enlarges differences, which shows those of a 65535th in a file of 8 bits.
        """
        width, height = Image.open(self.folder / "in.png").size
        difference = ["gegl:multiply", f"value={enlarged}", "gegl:crop", f"width={width}", f"height={height}"]
        chains = []
        for format in formats:
            convert = ["gegl:convert-format", f"format={format}"]
            chains.append([*convert, *operation, "gegl:difference", "aux=[", "gegl:load", f"path={expected}", *convert, "]",
                           *difference])
        return {format: result.any(-1) for format, result in zip(formats, self.results(*chains))}


@pytest.fixture
def gegl(tmp_path) -> Gegl:
    return Gegl(tmp_path)


@pytest.fixture
def inpaint(gegl):
    """The tool; gives what it prints."""
    def run(*arguments: str) -> str:
        command = [os.environ["GEGL_INPAINT_TEST_TOOL"], *arguments]
        return subprocess.run(command, env=gegl.environment, capture_output=True, text=True, check=True, timeout=60).stdout
    return run


@pytest.fixture
def table(inpaint) -> list[dict]:
    """What `inpaint properties` lists."""
    return list(csv.DictReader(io.StringIO(inpaint("properties")), delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture
def model(gegl):
    """A folder that says which of ASUKA's parts stand beside the tiny model."""
    def make(*parts: str, alignment: str = "fitting"):
        pack = gegl.folder / "pack"
        shutil.copytree(PACKS / "tiny-sd15", pack)
        for part in parts:
            source = alignment if part == "alignment" else "fine-tuned"
            shutil.copytree(ASUKA_PARTS / source / part, pack / part)
        return pack
    return make


def photograph(width=96, height=80) -> np.ndarray:
    """A made picture with gradients and texture, uint8 [height, width, 3]"""
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(1).integers(0, 40, (height, width))
    return np.stack([x * 200 // width + noise, y * 200 // height + noise, (x + y) % 200 + noise], -1).astype(np.uint8)


def box_mask(width=96, height=80, box=(30, 20, 60, 50)) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    mask[box[1]:box[3], box[0]:box[2]] = 255
    return mask


@pytest.fixture
def pictures(tmp_path) -> tuple[np.ndarray, np.ndarray]:
    """in.png and mask.png in the test's folder, and their values."""
    image, mask = photograph(), box_mask()
    Image.fromarray(image).save(tmp_path / "in.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    return image, mask


def distance(hole: np.ndarray) -> np.ndarray:
    """Of each pixel to the nearest one of a hole that is a box."""
    y, x = np.nonzero(hole)
    rows, columns = np.indices(hole.shape)
    return np.hypot(rows - rows.clip(y.min(), y.max()), columns - columns.clip(x.min(), x.max()))


def surely_outside(mask: np.ndarray) -> np.ndarray:
    """Pixels beyond the ramp around a box."""
    return distance(mask) >= FEATHER + 1


def opaque_part(values: np.ndarray) -> np.ndarray:
    """The colours of the box that is not transparent."""
    rows, columns = (values[..., 3].any(axis).nonzero()[0] for axis in (1, 0))
    part = values[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    assert (part[..., 3] == 255).all()
    return part[..., :3]


def read16(path: Path) -> np.ndarray:
    """The values of a PNG as uint8 where they are 8-bit values in 16 bits (PIL keeps the upper half)."""
    return np.asarray(Image.open(path))


def write_context(path: Path, tokens: int, width: int) -> Path:
    """A safetensors file with one seeded context [tokens, width]."""
    values = np.random.default_rng(3).standard_normal((tokens, width)).astype("<f4").tobytes()
    header = json.dumps({"prompt": {"dtype": "F32", "shape": [tokens, width], "data_offsets": [0, len(values)]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + values)
    return path


def fails(gegl: Gegl, text: str, *properties, **options):
    """inpaint:sd-inpaint ends with this text and without a file."""
    result = gegl.fill("in.png", *properties, **options)
    assert result.returncode == 1, (result.returncode, result.stderr)
    assert "inpaint:sd-inpaint: " in result.stderr and text in result.stderr, result.stderr
    assert not (gegl.folder / "out.png").exists()
