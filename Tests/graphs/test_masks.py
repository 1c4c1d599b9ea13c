# SPDX-License-Identifier: LGPL-3.0-or-later
"""What counts as the mask, where it lies, and what is said where there is none."""
import numpy as np
import pytest
from conftest import ROOT, box_mask, fails, read16, surely_outside
from PIL import Image


def test_an_empty_mask_needs_no_model_and_changes_nothing(gegl, pictures):
    Image.fromarray(np.zeros((80, 96), np.uint8)).save(gegl.folder / "mask.png")
    result = gegl.fill(GEGL_INPAINT_MODEL="/nowhere")
    assert result.returncode == 0, result.stderr
    assert (read16(gegl.folder / "out.png") == pictures[0]).all()


def test_a_full_mask_works(gegl, pictures):
    Image.fromarray(np.full((80, 96), 255, np.uint8)).save(gegl.folder / "mask.png")
    assert gegl.fill().returncode == 0
    assert (read16(gegl.folder / "out.png") != pictures[0]).mean() > 0.9


@pytest.mark.parametrize("size", [(40, 30), (300, 200), (96, 79)])
def test_a_mask_of_another_size_is_refused_with_both_sizes(gegl, pictures, size):
    Image.fromarray(np.full((size[1], size[0]), 255, np.uint8)).save(gegl.folder / "mask.png")
    fails(gegl, f"the mask is {size[0]} x {size[1]} pixels, the picture 96 x 80")


@pytest.mark.parametrize("on_the_way", [["gegl:invert"], ["gegl:threshold"], ["gegl:nop"], ["gegl:gaussian-blur", "std-dev-x=2"]])
def test_what_only_changes_a_masks_values_does_not_place_it(gegl, pictures, on_the_way):
    Image.fromarray(np.full((40, 48), 255, np.uint8)).save(gegl.folder / "mask.png")
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:sd-inpaint", "steps=1", "aux=[", "gegl:load", "path=mask.png",
                  *on_the_way, "]")
    assert result.returncode == 1 and "the mask is " in result.stderr, result.stderr


def test_a_mask_whose_file_is_no_picture_is_an_error(gegl, pictures):
    (gegl.folder / "mask.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    fails(gegl, "mask")


def test_a_mask_of_the_whole_fits_a_part_that_was_cut_out(gegl, pictures):
    result = gegl("in.png", "-o", "out.png", "--", "gegl:crop", "x=20", "y=10", "width=60", "height=60", "inpaint:sd-inpaint",
                  "steps=1", "aux=[", "gegl:load", "path=mask.png", "]")
    assert result.returncode == 0, result.stderr
    changed = (read16(gegl.folder / "out.png") != pictures[0][10:70, 20:80]).any(-1)
    assert changed[pictures[1][10:70, 20:80] > 0].mean() > 0.9


def test_a_mask_of_a_grown_picture_has_to_be_placed(gegl, pictures):
    Image.fromarray(np.full((80, 116), 255, np.uint8)).save(gegl.folder / "mask.png")
    chain = ["inpaint:outpaint", "steps=1", "left=20", "gegl:nop", "inpaint:sd-inpaint", "steps=1", "aux=[", "gegl:load", "path=mask.png"]
    result = gegl("in.png", "-o", "out.png", "--", *chain, "]")
    assert result.returncode == 1 and "place the mask with gegl:translate x=-20 y=0" in result.stderr, result.stderr
    result = gegl("in.png", "-o", "out.png", "--", *chain, "gegl:translate", "x=-20", "y=0", "]")
    assert result.returncode == 0, result.stderr


def test_a_smaller_mask_counts_where_operations_have_placed_it(gegl, pictures):
    Image.fromarray(np.full((10, 15), 255, np.uint8)).save(gegl.folder / "mask.png")
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:sd-inpaint", "steps=1", "aux=[", "gegl:load", "path=mask.png",
                  "gegl:translate", "x=40", "y=30", "]")
    assert result.returncode == 0, result.stderr
    changed = (read16(gegl.folder / "out.png") != pictures[0]).any(-1)
    assert changed[30:40, 40:55].mean() > 0.9 and not changed[:, :30].any()


def test_a_mask_fits_the_picture_that_was_grown_since(gegl, pictures):
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:outpaint", "steps=1", "right=20", "gegl:nop", "inpaint:sd-inpaint", "steps=1", "aux=[",
                  "gegl:load", "path=mask.png", "]")
    assert result.returncode == 0, result.stderr
    changed = (read16(gegl.folder / "out.png")[:, :60] != pictures[0][:, :60]).any(-1)
    assert changed[pictures[1][:, :60] > 0].mean() > 0.9 and not changed[:10].any()


def test_a_pad_without_a_picture_is_no_mask(gegl, pictures):
    """GIMP's dialogs connect a gegl:buffer-source to aux before they have a buffer for it."""
    Image.fromarray(np.dstack([pictures[0], 255 - box_mask()])).save(gegl.folder / "in.png")
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:sd-inpaint", "steps=2", "seed=1", "aux=[", "gegl:buffer-source", "]")
    assert result.returncode == 0, result.stderr
    gegl.fill(mask=None, output="alone.png")
    assert (read16(gegl.folder / "out.png") == read16(gegl.folder / "alone.png")).all()
    assert (read16(gegl.folder / "out.png")[..., 3] == 255).all()


def test_a_soft_mask_is_repainted_as_far_as_it_is_white(gegl):
    """With the mini pack, whose cells are painted by what is near them. In bands from left to right."""
    greys = [0, 64, 128, 192, 255]
    Image.open(ROOT / "examples/images/dragonfly.jpg").crop((300, 100, 812, 484)).save(gegl.folder / "in.png")
    mask = np.zeros((384, 512), np.uint8)
    mask[64:320, 16:496] = np.repeat(greys, 96)
    Image.fromarray(mask).save(gegl.folder / "mask.png")
    plain = "grow=0 feather=0 crop=whole preserve=false detail=model color-match=false seed=1 steps=12".split()

    def painted(*settings):
        result = gegl("in.png", "-o", "out.png", "--", "inpaint:sd-inpaint", f"model={ROOT}/plugin-manifest/models/mini",
                      *plain, *settings, "aux=[", "gegl:load", "path=mask.png", "]")
        assert result.returncode == 0, result.stderr
        return read16(gegl.folder / "out.png")[..., :3].astype(float)

    away = np.abs(painted("mask-strength=soft") - painted("strength=0"))
    bands = [away[96:288, 40 + 96 * index:88 + 96 * index].mean() for index in range(len(greys))]
    assert bands[0] < 2 and 4 < bands[1] < 0.7 * min(bands[2:]), bands  # from a half on little of what was there is left


def test_a_soft_mask_with_few_steps_is_noted(gegl, pictures):
    assert "steps=20 gives it more" in gegl.fill("in.png", "mask-strength=soft", "steps=1").stderr
    assert "gives it more" not in gegl.fill("in.png", "mask-strength=soft", "steps=8").stderr


@pytest.mark.parametrize("values, text", [
    (np.zeros((80, 96), np.uint8), '96 x 80 pixels in "Y\' u8" the brightest one is 0.000'),
    (box_mask() // 255, '96 x 80 pixels in "Y\' u8" the brightest one is 0.004; in a file of 8 bits white is 255, not 1'),
    (np.dstack([box_mask() // 3] * 3), '96 x 80 pixels in "R\'G\'B\' u8" the brightest one is 0.333; mask-strength=soft repaints what is grey')])
def test_an_empty_mask_is_told_with_what_it_holds(gegl, pictures, values, text):
    Image.fromarray(values).save(gegl.folder / "mask.png")
    assert text in gegl.fill().stderr


def test_a_mask_beside_the_picture_changes_nothing(gegl, pictures):
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:sd-inpaint", "aux=[", "gegl:load", "path=mask.png",
                  "gegl:translate", "x=5000", "]")
    assert result.returncode == 0 and (read16(gegl.folder / "out.png") == pictures[0]).all()


def test_transparency_is_the_mask_without_one_and_is_filled(gegl, pictures):
    alpha = 255 - box_mask()
    Image.fromarray(np.dstack([pictures[0], alpha])).save(gegl.folder / "in.png")
    assert gegl.fill(mask=None).returncode == 0
    output = read16(gegl.folder / "out.png")
    assert (output[..., 3] == 255).all()
    outside = surely_outside(box_mask())
    assert (output[outside][:, :3] == pictures[0][outside]).all()


def test_alpha_is_kept_with_a_mask(gegl, pictures):
    alpha = np.broadcast_to(np.arange(96, dtype=np.uint8) + 100, (80, 96))
    Image.fromarray(np.dstack([pictures[0], alpha])).save(gegl.folder / "in.png")
    assert gegl.fill().returncode == 0
    assert (read16(gegl.folder / "out.png")[..., 3] == alpha).all()


def test_neither_mask_nor_alpha_passes_through_with_a_message(gegl, pictures):
    result = gegl.fill(mask=None)
    assert result.returncode == 0 and "neither a mask" in result.stderr
    assert (read16(gegl.folder / "out.png") == pictures[0]).all()


def test_a_mask_beside_the_picture_is_an_empty_one(gegl, pictures):
    """GEGL gives the operation no buffer then, as without a mask; the transparent part must not be filled."""
    picture = np.dstack([pictures[0], np.zeros(pictures[1].shape, np.uint8)])
    Image.fromarray(picture).save(gegl.folder / "in.png")
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:sd-inpaint", "aux=[", "gegl:load", "path=mask.png",
                  "gegl:translate", "x=-300", "]", GEGL_INPAINT_MODEL="/nowhere")
    assert result.returncode == 0 and "no pixel of the mask" in result.stderr, result.stderr
    assert (read16(gegl.folder / "out.png") == picture).all()


def test_an_opaque_alpha_passes_through_with_a_message(gegl, pictures):
    Image.fromarray(np.dstack([pictures[0], np.full(pictures[1].shape, 255, np.uint8)])).save(gegl.folder / "in.png")
    result = gegl.fill(mask=None)
    assert result.returncode == 0 and "nothing to fill" in result.stderr
