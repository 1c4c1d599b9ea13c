# SPDX-License-Identifier: LGPL-3.0-or-later
"""How the files of `inpaint run` are coded: as the pictures that they come from.  PIL reads the results."""
import io

import numpy as np
import pytest
from conftest import box_mask, photograph
from PIL import Image, JpegImagePlugin
from test_tool import tool
from test_written_files import run, save


# Sampling 0, 1, 2: 4:4:4, 4:2:2, 4:2:0.
@pytest.mark.parametrize("quality, progressive, sampling, orientation",
                         [(35, False, 2, 1), (95, True, 0, 1), (80, False, 1, 1), (95, False, 1, 6), (35, True, 2, 6)])
def test_jpeg_stays_coded_as_it_is(gegl, pictures, quality, progressive, sampling, orientation):
    save(gegl.folder / "in.jpg", orientation=orientation, quality=quality, subsampling=sampling, progressive=progressive)
    upright = Image.fromarray(np.rot90(np.zeros((80, 96)), 0 if orientation == 1 else -1).astype(np.uint8))
    Image.fromarray(box_mask(*upright.size)).save(gegl.folder / "mask.png")
    run(gegl, "in.jpg", "out.jpg", "feather=0")
    before, after = Image.open(gegl.folder / "in.jpg"), Image.open(gegl.folder / "out.jpg")
    turned = {1: lambda values: values, 6: lambda values: np.asarray(values).reshape(8, 8).T.ravel().tolist()}[orientation]
    assert {index: list(values) for index, values in after.quantization.items()} == {
        index: turned(list(values)) for index, values in before.quantization.items()}
    samplings = [layer[1:3] if orientation == 1 else layer[2:0:-1] for layer in before.layer]
    assert [layer[1:3] for layer in after.layer] == samplings
    assert bool(after.info.get("progressive")) == progressive
    expected = np.asarray(before).astype(int) if orientation == 1 else np.rot90(np.asarray(before).astype(int), -1)
    known = box_mask(*after.size, (14, 4, 76, 66)) == 0  # beyond the blocks of the hole
    error = abs(np.asarray(after).astype(int) - expected)[known].mean()
    assert error <= 1.5, f"known pixels are off by {error:.2f} in the mean"


def test_quality_says_how_jpeg_and_webp_are_coded(gegl, pictures):
    Image.fromarray(photograph()).save(gegl.folder / "in.jpg", quality=95, subsampling=2)
    reference = io.BytesIO()
    Image.fromarray(photograph()).save(reference, "JPEG", quality=40)
    run(gegl, "in.jpg", "out.jpg", "--quality", "40")
    written = Image.open(gegl.folder / "out.jpg")
    assert written.quantization == Image.open(reference).quantization
    assert JpegImagePlugin.get_sampling(written) == 2, "as before"
    sizes = []
    for quality in (10, 90):
        run(gegl, "in.png", f"q{quality}.webp", "--quality", quality)
        sizes.append((gegl.folder / f"q{quality}.webp").stat().st_size)
    run(gegl, "in.png", "plain.webp")
    assert sizes[0] < sizes[1] == (gegl.folder / "plain.webp").stat().st_size
    for arguments, status in [(["--quality", "0"], 64), (["--quality", "101"], 64), (["--quality", "90"], 1)]:
        result = tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", "out.png", *arguments)
        assert result.returncode == status and "--quality" in result.stderr, result.stderr


def test_grey_and_lossless_files_stay_so(gegl, pictures):
    grey = Image.fromarray(photograph()[..., 0])
    for ending in ("jpg", "png", "tif"):
        grey.save(gegl.folder / f"in.{ending}")
        run(gegl, f"in.{ending}", f"out.{ending}")
        assert Image.open(gegl.folder / f"out.{ending}").mode == "L"
    transparent = np.dstack([photograph(), np.full((80, 96), 0, np.uint8)])
    Image.fromarray(transparent).save(gegl.folder / "in.webp", lossless=True, exact=True)
    run(gegl, "in.webp", "out.webp", "feather=0")
    written = np.asarray(Image.open(gegl.folder / "out.webp"))
    assert (written[box_mask() == 0] == transparent[box_mask() == 0]).all()


def picture(mode):
    grey = photograph()[..., 0]
    if mode == "I;16":
        return Image.fromarray(grey.astype(np.uint16) * 257)
    return Image.fromarray(grey.astype(np.float32) / 255) if mode == "F" else Image.fromarray(photograph()).convert(mode)


@pytest.mark.parametrize("compression, mode", [
    ("raw", "RGB"), ("tiff_lzw", "RGB"), ("packbits", "L"), ("tiff_lzw", "RGBA"), ("tiff_lzw", "I;16"), ("tiff_lzw", "F"),
    ("tiff_adobe_deflate", "F"), ("tiff_adobe_deflate", "I;16"), ("jpeg", "RGB"), ("group4", "1")])
def test_tiff_keeps_its_compression(gegl, pictures, compression, mode):
    picture(mode).save(gegl.folder / "in.tif", compression=compression)
    run(gegl, "in.tif", "out.tif", "feather=0")
    written = Image.open(gegl.folder / "out.tif")
    lossless = {"jpeg": "tiff_adobe_deflate", "group4": "tiff_adobe_deflate"}.get(compression, compression)
    assert written.info["compression"] == lossless
    before = np.asarray(Image.open(gegl.folder / "in.tif").convert("RGB" if mode in ("RGB", "1") else mode)).astype(float)
    after = np.asarray(written.convert("RGB" if mode in ("RGB", "1") else mode)).astype(float)
    difference = abs(after - before)[box_mask() == 0].max()
    assert difference <= (4 if compression == "jpeg" else 1e-5), f"known pixels are off by {difference}"
    assert written.mode == ("RGBA" if mode == "1" else mode)  # as GEGL reads single bits


def test_pages_that_are_not_read_are_told(gegl, pictures):
    Image.fromarray(photograph()).save(gegl.folder / "in.tif", save_all=True, append_images=[Image.fromarray(photograph())])
    assert "note: in.tif: only the first of its 2 pages is read" in run(gegl, "in.tif", "out.tif")


@pytest.mark.parametrize("ending", ["jpg", "ppm"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_holds_no_transparency_is_laid_on_white(gegl, pictures, mode, ending):
    alpha = np.full((80, 96), 255, np.uint8)
    alpha[:, :8], alpha[:, 8:16] = 0, 128
    Image.fromarray(np.dstack([np.full((80, 96, 3), 40, np.uint8), alpha])).convert(mode).save(gegl.folder / "in.png")
    said = run(gegl, "in.png", f"out.{ending}")
    assert f"note: out.{ending}: its format holds no transparency" in said
    values = np.asarray(Image.open(gegl.folder / f"out.{ending}").convert("RGB")).astype(int)
    for columns, expected in [(slice(0, 7), 255), (slice(9, 15), 147), (slice(80, 96), 40)]:
        assert abs(values[:, columns] - expected).max() <= 3, (columns, values[0, columns, 0])
    Image.fromarray(np.dstack([photograph(), np.full((80, 96), 255, np.uint8)])).save(gegl.folder / "opaque.png")
    assert "transparency" not in run(gegl, "opaque.png", f"out.{ending}")
