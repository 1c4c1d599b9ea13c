"""Whole operations against diffusers' pipeline: Tests/fixtures/pipeline."""
import json
import struct

import numpy as np
import pytest
from conftest import PACKS, ROOT, read16
from PIL import Image

RUNS = ROOT / "Tests/fixtures/pipeline"


def reference(name: str) -> np.ndarray:
    """A float32 tensor of runs.safetensors."""
    data = (RUNS / "runs.safetensors").read_bytes()
    length, = struct.unpack("<Q", data[:8])
    entry = json.loads(data[8:8 + length])[name]
    begin, end = (8 + length + offset for offset in entry["data_offsets"])
    return np.frombuffer(data[begin:end], "<f4").reshape(entry["shape"])


@pytest.mark.parametrize("pack", ["tiny-sd15", "tiny-sd2"])
def test_one_pass_of_outpaint_is_diffusers_on_the_padded_canvas(gegl, pack):
    """The reference fills 24 columns of a canvas of 80; here the canvas grows by them."""
    image = np.rint(reference("input/64x64") * 255).astype(np.uint8)
    Image.fromarray(image[:, 8:]).save(gegl.folder / "in.png")
    run = json.loads((RUNS / "runs.json").read_text())[f"{pack}/dpmpp-2m/outpaint"]
    properties = {"left": 24, "overlap": 0, "color-match": "false", "prompt": run["prompt"], "negative-prompt": run["negative_prompt"],
                  "model": PACKS / pack} | {name: run[name] for name in ("steps", "sampler", "guidance", "seed")}
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:outpaint", *(f"{name}={value}" for name, value in properties.items()))
    assert result.returncode == 0, result.stderr
    output = read16(gegl.folder / "out.png").astype(int)
    expected = np.rint(reference(f"{pack}/dpmpp-2m/outpaint") * 255).astype(int)
    difference = np.abs(output[:, :24] - expected[:, :24]).max()
    assert difference <= 1, f"{difference} / 255, limit 1 / 255"
    assert (output[:, 32:] == image[:, 16:]).all()  # behind the other half, which is blended
