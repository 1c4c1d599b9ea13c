# SPDX-License-Identifier: LGPL-3.0-or-later
"""What inpaint:seele-harmonize promises to who uses it in `gegl`."""
import re
import shutil

import numpy as np
import pytest
from conftest import AUX, LORA, PACKS, photograph, read16, write_context
from PIL import Image
from test_tool import tool


@pytest.fixture
def pack(gegl):
    """The tiny model with a prompt and a LoRA that stand for learned ones."""
    folder = gegl.folder / "pack"
    shutil.copytree(PACKS / "tiny-sd15", folder)
    for part in ("task_prompts", "lora"):
        (folder / part).mkdir()
    write_context(folder / "task_prompts/harmonize.safetensors", tokens=6, width=24)
    shutil.copy(LORA, folder / "lora/harmonize.safetensors")
    return folder


def harmonize(gegl, pack, *properties, source="in.png", mask=True):
    aux = AUX if mask else []
    return gegl(source, "-o", "out.png", "--", "inpaint:seele-harmonize", "steps=2", "seed=1", f"model={pack}", *properties, *aux)


def harmonized(gegl, pack, *properties, **options) -> np.ndarray:
    result = harmonize(gegl, pack, *properties, **options)
    assert result.returncode == 0, result.stderr
    assert "no learned prompt" not in result.stderr
    return read16(gegl.folder / "out.png")


def test_only_what_the_mask_covers_changes(gegl, pictures, pack):
    image, mask = pictures
    changed = (harmonized(gegl, pack, "feather=0") != image).any(-1)
    assert changed[mask > 0].mean() > 0.9 and not changed[mask == 0].any()


def test_details_stay_where_the_model_sees_the_picture_smaller(gegl, pictures, pack):
    """What is added has been enlarged eight times: of the picture's grain, which no such picture can hold, nothing goes."""
    image = photograph(256, 256) // 4 + 96  # no colour comes to 0 or 255
    Image.fromarray(image).save(gegl.folder / "in.png")
    Image.fromarray(np.full((256, 256), 255, np.uint8)).save(gegl.folder / "mask.png")
    output = harmonized(gegl, pack, "working-size=32").astype(float)
    inside = ((output > 0) & (output < 255)).all(-1)
    inside = inside[:, 2:] & inside[:, 1:-1] & inside[:, :-2]

    def grain(picture):
        return (picture[:, 2:] - 2 * picture[:, 1:-1] + picture[:, :-2])[inside]
    lost = np.abs(grain(output) - grain(image.astype(float))).mean() / np.abs(grain(image.astype(float))).mean()
    assert inside.mean() > 0.2 and lost < 0.3, f"{lost} of the grain is not the picture's own, limit 0.3"


def test_without_a_lora_the_missing_file_and_what_to_do_are_named(gegl, pictures, pack):
    (pack / "lora/harmonize.safetensors").unlink()
    result = harmonize(gegl, pack)
    assert result.returncode == 1 and not (gegl.folder / "out.png").exists()
    for text in ("inpaint:seele-harmonize: no lora/harmonize.safetensors in", "the property lora", "examples/training"):
        assert text in result.stderr, result.stderr
    listed = tool(gegl, "models", GEGL_INPAINT_MODEL=str(pack)).stdout
    assert "inpaint:seele-harmonize: no lora/harmonize.safetensors" in listed


def test_the_users_lora_takes_the_missing_ones_place_and_is_added_to_the_packs(gegl, pictures, pack):
    learned = harmonized(gegl, pack)
    assert (harmonized(gegl, pack, f"lora={LORA}", "lora-scale=0") == learned).all()
    both = harmonized(gegl, pack, f"lora={LORA}")
    assert (both != learned).any()
    (pack / "lora/harmonize.safetensors").unlink()
    assert (harmonized(gegl, pack, f"lora={LORA}") == learned).all()
    assert np.abs(harmonized(gegl, pack, f"lora={LORA}", "lora-scale=2").astype(int) - both).max() <= 1


def test_without_a_learned_prompt_a_text_takes_its_place_and_the_user_is_told(gegl, pictures, pack):
    (pack / "task_prompts/harmonize.safetensors").unlink()
    result = harmonize(gegl, pack)
    assert result.returncode == 0 and 'no learned prompt "harmonize"' in result.stderr, result.stderr


def test_what_a_pack_recommends_is_listed(gegl, pack):
    (pack / "recommended.json").write_text('{"operations": {"inpaint:seele-harmonize": {"strength": 0.6, "steps": 20}}}')
    listed = tool(gegl, "models", GEGL_INPAINT_MODEL=str(pack)).stdout
    line = next(line for line in listed.splitlines() if "inpaint:seele-harmonize" in line)
    assert re.fullmatch(r"  inpaint:seele-harmonize, about \d+ MB of memory, recommended: steps=20 strength=0.6", line), listed


def test_alpha_is_kept(gegl, pictures, pack):
    alpha = np.broadcast_to(np.arange(96, dtype=np.uint8) + 100, (80, 96))
    Image.fromarray(np.dstack([pictures[0], alpha])).save(gegl.folder / "in.png")
    output = harmonized(gegl, pack, "feather=0")
    assert (output[..., 3] == alpha).all()
    changed = (output[..., :3] != pictures[0]).any(-1)
    assert changed[pictures[1] > 0].mean() > 0.9 and not changed[pictures[1] == 0].any()


def test_every_format_stays_exact_outside_the_mask(gegl, pictures, pack):
    operation = ["inpaint:seele-harmonize", "steps=1", "feather=0", f"model={pack}", *AUX]
    for format, differs in gegl.deviations(["R'G'B' u16", "R'G'B'A u16", "RGB u16", "RGB float", "Y' u8"], operation).items():
        assert not differs[pictures[1] == 0].any() and differs[pictures[1] > 0].any(), format


def test_lights_brighter_than_white_are_kept(gegl, pictures, pack):
    bright = ["gegl:convert-format", "format=RGB float", "gegl:exposure", "exposure=2"]
    result = gegl("in.png", "-o", "difference.png", "--", *bright, "gegl:difference", "aux=[", "gegl:load", "path=in.png", *bright,
                  "inpaint:seele-harmonize", "steps=1", "strength=0", f"model={pack}", "aux=[", "gegl:load", "path=mask.png", "]", "]")
    assert result.returncode == 0, result.stderr
    assert read16(gegl.folder / "difference.png")[..., :3].max() == 0


def test_an_empty_mask_needs_no_model_and_changes_nothing(gegl, pictures):
    Image.fromarray(np.zeros((80, 96), np.uint8)).save(gegl.folder / "mask.png")
    assert (harmonized(gegl, "/nowhere") == pictures[0]).all()
