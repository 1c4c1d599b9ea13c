# SPDX-License-Identifier: LGPL-3.0-or-later
"""What a host may ask an operation without a run: the signals of inpaint_keys.h."""
import json
import subprocess

import numpy as np
import pytest
from PIL import Image

from conftest import PACKS, ROOT, box_mask, photograph, read16

gi = pytest.importorskip("gi")
gi.require_version("Gegl", "0.4")

ASK = """
import gi, json, sys
gi.require_version("Gegl", "0.4")
from gi.repository import Gegl

Gegl.init(None)
name, signal, properties, *boxes = json.loads(sys.argv[1])
node = Gegl.Node().create_child(name)
for key, value in properties.items():
    node.set_property(key, value)
rectangles = [Gegl.Rectangle.new(*box) for box in boxes]
answer = node.get_gegl_operation().emit(signal, *rectangles)
print(json.dumps([answer.x, answer.y, answer.width, answer.height] if rectangles else answer))
"""
BOX = (10, 20, 24, 28)  # x, y, width, height


def ask(gegl, operation: str, signal: str, properties: dict, *boxes, **environment):
    result = subprocess.run(["/usr/bin/python3", "-c", ASK, json.dumps([operation, signal, properties, *boxes])],
                            env=gegl.environment | environment, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def pack(folder, native_size: int):
    """The tiny model, said to be trained on pictures of that size."""
    folder = folder / str(native_size)
    folder.mkdir()
    for part in (PACKS / "tiny-sd15").iterdir():
        (folder / part.name).symlink_to(part)
    (folder / "recommended.json").write_text(json.dumps({"native_size": native_size}))
    return folder


@pytest.mark.parametrize("native_size", [64, 1500])
@pytest.mark.parametrize("properties", [{"grow": 0, "feather": 0.0}, {"grow": 5, "context": 2.0}])
def test_a_run_over_the_window_is_one_over_the_picture(gegl, tmp_path, native_size, properties):
    size = (3000, 80)
    values = np.tile(photograph(), (1, 32, 1))[:, :size[0]]
    mask = box_mask(*size, (BOX[0], BOX[1], BOX[0] + BOX[2], BOX[1] + BOX[3]))
    Image.fromarray(values).save(tmp_path / "in.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    model = str(pack(tmp_path, native_size))
    x, y, width, height = ask(gegl, "inpaint:sd-inpaint", "inpaint-window", properties | {"model": model}, (0, 0, *size), BOX)
    assert width < size[0]
    fill = ["inpaint:sd-inpaint", "steps=1", "seed=1", "working-size=64", f"model={model}",
            *(f"{name}={value}" for name, value in properties.items())]
    crop = ["gegl:crop", f"x={x}", f"y={y}", f"width={width}", f"height={height}"]
    for output, part in [("whole.png", []), ("window.png", crop)]:
        result = gegl("in.png", "-o", output, "--", *part, *fill, "aux=[", "gegl:load", "path=mask.png", *part, "]")
        assert result.returncode == 0, result.stderr
    whole, window = read16(tmp_path / "whole.png"), read16(tmp_path / "window.png")
    assert (whole[y:y + height, x:x + width] == window).all()
    assert (whole != values)[mask > 0].any(-1).mean() > 0.9


def test_every_operation_answers(gegl):
    operations = [line for line in (ROOT / "plugin-manifest/operations.txt").read_text().split("\n")
                  if line and not line.startswith("#")]
    assert len(operations) > 6
    extent = [0, 0, 5000, 4000]
    for operation in operations:
        # Harmonizing takes a LoRA, which the model lacks; the others look at everything, or at a part.
        window = ask(gegl, operation, "inpaint-window", {}, extent, [2000, 2000, 50, 40])
        everything = operation.split(":")[1] in ["asuka-inpaint", "seele-harmonize", "seele-reposition", "outpaint"]
        assert (window == extent) == everything, operation
        # The pack has no learned prompt for removing.
        model = "plain.safetensors" if operation in ("inpaint:lama-inpaint", "inpaint:seele-remove") else "tiny-sd15"
        assert ask(gegl, operation, "inpaint-default-model", {})[0] == model


def test_the_default_model_is_told(gegl, tmp_path):
    (tmp_path / "data/gegl-inpaint/models").mkdir(parents=True)
    assert not ask(gegl, "inpaint:sd-inpaint", "inpaint-default-model", {}, GEGL_INPAINT_MODEL="")
    (tmp_path / "data/gegl-inpaint/models/default").symlink_to(PACKS / "tiny-sd2")
    name, description = ask(gegl, "inpaint:sd-inpaint", "inpaint-default-model", {}, GEGL_INPAINT_MODEL="")
    assert name == "tiny-sd2" and "models/default  (the user's default)\n" in description and "native size 64" in description
    name, description = ask(gegl, "inpaint:sd-inpaint", "inpaint-default-model", {}, GEGL_INPAINT_MODEL="/nowhere")
    assert name == "nowhere" and "cannot be used: " in description
