# SPDX-License-Identifier: LGPL-3.0-or-later
"""What every GIMP's procedures do to a layer; `picture` makes one in the GIMP whose tests import them."""
import os
import signal

import numpy as np
import pytest
from pixels import check_changed_inside_only, inside, photograph
from process import PROCEDURE, Failed, wait_until

BOX = (30, 20, 24, 28)  # x, y, width, height in the image


def linear(values):
    """sRGB's curve, 0 ... 1"""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def stored(values):
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)


def test_in_place_changes_the_selection_only(picture):
    made = picture(photograph())
    made.select(*BOX)
    made.fill()
    assert len(made.layers()) == 1
    check_changed_inside_only(photograph(), made.pixels(made.layer)[..., :3], inside((80, 96), BOX))


def test_a_new_layer_shows_the_same_and_leaves_the_old_one(picture):
    placed, added = picture(photograph()), picture(photograph())
    for made, new_layer in [(placed, False), (added, True)]:
        made.select(*BOX)
        made.fill(new_layer)
    layers = added.layers()
    assert len(layers) == 2 and layers[1] == added.layer
    assert (added.pixels(added.layer)[..., :3] == photograph()).all()
    assert (added.pixels() == placed.pixels()).all()
    assert added.active_layer() == added.layer
    patch = added.pixels(layers[0])
    assert patch.shape == (BOX[3], BOX[2], 4) and (patch[..., 3] == 255).all()


def test_the_same_run_can_be_repeated(picture):
    made = picture(photograph())
    made.select(*BOX)
    made.fill()
    for _ in range(2):
        made.fill(settings="steps=1 crop=whole")


def test_layers_with_offsets(picture):
    values = photograph()
    for offset in [(17, 9), (-11, -6)]:
        made = picture(values, offset=offset, size=(110, 90))
        made.select(*BOX)
        made.fill()
        mask = inside(values.shape, (BOX[0] - offset[0], BOX[1] - offset[1], BOX[2], BOX[3]))
        check_changed_inside_only(values, made.pixels(made.layer)[..., :3], mask)


def test_an_offset_changes_nothing_of_a_fill(picture):
    plain, moved = picture(photograph()), picture(photograph(), offset=(17, 9), size=(120, 100))
    plain.select(*BOX)
    moved.select(BOX[0] + 17, BOX[1] + 9, *BOX[2:])
    for made in [plain, moved]:
        made.fill()
    assert (plain.pixels(plain.layer) == moved.pixels(moved.layer)).all()


def test_a_selection_that_reaches_over_the_layer(picture):
    made = picture(photograph(), offset=(5, 5), size=(120, 120))
    made.select(70, 60, 50, 60)
    made.fill(new_layer=True)
    seen, mask = made.pixels(), inside((120, 120), (70, 60, 31, 25))
    assert seen.shape[2] == 4 and (seen[..., 3] > 0).sum() == 96 * 80
    check_changed_inside_only(photograph(), seen[5:85, 5:101, :3], mask[5:85, 5:101])


def test_alpha_is_kept_in_place(picture):
    values = np.dstack([photograph(), np.full((80, 96), 130, np.uint8)])
    made = picture(values)
    made.select(*BOX)
    made.fill()
    after = made.pixels(made.layer)
    assert (after[..., 3] == 130).all()
    check_changed_inside_only(values[..., :3], after[..., :3], inside(values.shape, BOX))


def test_without_a_selection_the_transparent_part_is_filled(picture):
    mask = inside((80, 96), BOX)
    values = np.dstack([photograph(), np.where(mask, 0, 255).astype(np.uint8)])
    for new_layer in [False, True]:
        made = picture(values)
        made.fill(new_layer)
        seen = made.pixels()
        assert (seen[..., 3] == 255).all() if seen.shape[2] == 4 else True
        assert (seen[~mask][:, :3] == values[~mask][:, :3]).all()


@pytest.mark.parametrize("new_layer", [False, True])
def test_the_selected_subject_moves(picture, new_layer):
    values, (x, y, width, height) = photograph(), (10, 8, 20, 16)
    made = picture(values)
    made.select(x, y, width, height)
    made.reposition(50, 40, new_layer)
    seen = made.pixels()[..., :3]
    assert (seen[y + 40:y + 40 + height, x + 50:x + 50 + width] == values[y:y + height, x:x + width]).all()
    changed = (seen != values).any(-1)
    assert changed[y:y + height, x:x + width].mean() > 0.9
    changed[inside(values.shape, (x - 10, y - 10, width + 20, height + 20))] = False  # the removal's grow and feather
    changed[inside(values.shape, (x + 50, y + 40, width, height))] = False
    assert not changed.any()
    with pytest.raises(Failed, match="Nothing moves"):
        made.reposition(0, 0)


def test_a_soft_selection_blends_once(picture):
    # A selection of share s: s x fill + (1 - s) x before, also where s is less than a half.
    values = photograph()
    hard, placed, added = picture(values), picture(values), picture(values)
    for made in [hard, placed, added]:
        made.select(*BOX)
        if made is not hard:
            made.soften_selection()
        made.fill(new_layer=made is added)
    mask = inside(values.shape, BOX)
    share = placed.gimp.number(f"(gimp-selection-value {placed.image} {BOX[0]} {BOX[1]})") / 255
    assert 0.2 < share < 0.4
    fill = hard.pixels()[..., :3]
    # GIMP blends in linear light.
    expected = 255 * stored(linear(values / 255) + share * (linear(fill / 255) - linear(values / 255)))
    for made in [placed, added]:
        seen = made.pixels()[..., :3]
        error = np.abs(seen - expected)[mask].max()
        assert error <= 2, f"{error} of 255 beside one blend"
        assert (seen[~mask] == values[~mask]).all()


@pytest.mark.parametrize("precision", ["U8-LINEAR", "U16-GAMMA", "U32-GAMMA", "HALF-LINEAR", "FLOAT-LINEAR", "DOUBLE-GAMMA"])
def test_every_precision(picture, precision):
    made = picture(photograph())
    made.convert(precision)
    made.select(*BOX)
    before = made.pixels()
    made.fill()
    placed = made.pixels()
    check_changed_inside_only(before, placed, inside(before.shape, BOX))
    made.fill(new_layer=True, seed=2)
    check_changed_inside_only(placed, made.pixels(), inside(before.shape, BOX))


def test_gray_images_stay_gray(picture):
    made = picture(photograph())
    made.gimp(f"(gimp-image-convert-grayscale {made.image})")
    made.select(*BOX)
    before = made.pixels()
    made.fill(new_layer=True)
    assert before.ndim == 2 or before.shape[2] == 2
    check_changed_inside_only(before, made.pixels(), inside(before.shape, BOX))


def test_a_layer_mask_stays(picture):
    made = picture(np.dstack([photograph(), np.full((80, 96), 255, np.uint8)]))
    mask = made.add_mask(edited=False)
    made.select(*BOX)
    made.fill()
    assert made.gimp.number(f"(gimp-layer-get-mask {made.layer})") == mask
    check_changed_inside_only(photograph(), made.pixels(made.layer)[..., :3], inside((80, 96), BOX))
    with pytest.raises(Failed, match="not on its mask"):
        made.fill(drawable=mask)


def test_only_the_chosen_one_of_several_layers_changes(picture):
    made = picture(photograph())
    other = made.copy_layer()
    made.select(*BOX)
    made.fill()
    assert (made.pixels(other)[..., :3] == photograph()).all()
    assert not (made.pixels(made.layer)[..., :3] == photograph()).all()


def test_an_indexed_image_is_refused(picture):
    made = picture(photograph())
    made.gimp(f'(gimp-image-convert-indexed {made.image} CONVERT-DITHER-NONE CONVERT-PALETTE-GENERATE 16 FALSE FALSE "")')
    made.select(*BOX)
    with pytest.raises(Failed, match="Image > Mode > RGB"):
        made.fill()


def test_a_stopped_run_leaves_the_image_untouched(picture):
    made = picture(photograph(512, 512))
    made.select(100, 100, 300, 300)
    before = made.pixels()
    mark = made.gimp.send(made.fill_call(settings="steps=150 crop=whole"))
    # GIMP's "Cancel" kills the plug-in.
    os.kill(wait_until(made.gimp.plug_in_process, "the plug-in"), signal.SIGKILL)
    with pytest.raises(Failed):
        made.gimp.answer(mark)
    assert len(made.layers()) == 1 and (made.pixels() == before).all()


def test_proposals_are_layers_of_a_group_of_which_the_first_is_shown(picture):
    made = picture(photograph())
    made.select(*BOX)
    made.fill(new_layer=True, settings="steps=1 proposals=3", seed=7)
    layers = made.layers()
    assert len(layers) == 2 and layers[1] == made.layer and made.active_layer() == made.layer
    proposals = made.children(layers[0])
    assert [made.name(layer) for layer in [layers[0], *proposals]] == [
        "Fill Selection", *(f"Fill Selection, seed {7 + number}" for number in range(3))]
    assert [made.is_visible(layer) for layer in [layers[0], *proposals]] == [True, True, False, False]
    for number, proposal in enumerate(proposals):
        alone = picture(photograph())
        alone.select(*BOX)
        alone.fill(new_layer=True, seed=7 + number)
        assert (alone.pixels(alone.layers()[0]) == made.pixels(proposal)).all()


def test_proposals_in_place_are_refused(picture):
    made = picture(photograph())
    made.select(*BOX)
    with pytest.raises(Failed, match="layers of their own"):
        made.fill(settings="steps=1 proposals=2")
    assert (made.pixels(made.layer)[..., :3] == photograph()).all()


def test_there_is_no_procedure_without_the_operation(kinds, tmp_path):
    gimp = kinds[0](tmp_path, "-i", with_module=False)
    try:
        with pytest.raises(Failed, match="unbound variable"):
            gimp(PROCEDURE)
    finally:
        gimp.close()
