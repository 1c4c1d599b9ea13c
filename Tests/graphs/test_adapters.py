"""Learned prompts and LoRAs on the operations, in `gegl`."""
import json
import struct
from pathlib import Path

import numpy as np
from conftest import ROOT, read16

LORA = ROOT / "Tests/fixtures/lora/kohya.safetensors"  # for the tiny SD 1.5
OTHERS_LORA = ROOT / "Tests/fixtures/lora/peft.safetensors"


def write_context(path: Path, tokens: int, width: int) -> Path:
    """A safetensors file with one seeded context [tokens, width]."""
    values = np.random.default_rng(3).standard_normal((tokens, width)).astype("<f4").tobytes()
    header = json.dumps({"prompt": {"dtype": "F32", "shape": [tokens, width], "data_offsets": [0, len(values)]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + values)
    return path


def filled(gegl, *properties) -> np.ndarray:
    result = gegl.fill("in.png", *properties)
    assert result.returncode == 0, result.stderr
    return read16(gegl.folder / "out.png")


def test_a_lora_counts_as_its_scale_says(gegl, pictures):
    base = filled(gegl)
    assert (filled(gegl, f"lora={LORA}", "lora-scale=0") == base).all()
    assert (filled(gegl, f"lora={LORA}") != base).any()


def test_a_lora_of_another_model_is_an_error_that_names_the_layer(gegl, pictures):
    result = gegl.fill("in.png", f"lora={OTHERS_LORA}")
    assert result.returncode == 1 and "made for another model" in result.stderr, result.stderr
    assert not (gegl.folder / "out.png").exists()


def test_a_learned_prompt_takes_the_place_of_text(gegl, pictures):
    context = write_context(gegl.folder / "prompt.safetensors", tokens=5, width=24)
    learned = filled(gegl, f"task-prompt={context}", "prompt=grass")
    assert (learned == filled(gegl, f"task-prompt={context}")).all()
    assert (learned != filled(gegl, "guidance=1")).any()


def test_a_learned_prompt_of_another_width_is_an_error_with_both(gegl, pictures):
    context = write_context(gegl.folder / "prompt.safetensors", tokens=5, width=768)
    result = gegl.fill("in.png", f"task-prompt={context}")
    assert result.returncode == 1 and "768 wide, the model's are 24" in result.stderr, result.stderr
