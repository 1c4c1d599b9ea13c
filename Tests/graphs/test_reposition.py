# SPDX-License-Identifier: LGPL-3.0-or-later
"""Where inpaint:seele-reposition puts the subject, and what stays as it is."""
import numpy as np
import pytest
from conftest import AUX, box_mask, photograph, read16
from PIL import Image
from reposition import AROUND, BOX, SIZE, part, picture, reposition


def check_moved(output: np.ndarray, image: np.ndarray, x: int, y: int):
    """The subject at its new place, another picture at its old one, the rest as it was."""
    assert (part(output, BOX, (x, y)) == part(image, BOX)).all()
    changed = (output != image).reshape(*image.shape[:2], -1).any(-1)
    assert part(changed, BOX).mean() > 0.9
    part(changed, BOX, margin=AROUND)[:] = False
    part(changed, BOX, (x, y))[:] = False
    assert not changed.any(), f"{changed.sum()} pixels elsewhere changed, the first at {np.argwhere(changed)[0]}"


@pytest.mark.parametrize("x, y", [(70, 40), (-25, 60), (38, -25), (0, 45)])
def test_the_subject_moves_and_nothing_else(gegl, picture, x, y):
    result = reposition(gegl, f"x={x}", f"y={y}")
    assert result.returncode == 0, result.stderr
    check_moved(read16(gegl.folder / "out.png"), picture, x, y)


def test_a_move_by_less_than_its_size_leaves_no_second_edge(gegl, picture):
    assert reposition(gegl, "x=6", "y=-4").returncode == 0
    output = read16(gegl.folder / "out.png")
    assert (part(output, BOX, (6, -4)) == part(picture, BOX)).all()
    assert (output[BOX[3] - 4:BOX[3], BOX[0]:BOX[2]] != picture[BOX[3] - 4:BOX[3], BOX[0]:BOX[2]]).any(-1).mean() > 0.9
    assert (output[BOX[1]:BOX[3], BOX[0]:BOX[0] + 6] != picture[BOX[1]:BOX[3], BOX[0]:BOX[0] + 6]).any(-1).mean() > 0.9


def test_behind_the_subject_is_what_the_removal_paints(gegl, picture):
    assert reposition(gegl, "x=70", "y=40").returncode == 0
    assert gegl("in.png", "-o", "removed.png", "--", "inpaint:seele-remove", "method=seele", "steps=1", "seed=1", *AUX).returncode == 0
    output, removed = read16(gegl.folder / "out.png"), read16(gegl.folder / "removed.png").copy()
    part(removed, BOX, (70, 40))[:] = part(picture, BOX)
    assert (output == removed).all()


@pytest.mark.parametrize("properties", [[], ["harmonize=true"], ["complete-mask=missing.png"]])
def test_what_does_not_move_stays_to_the_bit_and_needs_no_model(gegl, picture, properties):
    result = reposition(gegl, *properties, GEGL_INPAINT_MODEL="/nowhere")
    assert result.returncode == 0, result.stderr
    assert (read16(gegl.folder / "out.png") == picture).all()


@pytest.mark.parametrize("x, y", [(110, 0), (-50, -40), (0, 85)])
def test_a_subject_that_leaves_the_frame_is_clipped(gegl, picture, x, y):
    result = reposition(gegl, f"x={x}", f"y={y}")
    assert result.returncode == 0, result.stderr
    output = read16(gegl.folder / "out.png")
    assert output.shape == picture.shape
    left, top = max(BOX[0] + x, 0), max(BOX[1] + y, 0)
    seen = output[top:max(BOX[3] + y, 0), left:max(BOX[2] + x, 0)]
    assert seen.size and (seen == picture[top - y:top - y + seen.shape[0], left - x:left - x + seen.shape[1]]).all()


def test_a_subject_beyond_the_frame_is_removed(gegl, picture):
    assert reposition(gegl, "x=5000").returncode == 0
    output = read16(gegl.folder / "out.png")
    assert output.shape == picture.shape and (part(output, BOX) != part(picture, BOX)).any(-1).mean() > 0.9


@pytest.mark.parametrize("scale", [2, 0.5])
def test_the_subject_is_scaled_about_its_center(gegl, picture, scale):
    """A disc of one color on another."""
    y, x = np.mgrid[:SIZE[1], :SIZE[0]]
    center = np.array([70, 50])
    disc = np.hypot(x + 0.5 - center[0], y + 0.5 - center[1]) < 16
    image = np.where(disc[..., None], [250, 10, 10], [10, 10, 200]).astype(np.uint8)
    Image.fromarray(image).save(gegl.folder / "in.png")
    Image.fromarray((disc * 255).astype(np.uint8)).save(gegl.folder / "mask.png")
    result = reposition(gegl, f"scale={scale}", "x=20", "y=8")
    assert result.returncode == 0, result.stderr
    output = read16(gegl.folder / "out.png").astype(int)
    distance = np.hypot(x + 0.5 - center[0] - 20, y + 0.5 - center[1] - 8)
    inside, outside = distance < 16 * scale - 2, distance > 16 * scale + 2
    assert np.abs(output[inside] - [250, 10, 10]).max() <= 1
    kept = np.hypot(x + 0.5 - center[0], y + 0.5 - center[1]) > 16 + AROUND
    outside &= kept
    assert (output[outside] == [10, 10, 200]).all()
    red = (output[..., 0] > 128) & (distance < 16 * scale + np.where(kept, 4, 0.5))  # a fill may be red too
    middle = np.argwhere(red)[:, ::-1].mean(0) + 0.5
    assert np.abs(middle - center - [20, 8]).max() < 0.1, f"its middle lies at {middle}"


def test_a_soft_edge_blends(gegl, picture):
    mask = box_mask(*SIZE, box=BOX).astype(int)
    mask[BOX[1]:BOX[3], BOX[0] - 4:BOX[0]] = [51, 102, 153, 204]
    Image.fromarray(mask.astype(np.uint8)).save(gegl.folder / "mask.png")
    assert reposition(gegl, "x=70", "y=40").returncode == 0
    output = read16(gegl.folder / "out.png").astype(int)
    place = (slice(BOX[1] + 40, BOX[3] + 40), slice(BOX[0] - 4 + 70, BOX[0] + 70))
    share = np.array([0.2, 0.4, 0.6, 0.8])[:, None]
    expected = share * picture[BOX[1]:BOX[3], BOX[0] - 4:BOX[0]] + (1 - share) * picture[place]
    assert np.abs(output[place] - expected).max() <= 0.51


def test_a_picture_elsewhere_on_the_plane(gegl, picture):
    """The input and its mask begin at (-13, 7)."""
    shift = ["gegl:translate", "x=-13", "y=7"]
    result = gegl("in.png", "-o", "shifted.png", "--", *shift, "inpaint:seele-reposition", "steps=1", "seed=1", "x=70", "y=40", "aux=[",
                  "gegl:load", "path=mask.png", *shift, "]")
    assert result.returncode == 0, result.stderr
    check_moved(read16(gegl.folder / "shifted.png"), picture, 70, 40)


def test_an_input_without_bounds_is_left_as_it_is(gegl, picture):
    result = gegl("-o", "out.png", "--", "gegl:color", "value=red", "inpaint:seele-reposition", "x=70", "aux=[", "gegl:load",
                  "path=mask.png", "]", "gegl:crop", "width=20", "height=10", GEGL_INPAINT_MODEL="/nowhere")
    assert result.returncode == 0 and "no bounds" in result.stderr, result.stderr
    assert (read16(gegl.folder / "out.png")[..., :3] == [255, 0, 0]).all()


# ---- Formats ----

def test_every_format_stays_exact_and_itself(gegl, picture):
    """The subject is where copying would have moved it."""
    moved = photograph(*SIZE)
    part(moved, BOX, (70, 40))[:] = part(picture, BOX)
    Image.fromarray(moved).save(gegl.folder / "moved.png")
    operation = ["inpaint:seele-reposition", "x=70", "y=40", "steps=1", *AUX]
    whole = ["R'G'B' u8", "R'G'B'A u8", "R'G'B' u16", "R'G'B'A u16", "RGB u16", "Y' u8", "Y'A u16", "CMYK u8"]
    deviations = gegl.deviations(whole, operation, expected="moved.png")
    # The way there and back rounds these by about a millionth.
    floats = ["RGB float", "R'G'B' float", "R'G'B'A half", "Y float"]
    deviations |= gegl.deviations(floats, operation, expected="moved.png", enlarged=100)
    for format, differs in deviations.items():
        assert part(differs, BOX).mean() > 0.9, format
        part(differs, BOX, margin=AROUND)[:] = False
        assert not differs.any(), f"{format}: {differs.sum()} pixels"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
def test_the_file_keeps_its_kind(gegl, picture, mode):
    Image.open(gegl.folder / "in.png").convert(mode).save(gegl.folder / "in.png")
    assert reposition(gegl, "x=70", "y=40").returncode == 0
    kinds = [(gegl.folder / name).read_bytes()[25] for name in ["in.png", "out.png"]]  # PNG's colour type
    assert kinds[0] == kinds[1]


def test_a_subject_on_a_transparent_ground_takes_its_alpha_along(gegl, picture):
    alpha = np.full(picture.shape[:2], 255, np.uint8)
    alpha[:, 90:] = 0
    Image.fromarray(np.dstack([picture, alpha])).save(gegl.folder / "in.png")
    assert reposition(gegl, "x=70", "y=40").returncode == 0
    output = read16(gegl.folder / "out.png")
    assert (part(output, BOX, (70, 40))[..., :3] == part(picture, BOX)).all()
    assert (part(output, BOX, (70, 40))[..., 3] == 255).all()
    part(alpha, BOX, (70, 40))[:] = 255
    assert (output[..., 3] == alpha).all()
