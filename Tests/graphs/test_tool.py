"""The command-line tool `inpaint`."""
import os
import subprocess

import numpy as np
from conftest import PACKS, photograph
from PIL import Image


def tool(gegl, *arguments, **environment):
    return subprocess.run([os.environ["GEGL_INPAINT_TEST_TOOL"], *map(str, arguments)], cwd=gegl.folder,
                          env=gegl.environment | environment, capture_output=True, text=True, timeout=120)


def test_run_writes_the_same_picture_as_gegl(gegl, pictures):
    result = tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", "tool.png", "steps=2", "seed=1")
    assert result.returncode == 0, result.stderr
    gegl.fill()
    assert (np.asarray(Image.open(gegl.folder / "tool.png")) == np.asarray(Image.open(gegl.folder / "out.png"))).all()


def test_run_fails_honestly(gegl, pictures):
    for arguments, text in [(["missing.png"], "missing.png"), (["in.png", "steps=x"], "steps"), (["in.png", "color=x"], "color"),
                            (["in.png", "model=missing"], "no such file")]:
        result = tool(gegl, "run", "sd-inpaint", arguments[0], "--mask", "mask.png", "-o", "tool.png", *arguments[1:])
        assert result.returncode != 0 and text in result.stderr, result.stderr
        assert not (gegl.folder / "tool.png").exists()


def test_models_lists_what_is_found(gegl):
    assert "tiny-sd15" in tool(gegl, "models").stdout
    assert "No models" in tool(gegl, "models", GEGL_INPAINT_MODEL="").stdout


def test_models_check_reads_a_model_wholly(gegl):
    assert "complete" in tool(gegl, "models", "check", PACKS / "tiny-sd2").stdout
    assert tool(gegl, "models", "check", PACKS).returncode != 0


def test_bench_times_every_part(gegl):
    result = tool(gegl, "bench", "--turns", "1", "--steps", "1", "--json")
    assert result.returncode == 0 and '"part": "decode"' in result.stdout, result.stderr
