# SPDX-License-Identifier: LGPL-3.0-or-later
"""Extend Canvas: the image and a layer grow, everything else keeps its place in the picture."""
import re

import numpy as np
import pytest
from conftest import Failed, inside, photograph

PROCEDURE = "plug-in-inpaint-outpaint"


def extend(made, left=0, right=0, top=0, bottom=0, overlap=0, new_layer=False, settings="steps=1 seed=1"):
    made.gimp(f'({PROCEDURE} RUN-NONINTERACTIVE {made.image} {made.layer} {left} {right} {top} {bottom} {overlap} "a meadow" '
              f'{"TRUE" if new_layer else "FALSE"} "{settings}")')


def size(made) -> tuple[int, int]:
    return made.gimp.number(f"(gimp-image-width {made.image})"), made.gimp.number(f"(gimp-image-height {made.image})")


def offsets(made, layer) -> tuple[int, int]:
    answer = made.gimp(f"(gimp-drawable-offsets {layer})")
    return tuple(int(text) for text in re.search(r"\((-?\d+) (-?\d+)\)", answer).groups())


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
    extend(made, 40, 24, 16, 8, new_layer=new_layer)
    assert size(made) == (96 + 64, 80 + 24)
    layers = made.layers()
    assert len(layers) == 1 + new_layer and layers[-1] == made.layer
    check_painted(made.pixels(), values, (40, 16, 96, 80))
    if new_layer:
        assert (made.pixels(made.layer)[..., :3] == values).all() and offsets(made, made.layer) == (40, 16)
        assert offsets(made, layers[0]) == (0, 0)
        patch = made.pixels(layers[0])
        assert (patch[inside(patch.shape, (40, 16, 96, 80))][:, 3] == 0).all(), "the new layer hides the old one"
    else:
        assert made.pixels(made.layer).shape[2] == 3, "an opaque layer needs no alpha"


def test_overlap_changes_the_old_border_only(picture):
    values = photograph()
    made = picture(values)
    extend(made, right=40, overlap=16)
    changed = (made.pixels()[:, :96, :3] != values).any(-1)
    assert changed[:, 90:].mean() > 0.9 and not changed[:, :96 - 16].any()


def test_other_layers_and_the_selection_keep_their_places(picture):
    made = picture(photograph())
    other = made.gimp.number(f"(gimp-layer-copy {made.layer} TRUE)")
    made.gimp(f"(gimp-image-insert-layer {made.image} {other} 0 1)")
    made.gimp(f"(gimp-layer-set-offsets {other} 5 7)")
    made.select(10, 12, 20, 30)
    extend(made, left=40, top=16)
    assert offsets(made, other) == (45, 23)
    answer = made.gimp(f"(gimp-selection-bounds {made.image})")
    assert "(1 50 28 70 58)" in answer, answer
    assert made.gimp.number(f"(gimp-image-get-active-layer {made.image})") == made.layer
    assert "(0 " in made.gimp(f"(gimp-image-get-channels {made.image})"), "a channel was left behind"
    check_painted(made.pixels(made.layer), photograph(), (40, 16, 96, 80))


@pytest.mark.parametrize("new_layer", [False, True])
def test_a_small_layer_is_extended_to_the_whole_canvas(picture, new_layer):
    values = photograph()
    made = picture(values, offset=(20, 10), size=(140, 100))
    extend(made, left=8, new_layer=new_layer)
    assert size(made) == (148, 100)
    check_painted(made.pixels(), values, (28, 10, 96, 80))


@pytest.mark.parametrize("new_layer", [False, True])
def test_of_a_large_layer_nothing_is_lost(picture, new_layer):
    # It reaches beyond the canvas on the left, top and bottom; what lies there is known.
    values = photograph()
    made = picture(values, offset=(-20, -10), size=(76, 60))
    extend(made, left=8, right=32, new_layer=new_layer)
    assert size(made) == (116, 60)
    check_painted(made.pixels(), values[10:70, 12:], (0, 0, 84, 60))
    x, y = offsets(made, made.layer)
    layer = made.pixels(made.layer)
    assert (layer[-10 - y:, -12 - x:][:80, :96][..., :3] == values).all()


def test_transparent_borders_are_filled(picture):
    values = np.dstack([photograph(), np.where(inside((80, 96), (16, 0, 80, 80)), 255, 0).astype(np.uint8)])
    made = picture(values)
    extend(made, left=8)
    check_painted(made.pixels(), values[:, 20:], (28, 0, 76, 80))  # 4 pixels for the hole's border


def test_the_mask_of_a_layer_shows_what_is_painted(picture):
    made = picture(np.dstack([photograph(), np.full((80, 96), 255, np.uint8)]))
    mask = made.gimp.number(f"(gimp-layer-create-mask {made.layer} ADD-MASK-WHITE)")
    made.gimp(f"(gimp-layer-add-mask {made.layer} {mask})")
    made.select(1, 1, 5, 5)
    extend(made, left=40)
    check_painted(made.pixels(), photograph(), (40, 0, 96, 80))


@pytest.mark.parametrize("precision", ["PRECISION-U8-LINEAR", "PRECISION-U16-GAMMA", "PRECISION-FLOAT-LINEAR"])
def test_every_precision(picture, precision):
    made = picture(photograph())
    made.gimp(f"(gimp-image-convert-precision {made.image} {precision})")
    before = made.pixels()
    extend(made, bottom=32)
    after = made.pixels()
    assert after.shape[0] == 112 and (after[:80, :, :3] == before[..., :3]).all()
    assert after[80:].std() > 5


def test_gray_images_stay_gray(picture):
    made = picture(photograph())
    made.gimp(f"(gimp-image-convert-grayscale {made.image})")
    before = made.pixels(made.layer)
    for new_layer in [True, False]:
        extend(made, right=32, new_layer=new_layer)
    after = made.pixels(made.layer)
    assert after.ndim == 2 and (after[:, :96] == before).all()


def test_says_why_it_does_not_work(picture):
    made = picture(photograph())
    before = made.pixels()
    for arguments, text in [({}, "There is nothing to paint"), ({"left": 9000}, "argument left is out of range"),
                            ({"left": 8, "settings": "model=/nowhere"}, "/nowhere")]:
        with pytest.raises(Failed, match=text):
            extend(made, **arguments)
    made.gimp(f"(gimp-layer-set-offsets {made.layer} 300 0)")
    with pytest.raises(Failed, match="outside the canvas"):
        extend(made, left=8)
    made.gimp(f"(gimp-layer-set-offsets {made.layer} 0 0)")
    made.gimp(f"(gimp-item-set-lock-position {made.layer} TRUE)")
    with pytest.raises(Failed, match="position and size are locked"):
        extend(made, left=8)
    assert size(made) == (96, 80) and (made.pixels() == before).all()
    extend(made, left=8, new_layer=True)


def test_the_arguments_are_described(gimp):
    answer = gimp(f'(gimp-procedural-db-proc-info "{PROCEDURE}")')
    assert "Grow the canvas" in answer and "seed:" in answer
    described = [gimp(f'(gimp-procedural-db-proc-arg "{PROCEDURE}" {i})') for i in range(11)]
    for text, part in zip(described[1:], ["canvas grows", "layer", "left", "right", "top", "bottom", "overlap", "prompt", "new-layer",
                                         "settings"]):
        assert part in text, described
