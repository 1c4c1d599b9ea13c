# SPDX-License-Identifier: LGPL-3.0-or-later
"""What inpaint:asuka-inpaint promises to who uses it in `gegl`."""
import shutil

import numpy as np
import pytest
from conftest import AUX, read16

ALL = ("mae", "alignment", "harmonizing_decoder")


def asuka(gegl, pack, *properties, output="out.png"):
    return gegl("in.png", "-o", output, "--", "inpaint:asuka-inpaint", "steps=2", "seed=1", f"model={pack}", *properties, *AUX)


def test_fills_the_mask_without_a_text_encoder_and_keeps_the_rest(gegl, pictures, model):
    image, mask = pictures
    pack = model(*ALL)
    shutil.rmtree(pack / "text_encoder")
    result = asuka(gegl, pack)
    assert result.returncode == 0, result.stderr
    output = read16(gegl.folder / "out.png")
    assert (output[:10] == image[:10]).all() and (output[mask > 0] != image[mask > 0]).mean() > 0.9


def test_prior_strength_goes_from_the_empty_prompt_to_the_prior(gegl, pictures, model):
    settings = "steps=2", "seed=1", f"model={model(*ALL)}"
    empty, none, little, nearly, full = (result.astype(int) for result in gegl.results(
        ["inpaint:sd-inpaint", *settings, "decoder=harmonizing", "color-match=true", "guidance=1", *AUX],
        *(["inpaint:asuka-inpaint", *settings, f"prior-strength={strength}", *AUX] for strength in (0, 0.01, 0.99, 1))))
    assert (none == empty).all()
    apart = np.abs(none - full).mean()
    assert apart > 0 and np.abs(none - little).mean() < apart / 4 and np.abs(full - nearly).mean() < apart / 4


def test_the_plain_decoder_needs_no_other(gegl, pictures, model):
    pack = model(*ALL)
    for output in ("with.png", "without.png"):
        result = asuka(gegl, pack, "decoder=plain", output=output)
        assert result.returncode == 0, result.stderr
        shutil.rmtree(pack / "harmonizing_decoder", ignore_errors=True)
    assert (read16(gegl.folder / "with.png") == read16(gegl.folder / "without.png")).all()


@pytest.mark.parametrize("parts, text", [((), "no mae in"), (("mae",), "no alignment in"), (("mae", "alignment"), "decoder=plain")])
def test_a_part_that_is_missing_is_named_with_what_to_do(gegl, pictures, model, parts, text):
    result = asuka(gegl, model(*parts))
    assert result.returncode == 1 and "inpaint:asuka-inpaint: " in result.stderr and text in result.stderr, result.stderr
    assert not (gegl.folder / "out.png").exists()


def test_a_part_that_cannot_be_read_is_told_as_such(gegl, pictures, model):
    pack = model(*ALL)
    (pack / "harmonizing_decoder/config.json").unlink()  # its few channels fit no usual normalisation
    result = asuka(gegl, pack)
    assert result.returncode == 1 and f"{pack}, harmonizing_decoder: " in result.stderr and "add config.json" in result.stderr
    (pack / "mae/model.safetensors").write_bytes(b"")
    result = asuka(gegl, pack)
    assert result.returncode == 1 and "empty file" in result.stderr and "sd-inpaint" not in result.stderr, result.stderr


def test_published_files_keep_their_names(gegl, pictures, model):
    pack = model(*ALL)
    assert asuka(gegl, pack, output="usual.png").returncode == 0
    for part, name in zip(ALL, ("mae_300.pth", "asuka_alignment.pt", "asuka_decoder.ckpt")):
        (pack / part / "model.safetensors").rename(pack / part / name)
    (pack / "alignment/config.json").unlink()  # the tensors' shapes say the same
    result = asuka(gegl, pack)
    assert result.returncode == 0, result.stderr
    assert (read16(gegl.folder / "out.png") == read16(gegl.folder / "usual.png")).all()
    shutil.copy(pack / "mae/mae_300.pth", pack / "mae/mae_200.pth")
    result = asuka(gegl, pack, output="none.png")
    assert result.returncode == 1 and "several files of weights, mae_200.pth, mae_300.pth" in result.stderr, result.stderr


def test_parts_of_different_models_are_told(gegl, pictures, model):
    result = asuka(gegl, model(*ALL, alignment="fine-tuned"))
    assert result.returncode == 1 and "the UNet's context is 24 wide, that of the alignment module 16" in result.stderr
