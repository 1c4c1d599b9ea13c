# SPDX-License-Identifier: LGPL-3.0-or-later
"""What `inpaint run` keeps of a picture's file beside the pixels, and records of runs.  PIL reads the results."""
import io
import os
import struct
import subprocess

import numpy as np
import pytest
from conftest import box_mask, photograph
from PIL import Image, ImageCms, PngImagePlugin, TiffImagePlugin
from test_files import REPORTS
from test_overwriting import display_p3, srgb
from test_tool import tool

ENDINGS = ["jpg", "png", "tif", "webp"]
PAIRS = [(one, one) for one in ENDINGS] + [("jpg", "png"), ("png", "tif"), ("tif", "webp"), ("webp", "jpg")]
MAKE, SOFTWARE, ORIENTATION, X_DIMENSION, EXIF_IFD, ISO = 0x010f, 0x0131, 0x0112, 0xa002, 0x8769, 0x8827
XMP = b"""<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:own="http://example.com/own/" own:mark="a maker's own">
<dc:creator><rdf:Seq><rdf:li>Ada</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def run(gegl, source, output, *arguments, mask="mask.png", operation="sd-inpaint"):
    """What the tool says of a run that succeeds."""
    masked = ["--mask", mask] if mask else []
    result = tool(gegl, "run", operation, source, *masked, "-o", output, "steps=1", *arguments)
    assert result.returncode == 0, result.stderr
    return result.stderr


def save(path, image=None, orientation=None, **options):
    """Saves a picture with EXIF and XMP, in place of what it is."""
    exif = Image.Exif()
    exif[MAKE] = "Camera"
    exif[EXIF_IFD] = {ISO: 1234, X_DIMENSION: 7}
    if orientation:
        exif[ORIENTATION] = orientation
    image = image or Image.fromarray(photograph())
    if path.suffix == ".png":
        text = options.setdefault("pnginfo", PngImagePlugin.PngInfo())
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        image.save(path, exif=exif, **options)
    elif path.suffix == ".tif":
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[MAKE], tags[EXIF_IFD], tags[700], tags.tagtype[700] = "Camera", {ISO: 1234, X_DIMENSION: 7}, XMP, 1
        tags[ORIENTATION] = orientation or 1
        image.save(path, tiffinfo=tags, **options)
    elif path.suffix == ".webp":
        image.save(path, exif=exif, xmp=XMP, **options)
    else:
        image.save(path, exif=exif, **options)
        data = path.read_bytes()
        packet = b"http://ns.adobe.com/xap/1.0/\0" + XMP
        path.write_bytes(data[:2] + b"\xff\xe1" + (len(packet) + 2).to_bytes(2, "big") + packet + data[2:])


def xmp(path):
    """The XMP packet of a file, as text."""
    image = Image.open(path)
    if path.suffix == ".jpg":
        return next(data for marker, data in image.applist if data.startswith(b"http://ns.adobe")).decode()
    if path.suffix == ".tif":
        return bytes(image.tag_v2[700]).decode()
    return image.info["XML:com.adobe.xmp"] if path.suffix == ".png" else image.info["xmp"].decode()


@pytest.mark.parametrize("source, output", PAIRS)
def test_exif_and_xmp_stay_in_every_format(gegl, pictures, source, output):
    save(gegl.folder / f"in.{source}")
    run(gegl, f"in.{source}", f"out.{output}")
    exif = Image.open(gegl.folder / f"out.{output}").getexif()
    assert exif[MAKE] == "Camera" and exif.get_ifd(EXIF_IFD)[ISO] == 1234
    assert exif.get_ifd(EXIF_IFD)[X_DIMENSION] == 96, "that of the result"
    packet = xmp(gegl.folder / f"out.{output}")
    assert "Ada" in packet and "a maker" in packet, packet
    assert np.asarray(Image.open(gegl.folder / f"out.{output}")).shape == (80, 96, 3)


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_exif_says_of_the_picture_is_true_of_the_result(gegl, pictures, ending):
    save(gegl.folder / f"in.{ending}", orientation=6)
    run(gegl, f"in.{ending}", f"out.{ending}", "left=8", mask=None, operation="outpaint")
    written = Image.open(gegl.folder / f"out.{ending}")
    exif = written.getexif()
    assert written.size == (88, 96) and exif.get(ORIENTATION, 1) == 1 and exif.get_ifd(EXIF_IFD)[X_DIMENSION] == 88


def test_no_thumbnail_shows_what_was_repainted(gegl, pictures):
    thumbnail = io.BytesIO()
    Image.fromarray(photograph()[::4, ::4]).save(thumbnail, "JPEG")
    small = thumbnail.getvalue()

    def entry(tag, kind, count, value):
        return struct.pack("<HHI", tag, kind, count) + value.ljust(4, b"\0")

    # One tag in the first directory; compression, place and length of a JPEG in the second one, at 26.
    exif = (b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 1) + entry(SOFTWARE, 2, 4, b"own") + struct.pack("<I", 26)
            + struct.pack("<H", 3) + entry(0x0103, 3, 1, b"\6") + entry(0x0201, 4, 1, struct.pack("<I", 68))
            + entry(0x0202, 4, 1, struct.pack("<I", len(small))) + struct.pack("<I", 0) + small)
    Image.fromarray(photograph()).save(gegl.folder / "in.jpg", exif=exif)
    assert small in (gegl.folder / "in.jpg").read_bytes()
    run(gegl, "in.jpg", "out.jpg")
    assert Image.open(gegl.folder / "out.jpg").getexif()[SOFTWARE] == "own"
    data = (gegl.folder / "out.jpg").read_bytes()
    assert data.count(b"\xff\xd8\xff") == 1 and small not in data


@pytest.mark.parametrize("source, output", PAIRS)
def test_the_resolution_stays(gegl, pictures, source, output):
    exif = Image.Exif()
    exif[0x011a], exif[0x011b], exif[0x0128] = 300.0, 150.0, 2
    options = {"exif": exif} if source == "webp" else {"dpi": (300, 150)}
    Image.fromarray(photograph()).save(gegl.folder / f"in.{source}", **options)
    run(gegl, f"in.{source}", f"out.{output}")
    written = Image.open(gegl.folder / f"out.{output}")
    if output == "webp":
        tags = written.getexif()
        scale = 2.54 if tags[0x0128] == 3 else 1
        resolution = (float(tags[0x011a]) * scale, float(tags[0x011b]) * scale)
    else:
        resolution = written.info["dpi"]
    assert resolution == pytest.approx((300, 150), abs=0.02), resolution


@pytest.mark.parametrize("source, output", PAIRS)
def test_a_profile_stays_and_colours_mean_the_same(gegl, pictures, source, output):
    profile = display_p3()
    options = {"lossless": True} if source == "webp" else {}
    Image.fromarray(photograph()).save(gegl.folder / f"in.{source}", icc_profile=profile, **options)
    run(gegl, f"in.{source}", f"out.{output}", "feather=0", *(["--quality", "100"] if output in ("jpg", "webp") else []))
    before, after = Image.open(gegl.folder / f"in.{source}").convert("RGB"), Image.open(gegl.folder / f"out.{output}")
    assert after.info["icc_profile"] == profile
    difference = abs(srgb(after, profile) - srgb(before, profile))[box_mask() == 0]
    limit = 4 if "webp" == output else 1.5
    assert difference.mean() <= limit, f"the colours are off by {difference.mean():.2f} steps in the mean, more than {limit}"


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_profile_of_srgb_stays_byte_for_byte(gegl, pictures, ending):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(photograph()).save(gegl.folder / f"in.{ending}", icc_profile=profile)
    run(gegl, f"in.{ending}", f"out.{ending}")
    assert Image.open(gegl.folder / f"out.{ending}").info.get("icc_profile") == profile


def test_the_public_report_on_webp_is_mended(gegl):
    if not (REPORTS / "adobe.webp").exists():
        pytest.skip("the reports' files are not there")
    before = Image.open(REPORTS / "adobe.webp")
    Image.fromarray(box_mask(*before.size, (8, 8, 24, 24))).save(gegl.folder / "mask.png")
    run(gegl, REPORTS / "adobe.webp", "out.png", "feather=0")
    after = Image.open(gegl.folder / "out.png")
    profile = before.info["icc_profile"]
    assert after.info["icc_profile"] == profile
    known = box_mask(*before.size, (4, 4, 28, 28)) == 0
    assert abs(srgb(after.convert("RGB"), profile) - srgb(before.convert("RGB"), profile))[known].max() <= 1


def test_text_of_png_stays(gegl, pictures):
    text = PngImagePlugin.PngInfo()
    text.add_text("Title", "A meadow")
    text.add_text("parameters", "Steps: 20, " * 200, zip=True)
    text.add_itxt("Comment", "Grüße", lang="de", tkey="Kommentar")
    text.add(b"tEXt", b"Behind\0the pixels", after_idat=True)
    Image.fromarray(photograph()).save(gegl.folder / "in.png", pnginfo=text)
    assert "note: out.jpg: its format has no place for the text of PNG" in run(gegl, "in.png", "out.jpg")
    assert "no place" not in run(gegl, "in.png", "out.png")
    before, after = Image.open(gegl.folder / "in.png"), Image.open(gegl.folder / "out.png").text
    before.load()
    before = before.text
    assert "Behind" in before
    assert after == before and after["Comment"].lang == "de" and after["Comment"].tkey == "Kommentar"


def test_what_a_format_cannot_hold_is_told(gegl, pictures):
    save(gegl.folder / "in.jpg")
    assert "note: out.ppm: its format has no place for EXIF" in run(gegl, "in.jpg", "out.ppm")
    assert "no place" not in run(gegl, "in.jpg", "out.jpg")
    assert "no place" not in run(gegl, "in.png", "plain.ppm")


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_picture_is_whole_where_there_is_no_room_for_its_metadata(gegl, pictures, ending):
    """A limit on files' sizes stands for a full disk.  exiv2 would cut the picture off, and say nothing."""
    exif = Image.Exif()
    exif[MAKE] = "Camera" * 9000
    Image.fromarray(photograph()).save(gegl.folder / "in.png", exif=exif)
    limited = ["sh", "-c", 'ulimit -f 100; trap "" XFSZ; exec "$@"', "sh", os.environ["GEGL_INPAINT_TEST_TOOL"]]
    result = subprocess.run([*limited, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", f"out.{ending}", "steps=1"],
                            cwd=gegl.folder, env=gegl.environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert f"note: out.{ending}: written without EXIF, XMP, IPTC and record: File too large" in result.stderr
    assert np.asarray(Image.open(gegl.folder / f"out.{ending}")).std() > 5


def test_comments_and_iptc_stay_in_jpeg(gegl, pictures):
    Image.fromarray(photograph()).save(gegl.folder / "in.jpg")
    data = (gegl.folder / "in.jpg").read_bytes()
    caption = b"\x1c\x02\x78\x00\x07caption"
    resource = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + len(caption).to_bytes(4, "big") + caption
    (gegl.folder / "in.jpg").write_bytes(
        data[:2] + b"\xff\xed" + (len(resource) + 2).to_bytes(2, "big") + resource
        + b"\xff\xfe\x00\x10an old comment" + data[2:])
    run(gegl, "in.jpg", "out.jpg")
    written = Image.open(gegl.folder / "out.jpg")
    assert written.info["comment"] .rstrip(b"\0") == b"an old comment"
    assert caption in (gegl.folder / "out.jpg").read_bytes()


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_record_makes_the_same_picture_again(gegl, pictures, ending):
    prompt = "type=Bag\na \"green\" \\meadow, <grün> & [x]; 100 %"
    (gegl.folder / "prompt.txt").write_text(prompt)
    given = ["prompt-file=prompt.txt", "seed=4294967295", "guidance=3"]
    run(gegl, "in.png", f"first.{ending}", "--record", "--count", "2", *given)
    (gegl.folder / "prompt.txt").unlink()
    run(gegl, "in.png", f"again.{ending}", "--record", "--from", f"first-2.{ending}")
    first, again = (np.asarray(Image.open(gegl.folder / f"{name}.{ending}")) for name in ("first-2", "again"))
    assert (first == again).all()
    assert "seed=0" in xmp(gegl.folder / f"again.{ending}") and "green" in xmp(gegl.folder / f"again.{ending}")
    run(gegl, "in.png", f"other.{ending}", "--from", f"first-2.{ending}", "seed=8")
    run(gegl, "in.png", f"plain.{ending}", "--record", "--from", f"again.{ending}", "seed=8")
    other, plain = (np.asarray(Image.open(gegl.folder / f"{name}.{ending}")) for name in ("other", "plain"))
    assert (other == plain).all() and (other != first).any()
    assert "seed=8" in xmp(gegl.folder / f"plain.{ending}")


def test_a_record_is_of_the_run_that_wrote_it(gegl, pictures):
    run(gegl, "in.png", "first.png", "--record", "seed=5")
    run(gegl, "first.png", "second.png")
    for arguments, text in [(["sd-inpaint", "--from", "second.png"], "second.png: it has no record of a run"),
                            (["sd-inpaint", "--from", "missing.png"], "missing.png"),
                            (["lama-inpaint", "--from", "first.png"], "first.png: its record is of inpaint:sd-inpaint"),
                            (["sd-inpaint", "--from", "first.png", "guidance=x"], "guidance")]:
        result = tool(gegl, "run", arguments[0], "in.png", "--mask", "mask.png", "-o", "out.png", *arguments[1:])
        assert result.returncode == 1 and text in result.stderr and not (gegl.folder / "out.png").exists(), result.stderr
    result = tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", "out.ppm", "--record", "model=/nowhere")
    assert result.returncode == 1 and "out.ppm: only .jpg, .png, .tif and .webp hold a record" in result.stderr
