# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the tool takes for white in a mask's file."""
import numpy as np
import pytest
from conftest import box_mask, read16
from PIL import Image, PngImagePlugin
from test_tool import tool

BOX = box_mask()
NOTHING = BOX * 0
# Nothing, and nowhere transparent.
OPAQUE = NOTHING + 255


def run(gegl, *arguments, output="tool.png"):
    return tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", output, "steps=1", "seed=1", *arguments)


@pytest.fixture
def fill(gegl, pictures):
    """The picture under the box, as luminance marks it."""
    assert run(gegl, output="expected.png").returncode == 0
    return read16(gegl.folder / "expected.png")


def marks_the_box(gegl, fill, values, *arguments, note: str = "") -> bool:
    Image.fromarray(values).save(gegl.folder / "mask.png")
    result = run(gegl, *arguments)
    assert result.returncode == 0, result.stderr
    assert note in result.stderr and ("mask.png" in result.stderr) == bool(note), result.stderr
    return (read16(gegl.folder / "tool.png") == fill).all()


@pytest.mark.parametrize("values, note", [
    (BOX // 255, "its largest value is 1, which counts as white"),
    (np.dstack([BOX // 255] * 3), "its largest value is 1, which counts as white"),
    ((BOX // 255).astype(np.uint16), "its largest value is 1, which counts as white"),
    (np.dstack([NOTHING, NOTHING, NOTHING, BOX]), "what is not transparent counts as white"),
    (np.dstack([BOX, BOX, NOTHING, BOX]), "what is not transparent counts as white"),
    (np.dstack([NOTHING, NOTHING, BOX]), "colors count as white"),
    (np.dstack([BOX // 4 * 3, NOTHING, NOTHING, OPAQUE]), "colors count as white")],
    ids=["0 and 1", "0 and 1 in colors", "0 and 1 of 16 bits", "black on nothing", "yellow on nothing", "blue", "dark red"])
def test_a_mask_that_luminance_does_not_show_is_read_and_noted(gegl, fill, values, note):
    assert marks_the_box(gegl, fill, values, note=note)


@pytest.mark.parametrize("values", [BOX, np.dstack([BOX] * 3), np.dstack([BOX, BOX, BOX, OPAQUE]), np.dstack([OPAQUE, OPAQUE, OPAQUE, BOX])],
                         ids=["grey", "colors", "opaque", "white on nothing"])
def test_luminance_counts_where_it_shows_something(gegl, fill, values):
    assert marks_the_box(gegl, fill, values)
    assert marks_the_box(gegl, fill, values, "--mask-from", "luminance")


@pytest.mark.parametrize("choice, channels", [
    ("luminance", [BOX, BOX, BOX, OPAQUE]), ("alpha", [NOTHING, OPAQUE, NOTHING, BOX]), ("red", [BOX, OPAQUE, OPAQUE, OPAQUE]),
    ("any", [NOTHING, BOX, NOTHING, OPAQUE])])
def test_what_counts_can_be_said(gegl, fill, choice, channels):
    assert marks_the_box(gegl, fill, np.dstack(channels), "--mask-from", choice)


@pytest.mark.parametrize("values, choice", [(255 - BOX, "auto"), (np.dstack([NOTHING] * 3 + [255 - BOX]), "alpha")])
def test_black_can_be_what_is_repainted(gegl, fill, values, choice):
    assert marks_the_box(gegl, fill, values, "--invert-mask", "--mask-from", choice)


def test_an_inverted_mask_of_another_size_is_fitted(gegl, fill):
    Image.fromarray(255 - np.kron(BOX, np.ones((2, 2), np.uint8))).save(gegl.folder / "mask.png")
    assert run(gegl, "--invert-mask", "--fit-mask").returncode == 0
    assert np.abs(read16(gegl.folder / "tool.png").astype(int) - fill).max() <= 1


@pytest.mark.parametrize("gamma", [45455, 100000])
def test_a_mask_of_0_and_1_is_found_in_any_colour_space(gegl, fill, gamma):
    info = PngImagePlugin.PngInfo()
    info.add(b"gAMA", gamma.to_bytes(4, "big"))
    Image.fromarray(BOX // 255).save(gegl.folder / "mask.png", pnginfo=info)
    result = run(gegl)
    assert result.returncode == 0 and "which counts as white" in result.stderr, result.stderr
    assert (read16(gegl.folder / "tool.png") == fill).all()


def test_alpha_that_says_nothing_is_noted(gegl, pictures):
    result = run(gegl, "--mask-from", "alpha")
    assert result.returncode == 0 and "nothing in it is transparent" in result.stderr, result.stderr


def test_a_black_mask_marks_nothing_however_it_is_read(gegl, pictures):
    Image.fromarray(np.dstack([NOTHING] * 3 + [OPAQUE])).save(gegl.folder / "mask.png")
    for choice in ("auto", "luminance", "red", "any"):
        assert run(gegl, "--mask-from", choice).returncode == 3, choice
    assert run(gegl, "--mask-from", "luminance", "--invert-mask").returncode == 0


def test_how_a_mask_is_read_takes_a_mask(gegl, pictures):
    for arguments in (["--invert-mask"], ["--mask-from", "red"]):
        result = tool(gegl, "run", "sd-inpaint", "in.png", "-o", "tool.png", *arguments)
        assert result.returncode == 64 and "--mask" in result.stderr, result.stderr
    result = run(gegl, "--mask-from", "blue")
    assert result.returncode == 64 and "'luminance'" in result.stderr, result.stderr
