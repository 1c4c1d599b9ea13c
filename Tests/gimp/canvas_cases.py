# SPDX-License-Identifier: LGPL-3.0-or-later
"""Extend Canvas: the image and a layer grow, everything else keeps its place in the picture."""
import numpy as np
import pytest
from pixels import inside, photograph
from process import Failed

def check_painted(seen, before, box):
    """`before` lies at box (x, y) of an opaque picture, untouched, and the rest has been painted."""
    mask = inside(seen.shape, box)
    if seen.shape[2] == 4:
        assert (seen[..., 3] == 255).all(), f"{(seen[..., 3] < 255).sum()} pixels are not opaque"
    assert (seen[mask][:, :3] == before.reshape(-1, before.shape[-1])[:, :3]).all(), "known pixels have changed"
    beside = seen[~mask][:, :3]
    assert beside.std() > 5 and (beside != 0).any(-1).mean() > 0.9, f"little was painted: deviation {beside.std()}"


@pytest.mark.parametrize("new_layer", [False, True])
def test_the_canvas_and_the_layer_grow(picture, new_layer):
    values = photograph()
    made = picture(values)
    made.extend(40, 24, 16, 8, new_layer=new_layer)
    assert made.size() == (96 + 64, 80 + 24)
    layers = made.layers()
    assert len(layers) == 1 + new_layer and layers[-1] == made.layer
    check_painted(made.pixels(), values, (40, 16, 96, 80))
    if new_layer:
        assert (made.pixels(made.layer)[..., :3] == values).all() and made.offsets(made.layer) == (40, 16)
        assert made.offsets(layers[0]) == (0, 0)
        patch = made.pixels(layers[0])
        assert (patch[inside(patch.shape, (40, 16, 96, 80))][:, 3] == 0).all(), "the new layer hides the old one"
    else:
        assert made.pixels(made.layer).shape[2] == 3, "an opaque layer needs no alpha"


def test_overlap_changes_the_old_border_only(picture):
    values = photograph()
    made = picture(values)
    made.extend(right=40, overlap=16)
    changed = (made.pixels()[:, :96, :3] != values).any(-1)
    assert changed[:, 90:].mean() > 0.9 and not changed[:, :96 - 16].any()


def test_other_layers_and_the_selection_keep_their_places(picture):
    made = picture(photograph())
    other = made.copy_layer(1)
    made.gimp(f"(gimp-layer-set-offsets {other} 5 7)")
    made.select(10, 12, 20, 30)
    made.extend(left=40, top=16)
    assert made.offsets(other) == (45, 23)
    assert made.selection_bounds() == [50, 28, 70, 58]
    assert made.active_layer() == made.layer
    assert not made.numbers(f"(gimp-image-get-channels {made.image})"), "a channel was left behind"
    check_painted(made.pixels(made.layer), photograph(), (40, 16, 96, 80))


@pytest.mark.parametrize("new_layer", [False, True])
def test_a_small_layer_is_extended_to_the_whole_canvas(picture, new_layer):
    values = photograph()
    made = picture(values, offset=(20, 10), size=(140, 100))
    made.extend(left=8, new_layer=new_layer)
    assert made.size() == (148, 100)
    check_painted(made.pixels(), values, (28, 10, 96, 80))


@pytest.mark.parametrize("new_layer", [False, True])
def test_of_a_large_layer_nothing_is_lost(picture, new_layer):
    # It reaches beyond the canvas on the left, top and bottom; what lies there is known.
    values = photograph()
    made = picture(values, offset=(-20, -10), size=(76, 60))
    made.extend(left=8, right=32, new_layer=new_layer)
    assert made.size() == (116, 60)
    check_painted(made.pixels(), values[10:70, 12:], (0, 0, 84, 60))
    x, y = made.offsets(made.layer)
    layer = made.pixels(made.layer)
    assert (layer[-10 - y:, -12 - x:][:80, :96][..., :3] == values).all()


def test_transparent_borders_are_filled(picture):
    values = np.dstack([photograph(), np.where(inside((80, 96), (16, 0, 80, 80)), 255, 0).astype(np.uint8)])
    made = picture(values)
    made.extend(left=8)
    check_painted(made.pixels(), values[:, 20:], (28, 0, 76, 80))  # 4 pixels for the hole's border


def test_the_mask_of_a_layer_shows_what_is_painted(picture):
    made = picture(np.dstack([photograph(), np.full((80, 96), 255, np.uint8)]))
    made.add_mask(edited=True)
    made.select(1, 1, 5, 5)
    made.extend(left=40)
    check_painted(made.pixels(), photograph(), (40, 0, 96, 80))


@pytest.mark.parametrize("precision", ["U8-LINEAR", "U16-GAMMA", "FLOAT-LINEAR"])
def test_every_precision(picture, precision):
    made = picture(photograph())
    made.convert(precision)
    before = made.pixels()
    made.extend(bottom=32)
    after = made.pixels()
    assert after.shape[0] == 112 and (after[:80, :, :3] == before[..., :3]).all()
    assert after[80:].std() > 5


def test_gray_images_stay_gray(picture):
    made = picture(photograph())
    made.gimp(f"(gimp-image-convert-grayscale {made.image})")
    before = made.pixels(made.layer)
    for new_layer in [True, False]:
        made.extend(right=32, new_layer=new_layer)
    after = made.pixels(made.layer)
    assert after.ndim == 2 and (after[:, :96] == before).all()


def test_says_why_it_does_not_work(picture):
    made = picture(photograph())
    before = made.pixels()
    for arguments, text in [({}, "There is nothing to paint"), ({"left": 9000}, "out of range"),
                            ({"left": 8, "settings": "model=/nowhere"}, "/nowhere")]:
        with pytest.raises(Failed, match=text):
            made.extend(**arguments)
    made.move(300, 0)
    with pytest.raises(Failed, match="outside the canvas"):
        made.extend(left=8)
    made.move(0, 0)
    made.lock("item-set-lock-position")
    with pytest.raises(Failed, match="position and size are locked"):
        made.extend(left=8)
    assert made.size() == (96, 80) and (made.pixels() == before).all()
    made.extend(left=8, new_layer=True)
