# SPDX-License-Identifier: LGPL-3.0-or-later
"""The plug-in under the hands of a user of any GIMP: keys and clicks."""
import os
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pixels import check_changed_inside_only, inside
from process import PACKS, ROOT, wait_until
from screen import screen  # noqa: F401  a fixture
from window import BOX, FILL, default_model, window  # noqa: F401  fixtures, beside constants

CANVAS = "plug-in-inpaint-outpaint", "Extend Canvas"


def test_fills_from_the_menu_and_undoes_in_one_step(screen, window):
    before = window.pixels()
    dialog = window.open_dialog(photograph="menu")
    screen.type("lavender")
    low = screen.size(dialog)[1]
    screen.press("alt+a")
    wait_until(lambda: screen.size(dialog)[1] > low + 150, "the advanced settings")
    screen.photograph("dialog", dialog)
    window.press_ok(dialog)
    window.wait_for_layers(2)
    check_changed_inside_only(before, window.pixels(), inside(before.shape, BOX))
    assert (window.picture.pixels(window.picture.layers()[1])[..., :3] == before[..., :3]).all()
    screen.photograph("filled")
    window.undo(before)


def test_repeats_with_the_last_values_in_place(screen, window):
    before = window.pixels()
    window.repeat("new-layer=false steps=1")
    window.wait_for_change(before)
    assert len(window.picture.layers()) == 1
    check_changed_inside_only(before, window.pixels(), inside(before.shape, BOX))
    window.undo(before)


def test_cancel_in_the_dialog_changes_nothing(screen, window):
    before = window.pixels()
    for key in ["Escape", "alt+c"]:
        window.open_dialog()
        screen.press(key)
        screen.wait_for_none(f"^{FILL}$")
        assert window.is_untouched(before)


def test_cancel_stops_within_two_seconds_and_changes_nothing(screen, window):
    before = window.pixels()
    window.repeat("new-layer=false steps=150 crop=whole")
    process = wait_until(window.gimp.plug_in_process, "the plug-in")
    screen.photograph("progress")
    start = time.monotonic()
    while Path(f"/proc/{process}").exists():
        window.stop()
        assert time.monotonic() - start < 2, "the plug-in goes on"
    assert window.is_untouched(before)


def test_proposals_come_from_the_dialog_and_go_in_one_step(screen, window):
    before = window.pixels()
    window.gimp.remember("steps=1 proposals=3")
    window.press_ok(window.open_dialog(photograph="proposals"))
    window.wait_for_layers(2)
    wait_until(lambda: len(window.picture.children(window.picture.layers()[0])) == 3, "all proposals")
    window.undo(before)


def test_previews_show_in_a_window_of_their_own(screen, window):
    before = window.pixels()
    window.gimp.remember("new-layer=false steps=150 crop=whole working-size=256")
    window.press_ok(window.open_dialog())
    process = wait_until(window.gimp.plug_in_process, "the plug-in")
    preview = wait_until(lambda: [shown for shown in screen.windows(f"^{FILL}$") if max(screen.size(shown)) == 256],
                         "a preview")[0]

    def shows_the_picture():
        seen = Image.open(screen.photograph("preview", preview)).convert("RGB").resize((128, 96))
        known = Image.fromarray(before[..., :3]).resize((128, 96))
        return np.abs(np.asarray(seen, float)[64:] - np.asarray(known, float)[64:]).mean() < 8

    wait_until(shows_the_picture, "the picture in it")
    wait_until(lambda: window.stop() or not Path(f"/proc/{process}").exists(), "the plug-in to end")
    screen.wait_for_none(f"^{FILL}$")
    assert window.is_untouched(before)


def test_a_failure_opens_a_message(screen, window):
    before = window.pixels()
    window.repeat("model=/nowhere")
    message = screen.wait_for("^GIMP Message$")
    screen.photograph("message", message)
    screen.focus(message)
    screen.press("Return")
    screen.wait_for_none("^GIMP Message$")
    assert window.is_untouched(before)


@pytest.mark.parametrize("new_layer", ["true", "false"])
def test_extends_the_canvas_and_undoes_in_one_step(screen, window, new_layer):
    procedure, title = CANVAS
    before = window.pixels()
    window.gimp.remember(f"left=64 bottom=32 steps=1 new-layer={new_layer}", procedure)
    dialog = window.open_dialog("e", title)
    screen.photograph("extend-dialog", dialog)
    window.press_ok(dialog)
    wait_until(lambda: window.picture.size() == (512 + 64, 384 + 32), "the canvas to grow")
    after = window.pixels()
    assert len(window.picture.layers()) == 1 + (new_layer == "true")
    assert (after[:368, 80:, :3] == before[:368, 16:, :3]).all() and after[:, :64].std() > 5
    screen.photograph("extended")
    window.press("ctrl+z")
    wait_until(lambda: window.picture.size() == (512, 384), "the canvas to shrink")
    assert window.is_untouched(before)
    assert window.picture.selection_bounds() == [BOX[0], BOX[1], BOX[0] + BOX[2], BOX[1] + BOX[3]]


def test_a_cancelled_extension_leaves_everything(screen, window):
    procedure, title = CANVAS
    before = window.pixels()
    window.gimp.remember("left=64 steps=150", procedure)
    window.open_dialog("e", title)
    screen.press("Escape")
    screen.wait_for_none(f"^{title}$")
    window.press_ok(window.open_dialog("e", title))
    process = wait_until(window.gimp.plug_in_process, "the plug-in")
    wait_until(lambda: window.stop() or not Path(f"/proc/{process}").exists(), "the plug-in to end")
    assert window.picture.size() == (512, 384) and window.is_untouched(before)


def test_the_model_chooser_names_the_default(screen, window, default_model):
    window.gimp.remember("seed=1 random-seed=false")

    def dialog(pack: str) -> np.ndarray:
        default_model.unlink()
        default_model.symlink_to(PACKS / pack)
        shown = window.open_dialog()
        screen.photograph(f"default-{pack}", shown)
        look = window.look(shown)
        screen.press("Escape")
        screen.wait_for_none(f"^{FILL}$")
        return look

    other, first = dialog("tiny-sd2"), dialog("tiny-sd15")
    assert (dialog("tiny-sd15") == first).all() and (other != first).any()


@pytest.mark.skipif("GEGL_INPAINT_TEST_SCREENSHOTS" not in os.environ, reason="makes pictures for README only")
def test_before_and_after_with_the_mini_pack(screen, window):
    window.gimp.remember(f"new-layer=false seed=3 color-match=true model={ROOT}/plugin-manifest/models/mini")
    screen.photograph("before")
    before = window.pixels()
    window.press_ok(window.open_dialog())
    window.wait_for_change(before)
    window.gimp("(gimp-displays-flush)")
    screen.photograph("after")
    check_changed_inside_only(before, window.pixels(), inside(before.shape, BOX))
    window.undo(before)
