# SPDX-License-Identifier: LGPL-3.0-or-later
"""What inpaint:lama-inpaint promises to who uses it in `gegl`."""
import json
import struct

import numpy as np
import pytest
from PIL import Image

from conftest import AUX, LAMA, PACKS, read16, surely_outside

ERASE = ["inpaint:lama-inpaint", "grow=0", "feather=0", "crop=whole"]


def expected(case: str, name: str) -> np.ndarray:
    """Values of expected.safetensors, [H, W, C]."""
    data = (LAMA / "expected.safetensors").read_bytes()
    length, = struct.unpack_from("<Q", data)
    entry = json.loads(data[8:8 + length])[f"big-lama/{case}/{name}"]
    begin, end = entry["data_offsets"]
    return np.frombuffer(data[8 + length + begin:8 + length + end], "<f4").reshape(entry["shape"])[0]


@pytest.mark.parametrize("case", ["odd", "padded"])
def test_pictures_are_pytorchs(gegl, tmp_path, case):
    image, mask = expected(case, "image"), expected(case, "mask")
    Image.fromarray(np.rint(image * 255).astype(np.uint8)).save(tmp_path / "in.png")
    Image.fromarray((mask[..., 0] * 255).astype(np.uint8)).save(tmp_path / "mask.png")
    result = gegl("in.png", "-o", "out.png", "--", *ERASE, *AUX)
    assert result.returncode == 0, result.stderr
    wanted = (mask * expected(case, "output") + (1 - mask) * image) * 255
    assert np.abs(read16(tmp_path / "out.png") - wanted).max() <= 0.51


def test_what_is_around_the_mask_stays(gegl, pictures):
    image, mask = pictures
    assert gegl("in.png", "-o", "out.png", "--", "inpaint:lama-inpaint", "grow=0", *AUX).returncode == 0
    result = read16(gegl.folder / "out.png")
    assert (result[mask > 0] != image[mask > 0]).mean() > 0.9
    assert (result == image)[surely_outside(mask)].all()


@pytest.mark.parametrize("size", [(1, 1), (9, 3), (400, 8)])
def test_pictures_smaller_than_what_the_model_takes(gegl, tmp_path, size):
    Image.new("RGB", size, (90, 100, 110)).save(tmp_path / "in.png")
    Image.new("L", size, 255).save(tmp_path / "mask.png")
    result = gegl("in.png", "-o", "out.png", "--", *ERASE, *AUX)
    assert result.returncode == 0, result.stderr
    assert (read16(tmp_path / "out.png") != (90, 100, 110)).any(-1).mean() > 0.9


def test_without_a_model_the_error_says_where_one_goes(gegl, pictures):
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:lama-inpaint", *AUX, GEGL_INPAINT_LAMA="")
    assert result.returncode == 1
    assert "set the property model or GEGL_INPAINT_LAMA to a LaMa" in result.stderr and "models/lama" in result.stderr


def test_models_of_the_other_kind_are_refused(gegl, pictures):
    lama, diffusion = LAMA / "plain.safetensors", PACKS / "tiny-sd15"
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:lama-inpaint", f"model={diffusion}", *AUX)
    assert result.returncode == 1 and f"{diffusion} is no LaMa; set the property model" in result.stderr
    result = gegl.fill("in.png", f"model={lama}")
    assert result.returncode == 1 and f"no text_encoder in {lama}" in result.stderr, result.stderr


def test_models_lists_both_kinds(inpaint):
    listed = inpaint("models")
    assert "plain.safetensors  (GEGL_INPAINT_LAMA)\n  LaMa, native size 256" in listed
    assert "tiny-sd15  (GEGL_INPAINT_MODEL)\n  Stable Diffusion, native size 64" in listed
    assert listed.count("inpaint:lama-inpaint") == 1
    assert "complete" in inpaint("models", "check", str(LAMA / "big-lama"))


def test_a_removal_goes_to_lama_where_the_model_has_no_prompt_for_it(gegl, pictures):
    def removed(*settings: str) -> tuple[np.ndarray, str]:
        result = gegl("in.png", "-o", "out.png", "--", "inpaint:seele-remove", "steps=1", "seed=1", *settings, *AUX)
        assert result.returncode == 0, result.stderr
        return read16(gegl.folder / "out.png"), result.stderr

    by_itself, note = removed()
    assert "method=lama: " in note and 'no learned prompt "remove"' in note and "LaMa takes no steps" in note
    asked, _ = removed("method=lama")
    assert gegl("in.png", "-o", "out.png", "--", "inpaint:lama-inpaint", *AUX).returncode == 0
    assert (by_itself == asked).all() and (asked == read16(gegl.folder / "out.png")).all()
    assert (removed("method=seele")[0] != asked).any()
    assert "no learned prompt" in removed(f"model={PACKS / 'tiny-sd15'}")[1]
