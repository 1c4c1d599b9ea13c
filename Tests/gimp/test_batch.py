# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the procedure promises to scripts, and what it does to every kind of layer."""
import os
import signal

import numpy as np
import pytest
from cases import *  # noqa: F403  the tests that hold for every GIMP
from cases import BOX
from conftest import PROCEDURE, ROOT, Failed, Gimp, check_changed_inside_only, inside, photograph, wait_until

LORA = ROOT / "Tests/fixtures/lora/kohya.safetensors"  # for the tiny SD 1.5


def linear(values):
    """sRGB's curve, 0 ... 1"""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def stored(values):
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("procedure, arguments, settings", [
    *[(f"plug-in-inpaint-{name}", arguments, f"steps=1 decoder=plain {settings}") for name, arguments, settings in (
        ("remove", '1 ""', ""), ("complete", '1 ""', ""), ("asuka", '0.0 1 ""', ""), ("harmonize", '1 ""', f"lora={LORA}"))],
    ("plug-in-inpaint-erase", '""', "crop=whole")])
def test_the_other_operations_change_the_selection_only(picture, procedure, arguments, settings):
    made = picture(photograph())
    made.select(*BOX)
    made.gimp(f'({procedure} RUN-NONINTERACTIVE {made.image} {made.layer} {arguments} FALSE "{settings}")')
    check_changed_inside_only(photograph(), made.pixels(made.layer)[..., :3], inside((80, 96), BOX))


def reposition(made, arguments: str, new_layer: bool = False):
    """arguments: x, y and scale"""
    made.gimp(f'(plug-in-inpaint-reposition RUN-NONINTERACTIVE {made.image} {made.layer} {arguments} "" FALSE '
              f'{"TRUE" if new_layer else "FALSE"} "steps=1 seed=1")')


@pytest.mark.parametrize("new_layer", [False, True])
def test_the_selected_subject_moves(picture, new_layer):
    values, (x, y, width, height) = photograph(), (10, 8, 20, 16)
    made = picture(values)
    made.select(x, y, width, height)
    reposition(made, "50 40 1.0", new_layer)
    seen = made.pixels()[..., :3]
    assert (seen[y + 40:y + 40 + height, x + 50:x + 50 + width] == values[y:y + height, x:x + width]).all()
    changed = (seen != values).any(-1)
    assert changed[y:y + height, x:x + width].mean() > 0.9
    changed[inside(values.shape, (x - 10, y - 10, width + 20, height + 20))] = False  # the removal's grow and feather
    changed[inside(values.shape, (x + 50, y + 40, width, height))] = False
    assert not changed.any()
    with pytest.raises(Failed, match="Nothing moves"):
        reposition(made, "0 0 1.0")


def test_a_soft_selection_blends_once(picture):
    # A selection of share s: s x fill + (1 - s) x before, also where s is less than a half.
    values = photograph()
    hard, placed, added = picture(values), picture(values), picture(values)
    for made in [hard, placed, added]:
        made.select(*BOX)
        if made is not hard:
            selection = made.gimp.number(f"(gimp-image-get-selection {made.image})")
            made.gimp(f"(gimp-drawable-levels {selection} HISTOGRAM-VALUE 0 1 FALSE 1 0 0.6 FALSE)")
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


@pytest.mark.parametrize("precision", ["PRECISION-U8-LINEAR", "PRECISION-U16-GAMMA", "PRECISION-U32-GAMMA",
                                       "PRECISION-HALF-LINEAR", "PRECISION-FLOAT-LINEAR", "PRECISION-DOUBLE-GAMMA"])
def test_every_precision(picture, precision):
    made = picture(photograph())
    made.gimp(f"(gimp-image-convert-precision {made.image} {precision})")
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
    mask = made.gimp.number(f"(gimp-layer-create-mask {made.layer} ADD-MASK-WHITE)")
    made.gimp(f"(gimp-layer-add-mask {made.layer} {mask})")
    made.gimp(f"(gimp-layer-set-edit-mask {made.layer} FALSE)")
    made.select(*BOX)
    made.fill()
    assert made.gimp.number(f"(gimp-layer-get-mask {made.layer})") == mask
    check_changed_inside_only(photograph(), made.pixels(made.layer)[..., :3], inside((80, 96), BOX))
    with pytest.raises(Failed, match="not on its mask"):
        made.fill(drawable=mask)


def test_only_the_chosen_one_of_several_layers_changes(picture):
    made = picture(photograph())
    other = made.gimp.number(f"(gimp-layer-copy {made.layer} TRUE)")
    made.gimp(f"(gimp-image-insert-layer {made.image} {other} 0 0)")
    made.select(*BOX)
    made.fill()
    assert (made.pixels(other)[..., :3] == photograph()).all()
    assert not (made.pixels(made.layer)[..., :3] == photograph()).all()


def unchanged(made, before):
    return len(made.layers()) == 1 and (made.pixels() == before).all()


def test_says_why_it_does_not_work(picture):
    made = picture(photograph(), offset=(0, 0), size=(200, 200))
    before = made.pixels()
    with pytest.raises(Failed, match="Nothing is selected"):
        made.fill()
    made.select(120, 120, 20, 20)
    with pytest.raises(Failed, match="outside the layer"):
        made.fill()
    made.select(*BOX)
    with pytest.raises(Failed, match="inpaint:sd-inpaint: property model: /nowhere: no such file or folder"):
        made.fill(model="/nowhere")
    for settings, text in [("steps=many", "no value for steps"), ("colour=red", "no setting"), ("steps", "not name=value"),
                           ("steps=1000", "no value for steps, which takes 0 ... 150")]:
        with pytest.raises(Failed, match=text):
            made.fill(settings=settings)
    made.gimp(f"(gimp-item-set-lock-content {made.layer} TRUE)")
    with pytest.raises(Failed, match="locked"):
        made.fill()
    assert unchanged(made, before)


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
    mark = made.gimp.send(f'({PROCEDURE} RUN-NONINTERACTIVE {made.image} {made.layer} "" "" 1 "" FALSE "steps=150 crop=whole")')
    # GIMP's "Cancel" kills the plug-in.
    os.kill(wait_until(made.gimp.plug_in_process, "the plug-in"), signal.SIGKILL)
    with pytest.raises(Failed):
        made.gimp.answer(mark)
    assert unchanged(made, before)


def test_there_is_no_procedure_without_the_operation(tmp_path):
    gimp = Gimp(tmp_path, "-i", with_module=False)
    try:
        with pytest.raises(Failed, match="unbound variable"):
            gimp(PROCEDURE)
    finally:
        gimp.close()


@pytest.mark.parametrize("name", ["sd-inpaint fill", "asuka-inpaint asuka", "seele-remove remove", "seele-complete complete",
                                  "seele-harmonize harmonize", "seele-reposition reposition", "outpaint outpaint", "lama-inpaint erase"])
def test_a_procedure_is_there_if_its_operation_is(gimp, name):
    operation, procedure = name.split()
    registered = f"inpaint:{operation}" in (ROOT / "plugin-manifest/operations.txt").read_text().split()
    found = f'"plug-in-inpaint-{procedure}"' in gimp(f'(gimp-procedural-db-query "plug-in-inpaint-{procedure}" "" "" "" "" "" "")')
    assert found == registered


def test_the_arguments_are_described(gimp):
    answer = gimp(f'(gimp-procedural-db-proc-info "{PROCEDURE}")')
    assert "Fill the masked" in answer and "steps:" in answer and "grow=0 feather=0" in answer
