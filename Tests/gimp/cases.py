# SPDX-License-Identifier: LGPL-3.0-or-later
"""What every GIMP's procedures do to a layer; `picture` makes one in the GIMP whose tests import them."""
import numpy as np
import pytest
from pixels import check_changed_inside_only, inside, photograph
from process import Failed

BOX = (30, 20, 24, 28)  # x, y, width, height in the image


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
