# SPDX-License-Identifier: LGPL-3.0-or-later
"""GIMP 3 with its window: beside what every GIMP does, its dialogs' own buttons, and what it keeps."""
import re

from process import PACKS
from window_cases import *  # noqa: F403  the tests that hold for every GIMP
from window_cases import FILL


def kept(window) -> dict[str, str]:
    """The settings of the last run, as GIMP writes them."""
    return dict(re.findall(r"\(([\w-]+) (.*)\)", window.gimp.kept_settings().read_text()))


def fill(window, dialog: str):
    """Agrees to the dialog.  The pixels, which are undone; and the settings."""
    before = window.pixels()
    window.press_ok(dialog)
    window.wait_for_layers(2)
    after = window.pixels()
    window.undo(before)
    return after, kept(window)


def test_settings_outlive_gimp(screen, window):
    window.gimp.remember("steps=1")
    dialog = window.open_dialog()
    screen.type("lavender")
    first, settings = fill(window, dialog)
    assert settings["prompt"] == '"lavender"'
    window.restart()
    again, same = fill(window, window.open_dialog())
    assert same == settings and (again == first).all()


def test_the_first_seed_is_drawn_and_new_seed_draws_another(window):
    window.gimp.remember("steps=1")
    first, settings = fill(window, window.open_dialog())
    assert int(settings["seed"]) > 0
    dialog = window.open_dialog()
    window.press_in(dialog, "alt+n")
    other, changed = fill(window, dialog)
    assert changed["seed"] != settings["seed"] and (other != first).any()


def test_randomize_draws_a_seed_for_each_run(window):
    before, seen = window.pixels(), []
    for _ in range(2):
        window.repeat("steps=1 seed=1 random-seed=true")
        window.wait_for_layers(2)
        seen.append(window.pixels())
        window.undo(before)
    assert (seen[0] != seen[1]).any()


def test_reset_takes_what_the_dialog_began_with_or_the_defaults(screen, window):
    for keys, prompt, seed in [(["Return"], '"meadow"', "7"), (["Tab", "Return"], '""', "0")]:
        window.gimp.remember("steps=1 prompt=meadow seed=7")
        dialog = window.open_dialog()
        screen.type("other ")
        window.press_in(dialog, "alt+n")
        window.press_in(dialog, "alt+r")
        screen.photograph("reset")
        window.press_in(dialog, *keys)
        settings = fill(window, dialog)[1]
        assert (settings["prompt"], settings["seed"]) == (prompt, seed)


def test_saved_settings_are_loaded(window):
    window.gimp.remember("steps=1 prompt=meadow seed=7")
    dialog = window.open_dialog()
    for key in ["alt+s", "alt+n", "alt+l"]:
        window.press_in(dialog, key)
    settings = fill(window, dialog)[1]
    assert (settings["prompt"], settings["seed"]) == ('"meadow"', "7")


def test_a_model_is_chosen_by_its_file(screen, window):
    window.gimp.remember("steps=1 seed=7")
    usual, _ = fill(window, window.open_dialog())
    dialog = window.open_dialog()
    window.press_in(dialog, *["Tab"] * 6)  # prompts, seed, its two buttons, models
    screen.press("space")
    chooser = screen.wait_for("^Choose a Model$")
    screen.fill_with(chooser)
    window.press_in("root", "slash")  # opens the line for a path
    screen.type(str(PACKS / "tiny-sd2/model_index.json")[1:])
    screen.photograph("chooser")
    screen.press("Return")
    screen.wait_for_none("^Choose a Model$")
    screen.focus(dialog)
    screen.photograph("chosen", dialog)
    other, settings = fill(window, dialog)
    assert settings["model"] == f'"file://{PACKS}/tiny-sd2"' and (other != usual).any()
    window.restart()
    screen.photograph("chosen-again", window.open_dialog())
    screen.press("Escape")
    screen.wait_for_none(f"^{FILL}$")
