# SPDX-License-Identifier: LGPL-3.0-or-later
"""Kinds of picture files: each is read, or the reason is said and nothing is written."""
import numpy as np
import pytest
from conftest import box_mask, surely_outside
from PIL import Image, features
from test_tool import tool

OUTSIDE = surely_outside(box_mask())


def moving(picture):
    return {"save_all": True, "append_images": [picture.rotate(90), picture.rotate(180)]}


def trailing(picture, path):
    picture.save(path, "JPEG", quality=95)
    path.write_bytes(path.read_bytes() + b"a film of the moment" * 1000)


def painted(gegl, name):
    return tool(gegl, "run", "sd-inpaint", name, "--mask", "mask.png", "-o", "out.png", "steps=1", "seed=1")


# What is written, how far at most what is known goes from the picture in the mean, and what is noted.
READ = {
    "1-bit fax.tif": (lambda p, to: p.convert("1", dither=0).save(to, compression="group4"), 100, ""),
    "1-bit.png": (lambda p, to: p.convert("1", dither=0).save(to), 100, ""),
    "palette.png": (lambda p, to: p.quantize(64).save(to), 12, ""),
    "palette with a hole.png": (lambda p, to: p.quantize(64).save(to, transparency=70), 12, ""),
    "palette.tif": (lambda p, to: p.quantize(64).save(to), 12, ""),
    "still.gif": (lambda p, to: p.save(to), 12, ""),
    "moving.gif": (lambda p, to: p.save(to, **moving(p)), 12, "only the first of its 3 pictures is read"),
    "moving.png": (lambda p, to: p.save(to, **moving(p)), 0, "only the first of its 3 pictures is read"),
    "three pages.tif": (lambda p, to: p.save(to, **moving(p)), 0, "only the first of its 3 pages is read"),
    "portable.ppm": (lambda p, to: p.save(to), 0, ""),
    "progressive.jpg": (lambda p, to: p.save(to, progressive=True, quality=95), 8, ""),
    "several in one.jpg": (lambda p, to: p.save(to, "MPO", quality=95, save_all=True, append_images=[p.rotate(90)]), 8, ""),
    "with a film behind.jpg": (trailing, 8, ""),
    "big-endian.tif": (lambda p, to: p.save(to, big_endian=True), 0, ""),
    "packed.tif": (lambda p, to: p.save(to, compression="packbits"), 0, ""),
}
REFUSED = {
    "moving.webp": (lambda p, to: p.save(to, **moving(p)), "it is an animation; save one of its pictures alone"),
    "windows.bmp": (lambda p, to: p.save(to), "no loader for image/bmp; save it as PNG"),
    "targa.tga": (lambda p, to: p.save(to), "no loader for image/x-tga; save it as PNG"),
    "icon.ico": (lambda p, to: p.save(to), "no loader for image/vnd.microsoft.icon; save it as PNG"),
    **({"jpeg2000.jp2": (lambda p, to: p.save(to), "no loader for image/jp2; save it as PNG")} if features.check("jpg_2000") else {}),
}


@pytest.mark.parametrize("name", READ)
def test_it_is_read(gegl, pictures, name):
    make, off, note = READ[name]
    make(Image.fromarray(pictures[0]), gegl.folder / name)
    result = painted(gegl, name)
    assert result.returncode == 0, result.stderr
    assert note in result.stderr and (name in result.stderr) == bool(note), result.stderr
    values = np.asarray(Image.open(gegl.folder / "out.png").convert("RGB")).astype(float)
    assert np.abs(values - pictures[0])[OUTSIDE].mean() <= off


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_the_reason(gegl, pictures, name):
    make, reason = REFUSED[name]
    make(Image.fromarray(pictures[0]), gegl.folder / name)
    result = painted(gegl, name)
    assert result.returncode == 1 and name in result.stderr and reason in result.stderr, result.stderr
    assert not (gegl.folder / "out.png").exists()
