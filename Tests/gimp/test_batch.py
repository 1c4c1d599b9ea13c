# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the procedures promise to scripts of GIMP 2.10."""
import pytest
from cases import *  # noqa: F403  the tests that hold for every GIMP
from cases import BOX
from pixels import check_changed_inside_only, inside, photograph
from process import PROCEDURE, ROOT, Failed

LORA = ROOT / "Tests/fixtures/lora/kohya.safetensors"  # for the tiny SD 1.5


@pytest.mark.parametrize("procedure, arguments, settings", [
    *[(f"plug-in-inpaint-{name}", arguments, f"steps=1 decoder=plain {settings}") for name, arguments, settings in (
        ("remove", '1 ""', ""), ("complete", '1 ""', ""), ("asuka", '0.0 1 ""', ""), ("harmonize", '1 ""', f"lora={LORA}"))],
    ("plug-in-inpaint-erase", '""', "crop=whole")])
def test_the_other_operations_change_the_selection_only(picture, procedure, arguments, settings):
    made = picture(photograph())
    made.select(*BOX)
    made.gimp(f'({procedure} RUN-NONINTERACTIVE {made.image} {made.layer} {arguments} FALSE "{settings}")')
    check_changed_inside_only(photograph(), made.pixels(made.layer)[..., :3], inside((80, 96), BOX))


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
    for settings, text in [("steps=many", "no value for steps"), ("colour=red", "no setting"), ("steps", "not name=value"),
                           ("steps=1000", "no value for steps, which takes 0 ... 150")]:
        with pytest.raises(Failed, match=text):
            made.fill(settings=settings)
    made.lock("item-set-lock-content")
    with pytest.raises(Failed, match="locked"):
        made.fill()
    assert len(made.layers()) == 1 and (made.pixels() == before).all()


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


def test_the_arguments_of_the_canvas_are_described(gimp):
    procedure = "plug-in-inpaint-outpaint"
    answer = gimp(f'(gimp-procedural-db-proc-info "{procedure}")')
    assert "Grow the canvas" in answer and "seed:" in answer
    described = [gimp(f'(gimp-procedural-db-proc-arg "{procedure}" {i})') for i in range(11)]
    for text, part in zip(described[1:], ["canvas grows", "layer", "left", "right", "top", "bottom", "overlap", "prompt", "new-layer",
                                         "settings"]):
        assert part in text, described
