# SPDX-License-Identifier: LGPL-3.0-or-later
"""Errors: a clear text, no output file, an exit status; and what comes near to one."""
import itertools
import os
import struct
import subprocess

import pytest
from conftest import AUX, PACKS, ROOT, fails, read16, write_context


def test_no_model(gegl, pictures):
    fails(gegl, "no model found", GEGL_INPAINT_MODEL="")


def test_a_model_that_is_not_there(gegl, pictures):
    fails(gegl, "no such file", "model=missing.safetensors")


def test_a_folder_without_a_model(gegl, pictures):
    fails(gegl, "expected a folder with model_index.json", f"model={gegl.folder}")


def test_a_part_that_is_missing_is_named(gegl, pictures):
    pack = gegl.folder / "pack"
    subprocess.run(["cp", "-R", PACKS / "tiny-sd15", pack], check=True)
    (pack / "unet/diffusion_pytorch_model.safetensors").unlink()
    fails(gegl, "expected unet/diffusion_pytorch_model.safetensors", f"model={pack}")


def test_truncated_weights(gegl, pictures):
    pack = gegl.folder / "pack"
    subprocess.run(["cp", "-R", PACKS / "tiny-sd15", pack], check=True)
    weights = pack / "unet/diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    fails(gegl, "download it again", f"model={pack}")


def test_weights_that_are_no_numbers(gegl, pictures):
    pack = gegl.folder / "pack"
    subprocess.run(["cp", "-R", PACKS / "tiny-sd2", pack], check=True)
    weights = pack / "unet/diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + struct.pack("<f", float("nan")))
    fails(gegl, "not finite", f"model={pack}")


def test_a_file_that_is_no_torch_file_is_refused_with_the_remedy(gegl, pictures):
    (gegl.folder / "model.ckpt").write_bytes(b"PK")
    fails(gegl, "convert the checkpoint to .safetensors", "model=model.ckpt")


def test_a_lora_of_another_model(gegl, pictures):
    fails(gegl, "made for another model", f"lora={ROOT}/Tests/fixtures/lora/peft.safetensors")


def test_a_learned_prompt_of_another_width_is_refused_with_both(gegl, pictures):
    context = write_context(gegl.folder / "prompt.safetensors", tokens=5, width=768)
    fails(gegl, "768 wide, the model's are 24", f"task-prompt={context}")


def test_too_little_memory_is_said_before_loading(gegl, pictures):
    fails(gegl, "MB of memory", "crop=whole", "working-size=4096", limit_kb=3_000_000)


def test_a_run_under_any_limit_ends_in_a_picture_or_an_error(gegl, pictures):
    """From one under which GEGL just starts to one that is enough."""
    refusals = []
    for limit in itertools.count(700_000, 20_000 * os.cpu_count()):
        result = gegl.fill(limit_kb=limit)
        if result.returncode == 0:
            break
        assert result.returncode == 1 and "inpaint:sd-inpaint: " in result.stderr, (limit, result)
        assert not (gegl.folder / "out.png").exists()
        refusals.append(result.stderr)
    assert all("MB of memory" in text for text in refusals) and refusals


def test_a_run_that_saves_memory_gives_the_same_picture_and_can_be_followed_by_another(gegl, pictures):
    chain = ["inpaint:sd-inpaint", "steps=1", "seed=1", "prompt=grass", "guidance=3", "aux=[", "gegl:load", "path=mask.png", "]"]
    for name, memory in (("usual.png", ""), ("small.png", "small")):
        result = gegl("in.png", "-o", name, "--", *chain, *chain, GEGL_INPAINT_MEMORY=memory)
        assert result.returncode == 0, result.stderr
    assert (read16(gegl.folder / "usual.png") == read16(gegl.folder / "small.png")).all()
    fails(gegl, 'GEGL_INPAINT_MEMORY is "tiny"', GEGL_INPAINT_MEMORY="tiny")


def test_a_prompt_file_that_is_missing(gegl, pictures):
    fails(gegl, "No such file", "prompt-file=missing.txt")


def test_any_prompt_is_painted_to(gegl, pictures):
    prompts = ["日本語 العربية हिन्दी 🙂", "a < b & c > d", "[x]", "word " * 10000, "\x01\x7f"]
    for index, prompt in enumerate(prompts):
        (gegl.folder / f"{index}.txt").write_text(prompt)
    none, *fills = gegl.results(*(["inpaint:sd-inpaint", "steps=1", "seed=1", "guidance=1", *file, *AUX]
                                  for file in [[]] + [[f"prompt-file={index}.txt"] for index in range(len(prompts))]))
    for prompt, fill in zip(prompts, fills):
        assert (fill != none).any(), prompt[:50]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(gegl, pictures):
    assert gegl.fill(output="/out.png").returncode != 0
