# SPDX-License-Identifier: LGPL-3.0-or-later
"""What inpaint:outpaint promises to who uses it in `gegl`."""
import numpy as np
import pytest
from conftest import ROOT, photograph, read16
from PIL import Image


def outpaint(gegl, *properties, source="in.png", output="out.png", **options):
    return gegl(source, "-o", output, "--", "inpaint:outpaint", "steps=1", "seed=1", *properties, **options)


def inner(output: np.ndarray, image: np.ndarray, left: int, top: int, margins: dict) -> tuple[np.ndarray, np.ndarray]:
    """The pixels deeper than the overlap behind each border that grew, after and before."""
    height, width = image.shape[:2]
    y = slice(margins.get("top", 0), height - margins.get("bottom", 0))
    x = slice(margins.get("left", 0), width - margins.get("right", 0))
    return output[top:top + height, left:left + width][y, x], image[y, x]


@pytest.mark.parametrize("overlap", [0, 10])
def test_the_canvas_grows_and_the_old_picture_stays(gegl, pictures, overlap):
    growths = (dict(left=7), dict(right=7), dict(top=7), dict(bottom=7), dict(left=1), dict(left=20, right=9, top=3, bottom=31))
    outputs = gegl.results(*(["inpaint:outpaint", "steps=1", f"overlap={overlap}", *(f"{side}={growth[side]}" for side in growth)]
                             for growth in growths))
    for growth, output in zip(growths, outputs):
        left, top = growth.get("left", 0), growth.get("top", 0)
        assert output.shape == (80 + top + growth.get("bottom", 0), 96 + left + growth.get("right", 0), 3), growth
        after, before = inner(output, pictures[0], left, top, {side: overlap for side in growth})
        assert (after == before).all(), growth
        fresh = np.ones(output.shape[:2], bool)
        fresh[top:top + 80, left:left + 96] = False
        assert (output[fresh] != 0).any(-1).mean() > 0.9, growth


def test_every_format_stays_exact_behind_the_overlap(gegl, pictures):
    formats = ["R'G'B' u8", "R'G'B'A u8", "R'G'B' u16", "RGB float", "Y' u8", "Y'A u16"]
    operation = ["inpaint:outpaint", "steps=1", "left=12", "top=5", "overlap=8"]
    for format, differs in gegl.deviations(formats, operation).items():
        assert not differs[8:, 8:].any() and differs[:4].any() and differs[:, :4].any(), format


def test_four_times_the_size(gegl, pictures):
    result = outpaint(gegl, "left=144", "right=144", "top=120", "bottom=120")
    assert result.returncode == 0, result.stderr
    output = read16(gegl.folder / "out.png")
    assert output.shape == (320, 384, 3)
    after, before = inner(output, pictures[0], 144, 120, dict(left=16, right=16, top=16, bottom=16))
    assert (after == before).all()


def test_no_line_shows_where_parts_meet(gegl):
    """With the mini pack: it paints well enough for neighbours to differ by little. Five parts along the left side."""
    result = outpaint(gegl, "left=120", f"model={ROOT}/plugin-manifest/models/mini", source=ROOT / "examples/images/dragonfly.jpg")
    assert result.returncode == 0, result.stderr
    lines = read16(gegl.folder / "out.png")[8:-8, :100].mean(1)  # each line's mean colour, in 8-bit steps
    steps = np.abs(np.diff(lines, axis=0)).mean(1)
    assert steps.max() < 3, f"a step of {steps.max():.1f} at line {8 + steps.argmax()}, usual are {np.median(steps):.1f}"


def test_no_frame_shows_inside_the_old_border(gegl):
    """Where the harmonizing decoder begins to take pixels for known, its picture and the matched colours are one."""
    dragonfly = ROOT / "examples/images/dragonfly.jpg"
    properties = "left=60", f"model={ROOT}/plugin-manifest/models/mini", "decoder=harmonizing", "detail=model"
    assert outpaint(gegl, *properties, source=dragonfly).returncode == 0
    columns = read16(gegl.folder / "out.png").mean((0, 2))  # each column's mean, in 8-bit steps
    bends = np.abs(np.diff(columns, n=2))[60:80]
    assert bends.max() < 3, f"a bend of {bends.max():.1f} at column {61 + bends.argmax()}"


def test_a_hole_in_the_picture_is_filled_by_what_is_around_it(gegl):
    """It is larger than the model's pictures, and nothing of its surroundings may change."""
    hole = np.zeros((200, 200), bool)
    hole[50:150, 50:150] = True
    fills = []
    for color in ((200, 40, 40), (40, 40, 200)):
        Image.fromarray(np.dstack([np.full((200, 200, 3), color, np.uint8), ~hole * np.uint8(255)])).save(gegl.folder / "in.png")
        assert outpaint(gegl, "overlap=0", "color-match=false").returncode == 0
        fills.append(read16(gegl.folder / "out.png")[hole][:, :3].astype(int))
    assert np.abs(fills[0] - fills[1]).mean() > 1


def test_a_transparent_border_is_filled_as_one_that_is_added(gegl, pictures):
    image = Image.fromarray(pictures[0])
    image.crop((40, 0, *image.size)).save(gegl.folder / "cut.png")
    image.putalpha(Image.fromarray(np.pad(np.full((80, 56), 255, np.uint8), ((0, 0), (40, 0)))))
    image.save(gegl.folder / "cleared.png")
    for source, growth in (("cut.png", "left=40"), ("cleared.png", "left=0")):
        assert outpaint(gegl, growth, source=source, output=f"filled-{source}").returncode == 0
    assert (read16(gegl.folder / "filled-cut.png") == read16(gegl.folder / "filled-cleared.png")[..., :3]).all()


def test_what_is_a_little_transparent_stays_so_beyond_the_overlap(gegl, pictures):
    alpha = np.full((80, 96), 150, np.uint8)
    Image.fromarray(np.dstack([pictures[0], alpha])).save(gegl.folder / "soft.png")
    assert outpaint(gegl, "left=30", "overlap=8", source="soft.png").returncode == 0
    output = read16(gegl.folder / "out.png")
    assert (output[:, :30, 3] == 255).all() and (output[:, 38:, 3] == 150).all()
    assert (output[:, 38:, :3] == pictures[0][:, 8:]).all()
    assert (np.diff(output[40, 30:38, 3].astype(int)) < 0).all()  # opaque, then less and less


@pytest.mark.parametrize("size", [(1, 1), (20, 3), (40, 63)])
def test_small_pictures_grow(gegl, size):
    Image.fromarray(photograph(*size)).save(gegl.folder / "in.png")
    result = outpaint(gegl, "left=30", "bottom=9")
    assert result.returncode == 0, result.stderr
    assert read16(gegl.folder / "out.png").shape == (size[1] + 9, size[0] + 30, 3)


def test_transparent_parts_are_filled_and_alpha_becomes_opaque_there(gegl, pictures):
    alpha = np.full((80, 96), 255, np.uint8)
    alpha[:10], alpha[40:50, 40:60] = 0, 0
    Image.fromarray(np.dstack([pictures[0], alpha])).save(gegl.folder / "in.png")
    result = outpaint(gegl, "right=8", "overlap=4")
    assert result.returncode == 0, result.stderr
    output = read16(gegl.folder / "out.png")
    assert (output[..., 3] == 255).all()
    assert (output[60:, :80, :3] == pictures[0][60:, :80]).all()


def test_nothing_to_grow_passes_through_with_a_message(gegl, pictures):
    result = outpaint(gegl)
    assert result.returncode == 0 and "nothing to fill: the canvas does not grow" in result.stderr
    assert (read16(gegl.folder / "out.png") == pictures[0]).all()


def test_a_failure_leaves_no_file(gegl, pictures):
    result = outpaint(gegl, "left=5", "model=missing")
    assert result.returncode == 1 and "inpaint:outpaint: " in result.stderr
    assert not (gegl.folder / "out.png").exists()


def test_a_mask_is_painted_anew_beside_what_is_added(gegl, pictures):
    Image.fromarray(np.dstack([pictures[0], np.full(pictures[1].shape, 255, np.uint8)])).save(gegl.folder / "in.png")
    result = outpaint(gegl, "left=10", "overlap=0", "aux=[", "gegl:load", "path=mask.png", "]")
    assert result.returncode == 0, result.stderr
    output = read16(gegl.folder / "out.png")
    changed = (output[:, 10:, :3] != pictures[0]).any(-1)
    assert changed[pictures[1] > 0].mean() > 0.9 and not changed[:15].any()
    assert (output[..., 3] == 255).all() and output[:, :10].any(-1).all()
