# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the property detail promises to who uses it in `gegl`."""
import shutil

import numpy as np
import pytest
from conftest import PACKS, ROOT, box_mask, read16
from PIL import Image

MINI = ROOT / "plugin-manifest/models/mini"


def filled(gegl, *properties, **options) -> np.ndarray:
    result = gegl.fill("in.png", *properties, **options)
    assert result.returncode == 0, result.stderr
    return read16(gegl.folder / "out.png").astype(int)


def errors_on_stripes(gegl, value: int, *properties) -> dict:
    """Of the mini pack's fills of a hole in stripes, in 8-bit steps, where the mask has this value."""
    y, x = np.mgrid[:192, :256]
    image = (128 + 60 * np.sin(0.9 * x + 0.35 * y)[..., None] * (1, 1, -1)).astype(np.uint8)
    mask = box_mask(256, 192, (110, 80, 140, 112))
    Image.fromarray(image).save(gegl.folder / "in.png")
    Image.fromarray(mask).save(gegl.folder / "mask.png")
    return {detail: np.abs(filled(gegl, f"detail={detail}", f"model={MINI}", "color-match=true", *properties, steps=1)
                           - image)[mask == value].mean() for detail in ("model", "surroundings")}


def test_a_texture_goes_on(gegl):
    """The mini pack's own fill of it is even."""
    errors = errors_on_stripes(gegl, 255)
    assert errors["surroundings"] < 0.4 * errors["model"], errors


def test_around_the_hole_the_picture_is_blended_with_itself(gegl):
    """However wide the blend, in all but colours, which are the fill's."""
    errors = errors_on_stripes(gegl, 0, "feather=20")
    assert errors["surroundings"] < 0.2 * errors["model"], errors


def test_pixels_beyond_the_blend_stay_exact(gegl, pictures):
    image, mask = pictures
    fill = filled(gegl, "detail=surroundings", "feather=0")
    assert (fill[mask == 0] == image[mask == 0]).all() and (fill[mask > 0] != image[mask > 0]).mean() > 0.9


@pytest.mark.parametrize("rest", [0, 2])
def test_a_soft_mask_is_blended(gegl, pictures, rest):
    """A mask of lossy compression, which is nowhere quite black, is a mask all the same."""
    image, mask = pictures
    mask[mask == 0] = rest
    mask[20:50, 60:70] = 100  # less than half: it is not of the hole
    Image.fromarray(mask).save(gegl.folder / "mask.png")
    fill, own = (filled(gegl, f"detail={detail}", "feather=0") for detail in ("surroundings", "model"))
    assert (fill != image).any(-1)[mask == 100].mean() > 0.8 and (np.abs(fill - image)[mask == rest] <= 2).all()
    assert (fill != own).any(-1)[mask == 255].mean() > 0.9


def test_where_too_little_is_known_the_models_fill_is_blended(gegl, pictures):
    Image.fromarray(box_mask(box=(3, 3, 93, 77))).save(gegl.folder / "mask.png")
    assert (filled(gegl, "detail=surroundings") == filled(gegl, "detail=model")).all()


def test_without_preserve_the_models_picture_is_around(gegl, pictures):
    mask = pictures[1]
    own, matched = (filled(gegl, f"detail={detail}", "preserve=false", "crop=whole") for detail in ("model", "surroundings"))
    assert (own[mask == 0] == matched[mask == 0]).all() and (own != matched).any(-1)[mask > 0].mean() > 0.9


@pytest.mark.parametrize("recommended, detail", [("", "model"), ('"detail": "surroundings"', "surroundings"), ('"detail": "model"', "model"),
                                                 ('"detail": "refine"', "refine")])
def test_auto_is_what_the_pack_recommends(gegl, pictures, recommended, detail):
    pack = shutil.copytree(PACKS / "tiny-sd15", gegl.folder / "pack")
    (pack / "recommended.json").write_text('{"operations": {"inpaint:sd-inpaint": {%s}}}' % recommended)
    assert (filled(gegl, f"model={pack}") == filled(gegl, f"model={pack}", f"detail={detail}")).all()
    other = "model" if detail == "surroundings" else "surroundings"
    assert (filled(gegl, f"model={pack}") != filled(gegl, f"model={pack}", f"detail={other}")).any()


@pytest.mark.parametrize("recommended", ['"photograph"', "1"])
def test_a_recommendation_that_is_none_is_refused(gegl, pictures, recommended):
    pack = shutil.copytree(PACKS / "tiny-sd15", gegl.folder / "pack")
    (pack / "recommended.json").write_text('{"operations": {"inpaint:sd-inpaint": {"detail": %s}}}' % recommended)
    result = gegl.fill("in.png", f"model={pack}")
    assert result.returncode != 0 and "recommended.json: inpaint:sd-inpaint: detail is " in result.stderr


def test_a_refined_fill_leaves_known_pixels_exact(gegl, pictures):
    """What the model sees at its own size is painted once."""
    image = pictures[0]
    for box, refines in ((10, 5, 80, 75), True), ((40, 30, 60, 50), False):
        mask = box_mask(box=box)
        Image.fromarray(mask).save(gegl.folder / "mask.png")
        fill, again, own = (filled(gegl, f"detail={detail}", "feather=0") for detail in ("refine", "refine", "model"))
        assert (fill[mask == 0] == image[mask == 0]).all() and (fill == again).all()
        assert (fill != own).any(-1)[mask > 0].mean() > 0.9 if refines else (fill == own).all()


def test_a_full_mask_keeps_the_models_detail(gegl, pictures):
    Image.fromarray(np.full((80, 96), 255, np.uint8)).save(gegl.folder / "mask.png")
    assert (filled(gegl, "detail=surroundings") == filled(gegl, "detail=model")).all()


def test_the_transparent_part_takes_it_too(gegl, pictures):
    image, mask = pictures
    Image.fromarray(np.dstack([image, 255 - mask])).save(gegl.folder / "in.png")
    fill = filled(gegl, "detail=surroundings", "feather=0", mask=None)
    assert (fill[mask == 0] == np.dstack([image, 255 - mask])[mask == 0]).all() and (fill[..., 3] == 255).all()


def test_a_grown_canvas_takes_it_too(gegl, pictures):
    fills = []
    for detail in ("model", "surroundings"):
        result = gegl("in.png", "-o", "out.png", "--", "inpaint:outpaint", "steps=1", "seed=1", "left=40", f"detail={detail}")
        assert result.returncode == 0, result.stderr
        fills.append(read16(gegl.folder / "out.png").astype(int))
    assert (fills[0] != fills[1])[:, :40].any(-1).mean() > 0.9 and (fills[1][:, 60:] == pictures[0][:, 20:]).all()

