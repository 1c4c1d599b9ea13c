# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the procedures promise to scripts of GIMP 3."""
import os
import re
import signal
import subprocess

import pytest
from cases import *  # noqa: F403  the tests that hold for every GIMP
from cases import BOX
from conftest import PROCEDURE, ROOT, Failed, Gimp3, check_changed_inside_only, inside, photograph, wait_until

OTHERS = ["asuka", "remove", "complete", "harmonize"]  # beside the fill, over a selection
LORA = ROOT / "Tests/fixtures/lora/kohya.safetensors"  # for the tiny SD 1.5


@pytest.mark.parametrize("name", ["fill", *OTHERS, "erase", "reposition", "outpaint"])
def test_the_procedure_is_there(gimp, name):
    assert gimp.number(f'(gimp-pdb-procedure-exists "plug-in-inpaint-{name}")') == 1


@pytest.mark.parametrize("name", OTHERS)
def test_the_other_operations_change_the_selection_only(picture, name):
    made = picture(photograph())
    made.select(*BOX)
    own = "prior-strength=0.0" if name == "asuka" else ""  # the tiny model has no prior
    made.run(f"plug-in-inpaint-{name}", f"seed=1 steps=1 decoder=plain new-layer=false lora={LORA} {own}")
    check_changed_inside_only(photograph(), made.pixels(made.layer)[..., :3], inside((80, 96), BOX))


def test_erasing_changes_the_selection_only(picture):
    made = picture(photograph())
    made.select(*BOX)
    made.run("plug-in-inpaint-erase", "new-layer=false")
    check_changed_inside_only(photograph(), made.pixels(made.layer)[..., :3], inside((80, 96), BOX))


@pytest.mark.parametrize("new_layer", ["false", "true"])
def test_the_selected_subject_moves(picture, new_layer):
    values, (x, y, width, height) = photograph(), (10, 8, 20, 16)
    made = picture(values)
    made.select(x, y, width, height)
    made.run("plug-in-inpaint-reposition", f"x=50 y=40 steps=1 new-layer={new_layer}")
    seen = made.pixels()[..., :3]
    assert (seen[y + 40:y + 40 + height, x + 50:x + 50 + width] == values[y:y + height, x:x + width]).all()
    assert (seen != values).any(-1)[y:y + height, x:x + width].mean() > 0.9
    with pytest.raises(Failed, match="Nothing moves"):
        made.run("plug-in-inpaint-reposition", "steps=1")


@pytest.mark.parametrize("new_layer", ["false", "true"])
def test_the_canvas_grows_around_the_picture(picture, new_layer):
    values = photograph()
    made = picture(values)
    made.select(*BOX)
    made.run("plug-in-inpaint-outpaint", f"left=32 bottom=16 overlap=0 steps=1 new-layer={new_layer}")
    seen = made.pixels()
    assert seen.shape[:2] == (96, 128)
    assert (seen[:80, 32:, :3] == values).all()
    assert len(made.layers()) == (2 if new_layer == "true" else 1)
    assert f"({BOX[0] + 32} {BOX[1]} " in made.gimp(f"(cdr (gimp-selection-bounds {made.image}))")


def test_a_canvas_that_does_not_grow_is_an_error(picture):
    with pytest.raises(Failed, match="nothing to paint"):
        picture(photograph()).run("plug-in-inpaint-outpaint", "steps=1")


@pytest.mark.parametrize("settings", ["seed=5", "seed=1 sampler=euler", "seed=1 guidance=1.0", "seed=1 crop=whole"])
def test_named_arguments_reach_the_operation(picture, settings):
    changed, usual, again = picture(photograph()), picture(photograph()), picture(photograph())
    for made, given in [(changed, settings), (usual, "seed=1"), (again, settings)]:
        made.select(*BOX)
        made.run(PROCEDURE, f"steps=2 prompt=meadow new-layer=false {given}")
    assert (changed.pixels() != usual.pixels()).any()
    assert (changed.pixels() == again.pixels()).all()


def test_a_new_layer_sees_the_filters_of_the_old_one(picture):
    filtered, twin = picture(photograph()), picture(255 - photograph())
    filtered.gimp(f'(gimp-drawable-append-new-filter {filtered.layer} "gegl:invert-gamma" "" LAYER-MODE-REPLACE 1.0)')
    assert (filtered.pixels() == twin.pixels()).all()
    for made in [filtered, twin]:
        made.select(*BOX)
        made.fill(new_layer=True)
    assert (filtered.pixels() == twin.pixels()).all()
    filters = f"(vector-length (car (gimp-drawable-get-filters {filtered.layer})))"
    assert filtered.gimp.number(f"(list {filters})") == 1 and len(filtered.layers()) == 2


def test_gray_images_stay_gray(picture):
    made = picture(photograph())
    made.gimp(f"(gimp-image-convert-grayscale {made.image})")
    made.select(*BOX)
    before = made.pixels()
    made.fill(new_layer=True)
    assert before.ndim == 2 or before.shape[2] == 2
    gray = made.pixels()
    check_changed_inside_only(before if before.ndim == 2 else before[..., 0], gray if gray.ndim == 2 else gray[..., 0],
                              inside(before.shape, BOX))


@pytest.mark.parametrize("precision", ["PRECISION-U8-LINEAR", "PRECISION-U16-NON-LINEAR", "PRECISION-FLOAT-LINEAR"])
def test_precisions(picture, precision):
    made = picture(photograph())
    made.gimp(f"(gimp-image-convert-precision {made.image} {precision})")
    made.select(*BOX)
    before = made.pixels()
    made.fill()
    check_changed_inside_only(before[..., :3], made.pixels()[..., :3], inside(before.shape, BOX))


def test_says_why_it_does_not_work(picture):
    made = picture(photograph(), size=(200, 200))
    before = made.pixels()
    with pytest.raises(Failed, match="Nothing is selected"):
        made.fill()
    made.select(120, 120, 20, 20)
    with pytest.raises(Failed, match="outside the layer"):
        made.fill()
    made.select(*BOX)
    with pytest.raises(Failed, match="inpaint:sd-inpaint: property model: /nowhere: no such file or folder"):
        made.fill(model="/nowhere")
    for settings, text in [("steps=1000", "out of range"), ("colour=red", "Invalid argument name")]:  # GIMP's own words
        with pytest.raises(Failed, match=text):
            made.fill(settings=settings)
    other = made.gimp.number(f"(gimp-layer-copy {made.layer})")
    made.gimp(f"(gimp-image-insert-layer {made.image} {other} 0 0)")
    with pytest.raises(Failed, match="one layer"):
        made.run(PROCEDURE, "steps=1", made.layer, other)
    made.gimp(f"(gimp-image-remove-layer {made.image} {other})")
    made.gimp(f"(gimp-item-set-lock-content {made.layer} TRUE)")
    with pytest.raises(Failed, match="locked"):
        made.fill()
    assert len(made.layers()) == 1 and (made.pixels() == before).all()


def test_an_indexed_image_is_refused(picture):
    made = picture(photograph())
    made.gimp(f'(gimp-image-convert-indexed {made.image} CONVERT-DITHER-NONE CONVERT-PALETTE-GENERATE 16 FALSE FALSE "")')
    made.select(*BOX)
    with pytest.raises(Failed, match="Image > Mode > RGB"):
        made.fill()


@pytest.mark.parametrize("selection, status", [("(gimp-selection-all image)", 0), ("(gimp-selection-none image)", 70)])
def test_the_exit_status_tells_of_a_failure(gimp, tmp_path, selection, status):
    script = ("(let* ((image (car (gimp-image-new 64 64 RGB)))"
              " (layer (car (gimp-layer-new image \"made\" 64 64 RGB-IMAGE 100 LAYER-MODE-NORMAL))))"
              " (gimp-image-insert-layer image layer 0 0) (gimp-drawable-edit-fill layer FILL-WHITE)"
              f" {selection} ({PROCEDURE} #:run-mode RUN-NONINTERACTIVE #:image image #:drawables (vector layer) #:steps 1))")
    result = subprocess.run([Gimp3.PROGRAM, "-i", "-d", "-f", "-n", "--quit", *Gimp3.INTERPRETER, "-b", script],
                            env=gimp.environment, cwd=tmp_path, capture_output=True, timeout=100)
    assert result.returncode == status, result.stderr.decode()


def test_there_is_no_procedure_without_the_operation(tmp_path):
    gimp = Gimp3(tmp_path, "-i", with_module=False)
    try:
        with pytest.raises(Failed, match="unbound variable"):
            gimp(PROCEDURE)
    finally:
        gimp.close()


def test_a_layer_of_a_group_gets_its_result_beside_it(picture):
    made = picture(photograph())
    group = made.gimp.number(f'(gimp-group-layer-new {made.image} "group")')
    made.gimp(f"(gimp-image-insert-layer {made.image} {group} 0 0)")
    made.gimp(f"(gimp-image-reorder-item {made.image} {made.layer} {group} 0)")
    made.select(*BOX)
    made.fill(new_layer=True)
    children = made.gimp(f"(gimp-item-get-children {group})")
    assert made.layers() == [group] and re.search(rf"#\((\d+) {made.layer}\)", children), children
    with pytest.raises(Failed, match="layer group"):
        made.fill(drawable=group)


def test_a_layer_mask_stays(picture):
    made = picture(photograph())
    mask = made.gimp.number(f"(gimp-layer-create-mask {made.layer} ADD-MASK-WHITE)")
    made.gimp(f"(gimp-layer-add-mask {made.layer} {mask})")
    made.gimp(f"(gimp-layer-set-edit-mask {made.layer} FALSE)")
    made.select(*BOX)
    made.fill()
    assert made.gimp.number(f"(gimp-layer-get-mask {made.layer})") == mask
    check_changed_inside_only(photograph(), made.pixels()[..., :3], inside((80, 96), BOX))
    with pytest.raises(Failed, match="not on its mask"):
        made.fill(drawable=mask)


def test_a_soft_selection_blends_as_in_place(picture):
    placed, added = picture(photograph()), picture(photograph())
    for made in [placed, added]:
        made.select(*BOX)
        made.gimp(f"(gimp-selection-feather {made.image} 8)")
        made.fill(new_layer=made is added)
    assert (abs(placed.pixels().astype(int) - added.pixels()) <= 2).all()
    assert (placed.pixels()[..., :3] != photograph()).any()


def test_a_stopped_run_leaves_the_image_untouched(picture):
    made = picture(photograph(512, 512))
    made.select(100, 100, 300, 300)
    before = made.pixels()
    mark = made.gimp.send(f"({PROCEDURE} #:run-mode RUN-NONINTERACTIVE #:image {made.image} #:drawables (vector {made.layer}) "
                          '#:steps 150 #:crop "whole")')
    # GIMP's "Cancel" kills the plug-in.
    os.kill(wait_until(made.gimp.plug_in_process, "the plug-in"), signal.SIGKILL)
    with pytest.raises(Failed):
        made.gimp.answer(mark)
    assert len(made.layers()) == 1 and (made.pixels() == before).all()
