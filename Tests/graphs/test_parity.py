# SPDX-License-Identifier: LGPL-3.0-or-later
"""Whole operations in 8 bits against diffusers' pipeline: Tests/fixtures/pipeline."""
import json
import struct

import numpy as np
import pytest
from conftest import AUX, ROOT, read16
from PIL import Image

FIXTURES = ROOT / "Tests/fixtures"
RUNS = json.loads((FIXTURES / "pipeline/runs.json").read_text())
# Of these the pack's own prediction type is the reference's.
EXACT = [name for name, run in RUNS.items()
         if run["size"] != "outpaint" and run.get("prediction_type", "epsilon") == "epsilon"]
MODE = ("crop=whole working-size=0 preserve=false feather=0 grow=0 color-match=false decoder=plain detail=model "
         "precision=float32").split()


def reference(name: str) -> np.ndarray:
    """A float32 tensor of runs.safetensors, in 8-bit steps."""
    data = (FIXTURES / "pipeline/runs.safetensors").read_bytes()
    length, = struct.unpack("<Q", data[:8])
    entry = json.loads(data[8:8 + length])[name]
    begin, end = (8 + length + offset for offset in entry["data_offsets"])
    return np.rint(np.frombuffer(data[begin:end], "<f4").reshape(entry["shape"]) * 255)


def operation(name: str) -> str:
    return RUNS[name].get("operation", "inpaint:sd-inpaint")


def properties(name: str) -> list[str]:
    """What the reference was made with."""
    run = {key.replace("_", "-"): value for key, value in RUNS[name].items()}
    files = {"model": run["pack"]} | {key: run[key] for key in ("lora", "task-prompt") if key in run}
    others = {key: value for key, value in run.items()
              if key not in files and key not in ("pack", "size", "operation", "prediction-type")}
    return [*(f"{key}={FIXTURES / value}" for key, value in files.items()),
            *(f"{key}={value}" for key, value in others.items())]


@pytest.mark.parametrize("size", ["64x64", "96x64"])
def test_the_exact_mode_is_the_reference(gegl, size):
    """Of every sampler, both packs and the mini pack, and harmonizing with a LoRA and a learned prompt."""
    for kind, name in (("input", "in.png"), ("mask", "mask.png")):
        Image.fromarray(reference(f"{kind}/{size}").astype(np.uint8).squeeze()).save(gegl.folder / name)
    names = [name for name in EXACT if RUNS[name]["size"] == size]
    results = gegl.results(*([operation(name), *MODE, *properties(name), *AUX] for name in names))
    differences = {name: np.abs(result - reference(name)).max() for name, result in zip(names, results)}
    assert max(differences.values()) <= 1, differences


@pytest.mark.parametrize("pack", ["tiny-sd15", "tiny-sd2"])
def test_one_pass_of_outpaint_is_diffusers_on_the_padded_canvas(gegl, pack):
    """The reference fills 24 columns of a canvas of 80; here the canvas grows by them."""
    name = f"{pack}/dpmpp-2m/outpaint"
    image = reference("input/64x64").astype(np.uint8)
    Image.fromarray(image[:, 8:]).save(gegl.folder / "in.png")
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:outpaint", "left=24", "overlap=0", "color-match=false",
                  "precision=float32",
                  *(pair for pair in properties(name) if not pair.startswith("strength")))
    assert result.returncode == 0, result.stderr
    output = read16(gegl.folder / "out.png").astype(int)
    difference = np.abs(output[:, :24] - reference(name)[:, :24]).max()
    assert difference <= 1, f"{difference} / 255, limit 1 / 255"
    assert (output[:, 32:] == image[:, 16:]).all()  # behind the other half, which is blended
