"""Runs the real `gegl` on small pictures, with the module of GEGL_INPAINT_TEST_PLUG_INS and the tiny test models."""
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent.parent
PACKS = ROOT / "Tests/fixtures/packs"
ASUKA_PARTS = ROOT / "Tests/fixtures/asuka/packs"
SYSTEM = f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}/gegl-0.4"


class Gegl:
    """The program in a folder of its own, without the user's models."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("GEGL_INPAINT")}
        self.environment |= {"GEGL_PATH": f"{os.environ['GEGL_INPAINT_TEST_PLUG_INS']}:{SYSTEM}", "LC_ALL": "C.UTF-8",
                             "XDG_DATA_HOME": str(folder / "data"), "GEGL_INPAINT_MODEL": str(PACKS / "tiny-sd15")}

    def __call__(self, *arguments, limit_kb: int | None = None, **environment) -> subprocess.CompletedProcess:
        command = ["gegl", *map(str, arguments)]
        if limit_kb:
            command = ["sh", "-c", f'ulimit -v {limit_kb}; exec "$@"', "sh", *command]
        return subprocess.run(command, cwd=self.folder, env=self.environment | environment, capture_output=True, text=True,
                              errors="replace", timeout=120)

    def fill(self, source="in.png", *properties, mask="mask.png", output="out.png", steps=2, **options):
        """Fills in.png's mask; returns the finished process."""
        aux = [f"aux=[ gegl:load path={mask} ]"] if mask else []
        chain = f"inpaint:sd-inpaint steps={steps} seed=1".split() + list(properties)
        return self(source, "-o", output, "--", *chain, *" ".join(aux).split(), **options)


@pytest.fixture
def gegl(tmp_path) -> Gegl:
    return Gegl(tmp_path)


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


def read16(path: Path) -> np.ndarray:
    """The values of a PNG as uint8 where they are 8-bit values in 16 bits (PIL keeps the upper half)."""
    return np.asarray(Image.open(path))
