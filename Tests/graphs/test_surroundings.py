# SPDX-License-Identifier: LGPL-3.0-or-later
"""What a hole's surroundings are to a fill: an object's soft edge, lights beyond white, inks.  With the mini pack, which paints
well enough for colours to be compared."""
import numpy as np
import pytest
from conftest import ROOT, box_mask, read16
from PIL import Image
from test_tool import tool

MINI = ROOT / "plugin-manifest/models/mini"
SELECTION = ["grow=0", "feather=0"]  # as GIMP asks for


@pytest.fixture
def cut_out(gegl):
    """in.png, a red disc with a soft edge, and mask.png, which is cut along its edge: what is behind it, and distances."""
    y, x = np.mgrid[:256, :256]
    distance = np.hypot(x - 120, y - 130) - 40
    behind = np.stack([110 + 20 * x / 256, 160 - 20 * y / 256, 150 + 6 * np.sin(x / 5)], -1)
    share = np.clip(0.7 - distance / 4, 0, 1)[..., None]
    Image.fromarray((share * (205, 30, 28) + (1 - share) * behind).astype(np.uint8)).save(gegl.folder / "in.png")
    Image.fromarray(np.where(distance <= 0, 255, 0).astype(np.uint8)).save(gegl.folder / "mask.png")
    return behind, distance


@pytest.mark.parametrize("operation", ["asuka-inpaint", "sd-inpaint", "seele-remove grow=0"])
@pytest.mark.parametrize("detail", ["surroundings", "model", "refine"])
def test_an_objects_soft_edge_does_not_colour_the_fill_and_leaves_no_rim(gegl, cut_out, operation, detail):
    behind, distance = cut_out
    name, *properties = operation.split()
    result = tool(gegl, "run", name, "in.png", "--mask", "mask.png", "-o", "out.png", f"model={MINI}", "seed=5",
                  f"detail={detail}", *properties)
    assert result.returncode == 0, result.stderr
    error = read16(gegl.folder / "out.png").astype(float) - behind
    for place, inside in [("fill", distance <= 0), ("inner edge", (distance > -3) & (distance <= 0)),
                          ("rim", (distance > 0) & (distance <= 3))]:
        assert (abs(error[inside].mean(0)) <= 6).all(), (place, error[inside].mean(0))


@pytest.mark.parametrize("operation", ["asuka-inpaint", "sd-inpaint", "seele-remove"])
def test_a_selection_cut_along_an_object_is_filled_and_nothing_else_changes(gegl, cut_out, operation):
    behind, distance = cut_out
    before = read16(gegl.folder / "in.png")
    result = tool(gegl, "run", operation, "in.png", "--mask", "mask.png", "-o", "out.png", f"model={MINI}", "seed=5", *SELECTION)
    assert result.returncode == 0, result.stderr
    after = read16(gegl.folder / "out.png")
    assert (after[distance > 0] == before[distance > 0]).all()
    error = (after - behind)[distance <= 0].mean(0)
    assert (abs(error) <= 6).all(), error


# ---- Lights beyond white ----

def lit(gegl, stops: float, *operation: str, values=None) -> np.ndarray:
    """What the operation makes of a picture that is exposed by so many stops, and exposed back to half of it, in 8 bits."""
    values = np.full((64, 64, 3), 255, np.uint8) if values is None else values
    Image.fromarray(values).save(gegl.folder / "in.png")
    mask = np.zeros(values.shape[:2], np.uint8)
    mask[20:44, 20:44] = 255
    Image.fromarray(mask).save(gegl.folder / "mask.png")
    aux = ["aux=[", "gegl:load", "path=mask.png", "]"] if operation else []
    result = gegl("in.png", "-o", "out.png", "--", "gegl:convert-format", "format=RGB float", "gegl:exposure", f"exposure={stops}",
                  *operation, *aux, "gegl:exposure", f"exposure={-stops - 1}", "gegl:convert-format", "format=R'G'B' u8")
    assert result.returncode == 0, result.stderr
    return read16(gegl.folder / "out.png").astype(int)


@pytest.mark.parametrize("stops", [1.585, 5, 12])
def test_an_even_light_is_continued_however_bright(gegl, stops):
    fill = lit(gegl, stops, "inpaint:asuka-inpaint", f"model={MINI}", "seed=5")
    assert (abs(fill - 188) <= 1).all(), (fill.min(), fill.max())  # half of it; a step is 1.2 %


def test_a_fill_in_bright_lights_has_their_range(gegl):
    y, x = np.mgrid[:64, :64]
    lights = np.stack([60 + 3 * x, 60 + 3 * y, 120 + (x + y) % 9 * 10], -1).astype(np.uint8)
    fill, plain = (lit(gegl, 3, *operation, values=lights) for operation in (["inpaint:asuka-inpaint", f"model={MINI}", "seed=5"], []))
    hole = np.s_[24:40, 24:40]
    # The model's own error; cut off at white the fill would be 41 darker.
    assert (abs(fill[hole].mean((0, 1)) - plain[hole].mean((0, 1))) <= 25).all()


# ---- Inks ----

@pytest.mark.parametrize("ending", ["jpg", "tif"])
def test_inks_without_a_profile_are_read_as_other_programs_do(gegl, ending):
    y, x = np.mgrid[:80, :96]
    inks = np.stack([x * 2, y * 3, 255 - x * 2, x // 12 * 12], -1).astype(np.uint8)
    options = {"jpg": {"quality": 100, "subsampling": 0}, "tif": {}}[ending]
    Image.fromarray(inks, "CMYK").save(gegl.folder / f"in.{ending}", **options)
    mask = box_mask()
    Image.fromarray(mask).save(gegl.folder / "mask.png")
    result = tool(gegl, "run", "sd-inpaint", f"in.{ending}", "--mask", "mask.png", "-o", "out.png", "steps=1", "feather=0")
    assert result.returncode == 0 and f"note: in.{ending}: CMYK without a profile" in result.stderr, result.stderr
    inks = np.asarray(Image.open(gegl.folder / f"in.{ending}")) / 255
    expected = 255 * (1 - inks[..., :3]) * (1 - inks[..., 3:])
    assert abs(read16(gegl.folder / "out.png") - expected)[mask == 0].max() <= 2
