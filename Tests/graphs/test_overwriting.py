# SPDX-License-Identifier: LGPL-3.0-or-later
"""What `inpaint run` writes, where, and in the place of what."""
import os
import resource
import shutil
import stat
import struct
import subprocess
import tempfile
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from conftest import SYSTEM, box_mask, photograph
from PIL import Image, ImageCms, PngImagePlugin
from test_files import JPEG_STEPS
from test_tool import tool

TOOL = os.environ["GEGL_INPAINT_TEST_TOOL"]
IS_ROOT = os.geteuid() == 0
NOBODY = 65534


def run(gegl, output, *arguments, picture="in.png"):
    return tool(gegl, "run", "sd-inpaint", picture, "--mask", "mask.png", "-o", output, "steps=1", *arguments)


def names(gegl):
    return {path.name for path in gegl.folder.iterdir()} - {"in.png", "mask.png"}


@pytest.mark.parametrize("mode", [0o640, 0o600, 0o666, 0o755])
def test_an_existing_output_keeps_its_mode(gegl, pictures, mode):
    output = gegl.folder / "out.png"
    output.write_bytes(b"old")
    output.chmod(mode)
    assert run(gegl, "out.png").returncode == 0
    assert stat.S_IMODE(output.stat().st_mode) == mode and Image.open(output).size == (96, 80)
    assert names(gegl) == {"out.png"}


def test_a_new_output_has_the_usual_mode(gegl, pictures):
    assert run(gegl, "out.png").returncode == 0
    (gegl.folder / "usual").touch()
    assert (gegl.folder / "out.png").stat().st_mode == (gegl.folder / "usual").stat().st_mode


@pytest.mark.skipif(not IS_ROOT, reason="only root may give files away")
def test_an_existing_output_keeps_its_owner(gegl, pictures):
    output = gegl.folder / "out.png"
    output.write_bytes(b"old")
    output.chmod(0o640)
    os.chown(output, NOBODY, NOBODY)
    result = run(gegl, "out.png")
    status = output.stat()
    assert (result.returncode, status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (0, NOBODY, NOBODY, 0o640)


def test_a_symbolic_link_is_kept_and_its_target_replaced(gegl, pictures):
    (gegl.folder / "elsewhere").mkdir()
    target = gegl.folder / "elsewhere/target.dat"
    target.write_bytes(b"old")
    target.chmod(0o604)
    (gegl.folder / "elsewhere/second").symlink_to("target.dat")
    (gegl.folder / "out.png").symlink_to("elsewhere/second")
    assert run(gegl, "out.png").returncode == 0
    assert os.readlink(gegl.folder / "out.png") == "elsewhere/second"
    assert os.readlink(gegl.folder / "elsewhere/second") == "target.dat"
    assert Image.open(target).format == "PNG" and stat.S_IMODE(target.stat().st_mode) == 0o604
    assert {path.name for path in (gegl.folder / "elsewhere").iterdir()} == {"target.dat", "second"}


def test_the_target_of_a_dangling_link_is_made(gegl, pictures):
    (gegl.folder / "elsewhere").mkdir()
    (gegl.folder / "out.png").symlink_to("elsewhere/new.png")
    assert run(gegl, "out.png").returncode == 0
    assert (gegl.folder / "out.png").is_symlink() and Image.open(gegl.folder / "elsewhere/new.png").size == (96, 80)
    (gegl.folder / "loop.png").symlink_to("loop.png")
    result = run(gegl, "loop.png", "model=/nowhere")
    assert result.returncode == 1 and "loop.png could not be written: Too many levels" in result.stderr, result.stderr


def test_a_file_with_several_names_stays_one(gegl, pictures):
    output = gegl.folder / "out.png"
    output.write_bytes(b"old" * 100_000)  # longer than the result
    output.chmod(0o640)
    os.link(output, gegl.folder / "other.png")
    before = output.stat()
    result = run(gegl, "out.png")
    assert result.returncode == 0 and "note: out.png: written in place, since the file has 2 hard links" in result.stderr
    after = (gegl.folder / "other.png").stat()
    assert (after.st_ino, after.st_nlink, after.st_mode) == (before.st_ino, 2, before.st_mode)
    assert run(gegl, "fresh.png").returncode == 0
    assert (gegl.folder / "other.png").read_bytes() == (gegl.folder / "fresh.png").read_bytes()
    assert names(gegl) == {"out.png", "other.png", "fresh.png"}


def test_what_has_several_names_is_left_alone_where_there_is_no_room_for_a_backup(gegl, pictures):
    output = gegl.folder / "out.png"
    output.write_bytes(b"precious" * 100_000)
    os.link(output, gegl.folder / "other.png")
    limited = ["sh", "-c", 'ulimit -f 400; trap "" XFSZ; exec "$@"', "sh", TOOL]
    result = subprocess.run([*limited, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", "out.png", "steps=1"],
                            cwd=gegl.folder, env=gegl.environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 1 and "no backup could be made" in result.stderr, result.stderr
    assert output.read_bytes() == b"precious" * 100_000 and names(gegl) == {"out.png", "other.png"}


@pytest.mark.parametrize("restored", [True, False])
def test_a_backup_is_kept_and_named_where_writing_in_place_fails(gegl, pictures, restored):
    """ftruncate stands for what fails: it is called once for the backup, once for the file, and once to restore it."""
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        pytest.skip("no C compiler")
    (gegl.folder / "full.c").write_text(f"""
        #include <errno.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        static int calls = 0;
        int ftruncate (int file, off_t length) {{
          calls++;
          if (calls == 2 || ({int(not restored)} && calls == 3)) {{ errno = ENOSPC; return -1; }}
          return syscall (SYS_ftruncate, file, length);
        }}
        int ftruncate64 (int file, off_t length) {{ return ftruncate (file, length); }}""")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", "full.so", "full.c"], cwd=gegl.folder, check=True)
    output = gegl.folder / "out.png"
    output.write_bytes(b"precious")
    os.link(output, gegl.folder / "other.png")
    result = tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", "out.png", "steps=1",
                  LD_PRELOAD=str(gegl.folder / "full.so"))
    (backup,) = gegl.folder.glob("out.png.backup-*")
    assert result.returncode == 1 and "No space left" in result.stderr and str(backup.name) in result.stderr, result.stderr
    assert backup.read_bytes() == b"precious"
    assert ("is there again" in result.stderr) == restored and (output.read_bytes() == b"precious") == restored


def test_what_is_no_regular_file_is_refused_before_the_run(gegl, pictures):
    os.mkfifo(gegl.folder / "pipe.png")
    (gegl.folder / "full.png").symlink_to("/dev/full")
    for name in ("pipe.png", "full.png"):
        result = run(gegl, name, "model=/nowhere")
        assert result.returncode == 1 and f"{name} could not be written: it is no regular file" in result.stderr, result.stderr
    for name in ("/dev/full", "/dev/stdout"):
        result = run(gegl, name, "model=/nowhere")
        assert result.returncode == 1 and name in result.stderr and "/nowhere" not in result.stderr, result.stderr


@pytest.fixture
def shared_folder(gegl, pictures):
    """A folder that other users get into, with the module, the pictures and a file out.png."""
    folder = Path(tempfile.mkdtemp())
    shutil.copytree(os.environ["GEGL_INPAINT_TEST_PLUG_INS"], folder / "plug-ins")
    (folder / "plug-ins").chmod(0o755)
    for name in ("in.png", "mask.png"):
        shutil.copy(gegl.folder / name, folder)
    (folder / "out.png").write_bytes(b"old")
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.parametrize("output, folder_mode", [("new.png", 0o555), ("out.png", 0o555), ("out.png", 0o777)])
def test_what_is_read_only_is_refused_before_the_run(gegl, shared_folder, output, folder_mode):
    (shared_folder / "out.png").chmod(0o444)
    shared_folder.chmod(folder_mode)
    demoted = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if IS_ROOT else {}
    try:
        result = subprocess.run([TOOL, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", output, "model=/nowhere"],
                                cwd=shared_folder, env=gegl.environment | {"GEGL_PATH": f"{shared_folder}/plug-ins:{SYSTEM}"},
                                capture_output=True, text=True, timeout=120, **demoted)
    except PermissionError:
        pytest.skip("others may not run the tool where it is")
    assert result.returncode == 1 and f"{output} could not be written" in result.stderr, result.stderr
    assert "Permission denied" in result.stderr and (shared_folder / "out.png").read_bytes() == b"old"


@pytest.mark.parametrize("ending", ["png", "jpg", "tif", "webp"])
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_nothing_is_lost_behind_a_link_on_a_full_disk(gegl, pictures, ending, link):
    name = f"out.{ending}"
    (gegl.folder / "kept").write_bytes(b"precious")
    link(gegl.folder / "kept", gegl.folder / name)
    before = names(gegl)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))

    result = subprocess.run(["sh", "-c", 'trap "" XFSZ; exec "$@"', "sh", TOOL, "run", "sd-inpaint", "in.png", "--mask",
                             "mask.png", "-o", name, "steps=1"], cwd=gegl.folder, env=gegl.environment, capture_output=True,
                            text=True, timeout=120, preexec_fn=limit)
    assert result.returncode == 1 and f"{name} could not be written" in result.stderr, result.stderr
    assert (gegl.folder / name).read_bytes() == b"precious" and names(gegl) == before


def display_p3():
    """Its red, adapted to D50, has a negative Z: libpng takes no such primaries."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {bytes(profile[at:at + 4]): int.from_bytes(profile[at + 4:at + 8], "big")
            for at in range(132, 132 + 12 * profile[131], 12)}
    colorants = {b"rXYZ": (0.51512, 0.24120, -0.00105), b"gXYZ": (0.29198, 0.69225, 0.04189),
                 b"bXYZ": (0.15710, 0.06657, 0.78407)}
    for tag, values in colorants.items():
        for axis, value in enumerate(values):
            at = tags[tag] + 8 + 4 * axis
            profile[at:at + 4] = round(value * 65536).to_bytes(4, "big", signed=True)
    return bytes(profile)


def srgb(image, profile):
    profile = ImageCms.ImageCmsProfile(BytesIO(profile))
    return np.asarray(ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"))).astype(int)


@pytest.mark.parametrize("source, mode", [("jpg", "RGB"), ("png", "RGB"), ("png", "RGBA"), ("tif", "RGB"), ("tif", "RGBA")])
def test_a_wide_colour_space_is_kept_in_png(gegl, pictures, source, mode):
    profile, picture, known = display_p3(), f"in.{source}", box_mask() == 0
    Image.fromarray(photograph()).convert(mode).save(gegl.folder / picture, icc_profile=profile)
    read = Image.open(gegl.folder / picture).convert("RGB")
    result = tool(gegl, "run", "sd-inpaint", picture, "--mask", "mask.png", "-o", "out.png", "steps=1", "feather=0")
    assert result.returncode == 0, result.stderr
    written = Image.open(gegl.folder / "out.png")
    assert written.mode == mode and b"cHRM" not in (gegl.folder / "out.png").read_bytes()[:4096]
    assert written.info["icc_profile"] == profile
    difference = abs(srgb(written.convert("RGB"), written.info["icc_profile"]) - srgb(read, profile)).max(-1)
    limit = 1 + (JPEG_STEPS if source == "jpg" else 0)
    assert difference[known].max() <= limit, f"{difference[known].max()} steps, more than {limit}"
    # What is painted is the same in a format that GEGL writes itself. babl chooses its way between two colour spaces by timing
    # several, so that two runs may differ by a step.
    assert run(gegl, "out.tif", "feather=0", picture=picture).returncode == 0
    assert np.abs(np.asarray(Image.open(gegl.folder / "out.tif")).astype(int) - np.asarray(written)).max() <= 1


def test_16_bits_of_a_wide_colour_space_are_kept_in_png(gegl, pictures):
    values = np.random.default_rng(3).integers(0, 65535, (80, 96, 3)).astype(">u2")

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + row.tobytes() for row in values)
    (gegl.folder / "deep.png").write_bytes(
        PngImagePlugin._MAGIC + chunk(b"IHDR", struct.pack(">IIBBBBB", 96, 80, 16, 2, 0, 0, 0))
        + chunk(b"iCCP", b"p3\0\0" + zlib.compress(display_p3())) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    assert run(gegl, "out.png", "feather=0", picture="deep.png").returncode == 0
    data = (gegl.folder / "out.png").read_bytes()
    assert data[24] == 16, "bits per sample"
    assert (np.asarray(Image.open(gegl.folder / "out.png"))[box_mask() == 0]
            == np.asarray(Image.open(gegl.folder / "deep.png"))[box_mask() == 0]).all()  # PIL reads the upper bytes


@pytest.mark.parametrize("ending, longest", [("jpg", 65500), ("webp", 16383)])
def test_what_is_too_large_for_a_format_is_told_before_the_run(gegl, ending, longest):
    for name, width in [("in.png", longest - 1), ("over.png", longest)]:
        Image.new("RGB", (width, 2)).save(gegl.folder / name)
    for picture, text in [("in.png", "/nowhere"), ("over.png", f"{longest + 1} x 2 pixels are too many")]:
        result = tool(gegl, "run", "outpaint", picture, "-o", f"out.{ending}", "left=1", "model=/nowhere")
        assert result.returncode == 1 and text in result.stderr, result.stderr
