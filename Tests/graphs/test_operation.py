# SPDX-License-Identifier: LGPL-3.0-or-later
"""What inpaint:sd-inpaint promises to who uses it in `gegl`."""
import numpy as np
import pytest
from conftest import AUX, box_mask, photograph, read16, surely_outside
from PIL import Image


def test_fills_the_mask_and_keeps_the_rest(gegl, pictures):
    image, mask = pictures
    result = gegl.fill()
    assert result.returncode == 0, result.stderr
    output = read16(gegl.folder / "out.png")
    outside = surely_outside(mask)
    assert (output[outside] == image[outside]).all()
    assert (output[mask > 0] != image[mask > 0]).mean() > 0.9


def test_the_same_seed_gives_the_same_picture(gegl, pictures):
    gegl.fill(output="a.png"), gegl.fill(output="b.png")
    assert (read16(gegl.folder / "a.png") == read16(gegl.folder / "b.png")).all()


def test_a_blank_prompt_asks_for_nothing(gegl, pictures):
    """So that colours are matched as without one."""
    chain = ["inpaint:sd-inpaint", "steps=1", "seed=1"]
    blank, matched, kept = gegl.results(*([*chain, "prompt= ", f"color-match={choice}", *AUX]
                                          for choice in ("auto", "true", "false")))
    assert (blank == matched).all() and (blank != kept).any()


def test_an_xml_graph_with_the_mask_inside(gegl, pictures):
    (gegl.folder / "graph.xml").write_text("""<?xml version='1.0' encoding='UTF-8'?>
        <gegl>
          <node operation='inpaint:sd-inpaint'>
            <params><param name='steps'>2</param><param name='seed'>1</param></params>
            <node operation='gegl:load'><params><param name='path'>mask.png</param></params></node>
          </node>
          <node operation='gegl:load'><params><param name='path'>in.png</param></params></node>
        </gegl>""")
    result = gegl("graph.xml", "-o", "xml.png")
    gegl.fill()
    assert result.returncode == 0, result.stderr
    assert (read16(gegl.folder / "xml.png") == read16(gegl.folder / "out.png")).all()


@pytest.mark.parametrize("first, second", [("sd-inpaint", "sd-inpaint"), ("outpaint right=10", "sd-inpaint"),
                                           ("seele-remove", "seele-complete")])
def test_an_operation_sees_the_result_of_the_one_before(gegl, pictures, first, second):
    """A chain is what its operations are one after the other; the second hole lies beside the first one."""
    wide = np.pad(box_mask(box=(60, 20, 90, 50)), ((0, 0), (0, 10 if "right" in first else 0)))
    Image.fromarray(wide).save(gegl.folder / "beside.png")
    one, two = (f"inpaint:{name} steps=1 seed=1".split() for name in (first, second))
    one += [] if "outpaint" in first else AUX
    two += ["aux=[", "gegl:load", "path=beside.png", "]"]
    grown = ["gegl:crop", f"width={wide.shape[1]}", f"height={wide.shape[0]}"]
    results = []
    for source, chain in (("in.png", one), ("one.png", two), ("in.png", one + two), ("in.png", grown + two)):
        result = gegl(source, "-o", "out.png", "--", *chain)
        assert result.returncode == 0, result.stderr
        results.append(read16(gegl.folder / "out.png")[..., :3])
        Image.fromarray(results[0]).save(gegl.folder / "one.png")  # in 8 bits, as it is between two operations
    _, apart, chained, alone = results
    assert (chained == apart).all()
    assert (chained[wide > 0] != alone[wide > 0]).any(-1).mean() > 0.9


# ---- Formats ----

def test_every_format_stays_exact_outside_the_mask(gegl, pictures):
    formats = ["R'G'B' u8", "R'G'B'A u8", "R'G'B' u16", "RGB u16", "RGB float", "R'G'B'A half", "RaGaBaA float", "Y' u8",
               "Y'A u16", "Y float", "CMYK u8"]
    for format, differs in gegl.deviations(formats, ["inpaint:sd-inpaint", "steps=1", *AUX]).items():
        assert not differs[surely_outside(pictures[1])].any() and differs[pictures[1] > 0].mean() > 0.9, format


@pytest.mark.parametrize("space", ["Adobish", "ProPhoto", "Rec2020"])
def test_an_icc_profile_stays_and_the_fill_is_converted_to_it(gegl, pictures, space):
    """The same picture in another colour space, profile attached, gets the same fill as far as the eye can tell."""
    assert gegl("in.png", "-o", "icc.png", "--", "gegl:convert-space", f"space-name={space}").returncode == 0
    result = gegl.fill("icc.png", output="filled.png")
    assert result.returncode == 0, result.stderr
    before, after = Image.open(gegl.folder / "icc.png"), Image.open(gegl.folder / "filled.png")
    assert before.info["icc_profile"] == after.info["icc_profile"]
    outside = surely_outside(pictures[1])
    assert (np.asarray(before)[outside] == np.asarray(after)[outside]).all()
    assert gegl("filled.png", "-o", "back.png", "--", "gegl:convert-space", "space-name=sRGB").returncode == 0
    gegl.fill()
    inside = pictures[1] > 0
    difference = np.abs(read16(gegl.folder / "back.png")[..., :3].astype(int) - read16(gegl.folder / "out.png"))[inside]
    assert difference.mean() < 3, f"mean difference {difference.mean()} of 255"


@pytest.mark.parametrize("size", [(1, 1), (3, 8191), (8191, 3), (7, 5)])
def test_every_size(gegl, size):
    image = photograph(*size)
    Image.fromarray(image).save(gegl.folder / "in.png")
    Image.fromarray(box_mask(*size, box=(0, 0, (size[0] + 1) // 2, (size[1] + 1) // 2))).save(gegl.folder / "mask.png")
    result = gegl.fill("in.png", "working-size=64")
    assert result.returncode == 0, result.stderr
    assert read16(gegl.folder / "out.png").shape == image.shape


def test_infinite_values_outside_the_mask_do_not_reach_the_fill(gegl, pictures):
    """Infinity and what comes of it count as white or black for the model."""
    result = gegl("in.png", "-o", "out.png", "--", "gegl:convert-format", "format=RGB float", "gegl:exposure", "exposure=10",
                  *["gegl:exposure", "exposure=10"] * 14, "inpaint:sd-inpaint", "steps=1", "seed=1", "aux=[", "gegl:load",
                  "path=mask.png", "]")
    assert result.returncode == 0, result.stderr
    inside = read16(gegl.folder / "out.png")[25:45, 35:55]
    assert len(np.unique(inside)) > 20
