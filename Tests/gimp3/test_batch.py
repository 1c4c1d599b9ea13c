# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the procedures promise to scripts of GIMP 3."""
import subprocess

import pytest
from cases import *  # noqa: F403  the tests that hold for every GIMP
from cases import BOX
from conftest import Gimp3
from pixels import check_changed_inside_only, inside, photograph
from process import PROCEDURE, ROOT, Failed

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
    made.lock("item-set-lock-content")
    with pytest.raises(Failed, match="locked"):
        made.fill()
    assert len(made.layers()) == 1 and (made.pixels() == before).all()


def test_several_layers_are_refused(picture):
    made = picture(photograph())
    other = made.copy_layer()
    made.select(*BOX)
    before = made.pixels()
    made.gimp(f"(gimp-image-set-selected-layers {made.image} (vector {made.layer} {other}))")
    with pytest.raises(Failed, match="This works on one layer"):
        made.run(PROCEDURE, "steps=1", made.layer, other)
    assert made.layers() == [other, made.layer] and (made.pixels() == before).all()
    made.fill(drawable=made.layer)  # a script may name one of them
    assert (made.pixels(other)[..., :3] == photograph()).all() and (made.pixels(made.layer)[..., :3] != photograph()).any()


@pytest.mark.parametrize("selection, layers, status", [("all", "layer", 0), ("none", "layer", 70), ("all", "layer layer", 70)])
def test_the_exit_status_tells_of_a_failure(gimp, tmp_path, selection, layers, status):
    script = ("(let* ((image (car (gimp-image-new 64 64 RGB)))"
              " (layer (car (gimp-layer-new image \"made\" 64 64 RGB-IMAGE 100 LAYER-MODE-NORMAL))))"
              " (gimp-image-insert-layer image layer 0 0) (gimp-drawable-edit-fill layer FILL-WHITE)"
              f" (gimp-selection-{selection} image) ({PROCEDURE} #:run-mode RUN-NONINTERACTIVE #:image image"
              f" #:drawables (vector {layers}) #:steps 1))")
    result = subprocess.run([Gimp3.PROGRAM, "-i", "-d", "-f", "-n", "--quit", *Gimp3.INTERPRETER, "-b", script],
                            env=gimp.environment, cwd=tmp_path, capture_output=True, timeout=100)
    assert result.returncode == status, result.stderr.decode()
