# SPDX-License-Identifier: LGPL-3.0-or-later
"""What `inpaint run` reads from picture files: orientation, content, colours, masks of another size."""
import numpy as np
import pytest
from conftest import ROOT, box_mask, photograph
from PIL import Image
from test_tool import tool

REPORTS = ROOT / "../shared/reports"

# What a viewer does to the stored picture, by EXIF orientation.
UPRIGHT = {1: lambda p: p, 2: lambda p: p[:, ::-1], 3: lambda p: p[::-1, ::-1], 4: lambda p: p[::-1],
           5: lambda p: p.swapaxes(0, 1), 6: lambda p: np.rot90(p, -1), 7: lambda p: p[::-1, ::-1].swapaxes(0, 1),
           8: lambda p: np.rot90(p)}
# Turning back, 6 and 8 are each other's opposites.
STORED = {orientation: UPRIGHT[{6: 8, 8: 6}.get(orientation, orientation)] for orientation in UPRIGHT}

WIDTH, HEIGHT, BOX = 43, 61, (20, 30, 36, 50)
LOSSLESS = {"webp": {"lossless": True}}
JPEG_STEPS = 4  # by which PIL and GEGL decode JPEG differently


def save(path, values, orientation=1, mode=None, **options):
    """Stores upright values at this orientation; gives the upright values of the stored file, as PIL decodes it."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(np.ascontiguousarray(STORED[orientation](values)))
    if mode:
        image = image.quantize(16) if mode == "P" else image.convert(mode)
    image.save(path, exif=exif, **LOSSLESS.get(path.suffix[1:], {}), **options)
    plain = path.with_stem("decoded")
    image.save(plain, **LOSSLESS.get(path.suffix[1:], {}), **options)  # without a tag that PIL might follow
    return UPRIGHT[orientation](np.asarray(Image.open(plain).convert("RGB")))


def fill(gegl, source, *arguments, mask="mask.png", output="out.png"):
    result = tool(gegl, "run", "sd-inpaint", source, *(["--mask", mask] if mask else []), "-o", output, "steps=1", "feather=0",
                  *arguments)
    assert result.returncode == 0, result.stderr
    return result.stderr


def changed(gegl, upright, output="out.png", steps=0):
    """Where the result differs from the picture by more than these steps."""
    result = np.asarray(Image.open(gegl.folder / output).convert("RGB")).astype(int)
    assert result.shape == upright.shape
    return abs(result - upright).max(-1) > steps


def assert_filled_in_box_only(gegl, upright, steps=0):
    differs, hole = changed(gegl, upright, steps=steps), box_mask(WIDTH, HEIGHT, BOX) > 0
    assert not (differs & ~hole).any(), f"{(differs & ~hole).sum()} pixels outside the hole changed"
    assert differs[hole].mean() > 0.8, f"only {differs[hole].mean():.2f} of the hole changed"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "webp"])
def test_a_picture_is_repainted_where_a_viewer_shows_the_mask(gegl, ending, orientation):
    upright = save(gegl.folder / f"in.{ending}", photograph(WIDTH, HEIGHT), orientation)
    Image.fromarray(box_mask(WIDTH, HEIGHT, BOX)).save(gegl.folder / "mask.png")
    said = fill(gegl, f"in.{ending}")
    assert_filled_in_box_only(gegl, upright, JPEG_STEPS if ending == "jpg" else 0)
    assert (f"note: in.{ending}: turned upright" in said) == (orientation != 1), said
    assert Image.open(gegl.folder / "out.png").getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", [{"mode": "P"}, {"mode": "1"}, {"compression": "jpeg"}],
                         ids=lambda kind: kind.get("mode", "YCbCr"))
def test_tiff_that_libtiff_turns_partly_is_turned_once(gegl, kind, orientation):
    """gegl:tiff-load leaves these to TIFFReadRGBAImage, which mirrors but does not transpose."""
    upright = save(gegl.folder / "in.tif", photograph(WIDTH, HEIGHT), orientation, **kind)
    Image.fromarray(box_mask(WIDTH, HEIGHT, BOX)).save(gegl.folder / "mask.png")
    fill(gegl, "in.tif")
    result = np.asarray(Image.open(gegl.folder / "out.png").convert("RGB")).astype(int)
    known = box_mask(WIDTH, HEIGHT, BOX) == 0
    error = np.median(abs(result - upright)[known])  # conversions to RGB differ
    assert error <= 2, f"the median difference of the known pixels is {error}"


@pytest.mark.parametrize("orientation", [3, 6, 7])
@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "webp"])
def test_a_mask_is_turned_as_viewers_show_it(gegl, ending, orientation):
    upright = save(gegl.folder / "in.png", photograph(WIDTH, HEIGHT))
    save(gegl.folder / f"mask.{ending}", box_mask(WIDTH, HEIGHT, BOX), orientation)
    said = fill(gegl, "in.png", mask=f"mask.{ending}")
    differs, hole = changed(gegl, upright), box_mask(WIDTH, HEIGHT, BOX) > 0
    beside = box_mask(WIDTH, HEIGHT, (BOX[0] - 8, BOX[1] - 8, BOX[2] + 8, BOX[3] + 8)) > 0  # JPEG's edges ring in a block
    assert not (differs & ~(beside if ending == "jpg" else hole)).any() and differs[hole].mean() > 0.8
    assert f"note: mask.{ending}: turned upright" in said


@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "webp"])
def test_a_turned_picture_is_written_upright(gegl, ending):
    upright = save(gegl.folder / f"in.{ending}", photograph(WIDTH, HEIGHT), 6)
    Image.fromarray(box_mask(WIDTH, HEIGHT, BOX)).save(gegl.folder / "mask.png")
    fill(gegl, f"in.{ending}", output=f"in.{ending}")  # in its own place, too
    written = Image.open(gegl.folder / f"in.{ending}")
    assert written.getexif().get(0x0112, 1) == 1 and written.size == (WIDTH, HEIGHT)
    error = np.median(abs(np.asarray(written.convert("RGB")).astype(int) - upright)[:15])
    assert error <= 8, f"the median difference of the known pixels is {error}"


def test_16_bits_and_transparency_are_turned_exactly(gegl):
    values = np.random.default_rng(2).integers(0, 65535, (HEIGHT, WIDTH)).astype(np.uint16)
    exif = Image.Exif()
    exif[0x0112] = 8
    Image.fromarray(STORED[8](values)).save(gegl.folder / "in.tif", exif=exif)
    Image.fromarray(box_mask(WIDTH, HEIGHT, BOX)).save(gegl.folder / "mask.png")
    fill(gegl, "in.tif", output="out.tif")
    known = box_mask(WIDTH, HEIGHT, BOX) == 0
    assert (np.asarray(Image.open(gegl.folder / "out.tif"))[known] == values[known]).all()

    save(gegl.folder / "alpha.png", np.dstack([photograph(WIDTH, HEIGHT), 255 - box_mask(WIDTH, HEIGHT, BOX)]), 6)
    fill(gegl, "alpha.png", mask=None)
    assert np.asarray(Image.open(gegl.folder / "out.png"))[..., 3].min() == 255
    assert not (changed(gegl, photograph(WIDTH, HEIGHT)) & known).any()


def test_the_public_report_on_orientation_is_mended(gegl):
    if not (REPORTS / "exif6.jpg").exists():
        pytest.skip("the reports' files are not there")
    fill(gegl, REPORTS / "exif6.jpg", mask=REPORTS / "exif6-mask-display.png")
    upright = np.rot90(np.asarray(Image.open(REPORTS / "exif6.jpg")), -1)
    hole = np.asarray(Image.open(REPORTS / "exif6-mask-display.png")) >= 128
    differs = changed(gegl, upright, steps=JPEG_STEPS)
    assert not (differs & ~hole).any() and differs[hole].mean() > 0.8


def test_sides_and_ways_mean_the_upright_picture(gegl):
    upright = save(gegl.folder / "in.png", photograph(WIDTH, HEIGHT), 6)
    result = tool(gegl, "run", "outpaint", "in.png", "-o", "wide.png", "left=9", "overlap=0", "steps=1")
    assert result.returncode == 0, result.stderr
    wide = np.asarray(Image.open(gegl.folder / "wide.png"))
    assert wide.shape[:2] == (HEIGHT, WIDTH + 9) and (wide[:, 9:] == upright).all()

    Image.fromarray(box_mask(WIDTH, HEIGHT, (20, 30, 30, 40))).save(gegl.folder / "mask.png")
    result = tool(gegl, "run", "seele-reposition", "in.png", "--mask", "mask.png", "-o", "moved.png", "x=-12", "y=5", "steps=1",
                  "feather=0", "grow=0")
    assert result.returncode == 0, result.stderr
    moved = np.asarray(Image.open(gegl.folder / "moved.png"))
    assert (moved[36:44, 9:17] == upright[31:39, 21:29]).all()


@pytest.mark.parametrize("turned", [True, False])
def test_a_mask_that_the_operation_reads_by_itself_is_upright_or_refused(gegl, turned):
    save(gegl.folder / "in.png", photograph(WIDTH, HEIGHT))
    Image.fromarray(box_mask(WIDTH, HEIGHT, BOX)).save(gegl.folder / "mask.png")
    save(gegl.folder / "lacks.png", box_mask(WIDTH, HEIGHT, (5, 5, 15, 15)), 6 if turned else 1)
    result = tool(gegl, "run", "seele-reposition", "in.png", "--mask", "mask.png", "-o", "out.png", "x=-9", "steps=1",
                  "complete-mask=lacks.png")
    assert (result.returncode == 1 and "lacks.png: its EXIF orientation" in result.stderr) == turned, result.stderr


@pytest.mark.parametrize("of", [(48, 40), (192, 160), (60, 100)])
def test_a_fitted_mask_covers_the_same_part_of_the_picture(gegl, pictures, of):
    upright = pictures[0].astype(int)
    width, height = of
    x, y = np.arange(width) + 0.5, np.arange(height) + 0.5
    inside = np.outer((y > height / 4) & (y < height * 3 / 4), (x > width / 4) & (x < width * 3 / 4))
    Image.fromarray((inside * 255).astype(np.uint8)).save(gegl.folder / "other.png")
    fill(gegl, "in.png", "--fit-mask", mask="other.png")
    rows, columns = np.nonzero(changed(gegl, upright))
    assert abs(rows.min() - 20) <= 1 and abs(rows.max() - 59) <= 1, (rows.min(), rows.max())
    assert abs(columns.min() - 24) <= 1 and abs(columns.max() - 71) <= 1, (columns.min(), columns.max())


@pytest.mark.parametrize("of", [(48, 40), (31, 200), (1, 1)])
def test_a_fitted_full_mask_is_full(gegl, pictures, of):
    for name, size in [("full.png", (96, 80)), ("other.png", of)]:
        Image.new("L", size, 255).save(gegl.folder / name)
    fill(gegl, "in.png", mask="full.png", output="full-out.png")
    fill(gegl, "in.png", "--fit-mask", mask="other.png")
    assert (np.asarray(Image.open(gegl.folder / "out.png")) == np.asarray(Image.open(gegl.folder / "full-out.png"))).all()


def test_a_thin_line_is_kept_by_a_reduced_mask(gegl, pictures):
    """Six of eight rows are white: what samples single pixels finds them or not."""
    mask = np.zeros((640, 768), np.uint8)
    mask[321:327] = 255
    Image.fromarray(mask).save(gegl.folder / "large.png")
    fill(gegl, "in.png", "--fit-mask", mask="large.png")
    assert np.nonzero(changed(gegl, pictures[0].astype(int)))[0].tolist().count(40) > 80


@pytest.mark.parametrize("content, ending", [("PNG", "jpg"), ("JPEG", "png"), ("WEBP", "tif"), ("TIFF", "webp"), ("PNG", "xyz"),
                                             ("JPEG", "txt")])
def test_a_file_is_read_by_its_content(gegl, content, ending):
    image = Image.fromarray(photograph(WIDTH, HEIGHT))
    image.save(gegl.folder / f"in.{ending}", content)
    upright = np.asarray(Image.open(gegl.folder / f"in.{ending}").convert("RGB")).astype(int)
    Image.fromarray(box_mask(WIDTH, HEIGHT, BOX)).save(gegl.folder / f"mask.{ending}", "PNG")
    said = fill(gegl, f"in.{ending}", mask=f"mask.{ending}")
    known = box_mask(WIDTH, HEIGHT, BOX) == 0
    assert not (changed(gegl, upright, steps=JPEG_STEPS if content == "JPEG" else 0) & known).any()
    assert (f"note: in.{ending}: its content is image/{content.lower()}" in said) == (ending != "xyz"), said


def test_every_message_about_a_file_names_it(gegl, pictures):
    whole = gegl.folder / "whole.jpg"
    Image.fromarray(photograph()).save(whole)
    (gegl.folder / "text.jpg").write_text("no picture\n")
    (gegl.folder / "empty.png").write_bytes(b"")
    (gegl.folder / "cut.jpg").write_bytes(whole.read_bytes()[:100])
    (gegl.folder / "folder.png").mkdir()
    (gegl.folder / "notes.md").write_text("no picture\n")
    Image.fromarray(photograph()).save(gegl.folder / "old.bmp")
    for name, text in [("text.jpg", "its content is text/plain, not image/jpeg"), ("empty.png", "an empty file"),
                       ("cut.jpg", ""), ("missing.webp", "No such file"), ("folder.png", ""),
                       ("/dev/zero", "not a regular file"), ("notes.md", "GEGL has no loader for text/markdown"),
                       ("old.bmp", "GEGL has no loader for image/bmp; save it as PNG")]:
        for arguments in ([name, "--mask", "mask.png"], ["in.png", "--mask", name]):
            result = tool(gegl, "run", "sd-inpaint", *arguments, "-o", "out.png", "steps=1")
            assert result.returncode == 1 and not (gegl.folder / "out.png").exists()
            assert result.stderr.startswith(f"{name}: ") and text in result.stderr, result.stderr
            assert all(line.startswith(f"{name}: ") for line in result.stderr.splitlines()), result.stderr


def test_the_same_property_twice_is_an_error(gegl, pictures):
    for twice in (["seed=1", "seed=2"], ["lora=a", "lora=b"], ["lora-scale=1", "lora_scale=1"]):
        result = tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", "out.png", "steps=1", *twice)
        assert result.returncode == 1 and f"{twice[0].split('=')[0]} is given twice" in result.stderr, result.stderr


def test_a_prompt_file_of_any_editor_is_read(gegl, pictures):
    for name, encoding in [("plain.txt", "utf-8"), ("bom.txt", "utf-8-sig"), ("windows.txt", "utf-16")]:
        (gegl.folder / name).write_text("green gräss", encoding=encoding)
        fill(gegl, "in.png", "guidance=5", f"prompt-file={name}", output=name + ".png")
    results = [(gegl.folder / f"{name}.txt.png").read_bytes() for name in ("plain", "bom", "windows")]
    assert results[0] == results[1] == results[2]
