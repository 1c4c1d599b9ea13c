# SPDX-License-Identifier: LGPL-3.0-or-later
"""The command-line tool `inpaint`."""
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import PACKS
from PIL import Image, TiffImagePlugin


def tool(gegl, *arguments, **environment):
    return subprocess.run([os.environ["GEGL_INPAINT_TEST_TOOL"], *map(str, arguments)], cwd=gegl.folder,
                          env=gegl.environment | environment, capture_output=True, text=True, timeout=120)


def test_run_writes_the_same_picture_as_gegl(gegl, pictures):
    result = tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", "tool.png", "steps=2", "seed=1")
    assert result.returncode == 0, result.stderr
    gegl.fill()
    assert (np.asarray(Image.open(gegl.folder / "tool.png")) == np.asarray(Image.open(gegl.folder / "out.png"))).all()


def test_run_fails_honestly(gegl, pictures):
    for arguments, text in [(["missing.png"], "missing.png"), (["in.png", "steps=x"], "steps"), (["in.png", "color=x"], "color"),
                            (["in.png", "steps=4294967298"], "0 ... 150"),
                            (["in.png", "decoder=x"], "auto, plain, harmonizing"), (["in.png", "seed=4294967297"], "seed"),
                            (["in.png", "seed=-1"], "seed"), (["in.png", "model=missing"], "no such file")]:
        result = tool(gegl, "run", "sd-inpaint", arguments[0], "--mask", "mask.png", "-o", "tool.png", *arguments[1:])
        assert result.returncode != 0 and text in result.stderr, result.stderr
        assert not (gegl.folder / "tool.png").exists()


def test_run_says_before_the_run_where_it_cannot_write(gegl, pictures):
    (gegl.folder / "folder.png").mkdir()
    for output, text in [("out.xyz", "no files with this ending"), ("out", "no files with this ending"),
                         ("out.icc", "no files with this ending"), ("missing/out.png", "No such file or directory"),
                         ("folder.png", "Is a directory")]:
        result = tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", output, "steps=1", "model=/nowhere")
        assert result.returncode == 1 and text in result.stderr, result.stderr
        assert not (gegl.folder / output).is_file()


def test_run_refuses_names_that_are_no_text(gegl, pictures):
    result = tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", os.fsdecode(b"out-\xff.png"), "steps=1")
    assert result.returncode != 0 and "is not UTF-8 text" in result.stderr, result.stderr
    assert {path.name for path in gegl.folder.iterdir()} == {"in.png", "mask.png"}


@pytest.mark.parametrize("ending", ["png", "jpg", "tif", "webp"])
def test_a_failed_run_keeps_the_file_that_was_there(gegl, pictures, ending):
    name = f"out.{ending}"
    (gegl.folder / name).write_bytes(b"precious")
    assert tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", name, "model=/nowhere").returncode == 1
    # A limit on files' sizes stands for a full disk.
    limited = ["sh", "-c", 'ulimit -f 1; trap "" XFSZ; exec "$@"', "sh", os.environ["GEGL_INPAINT_TEST_TOOL"]]
    result = subprocess.run([*limited, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", name, "steps=1"],
                            cwd=gegl.folder, env=gegl.environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 1 and f"{name} could not be written" in result.stderr, result.stderr
    assert (gegl.folder / name).read_bytes() == b"precious"
    assert {path.name for path in gegl.folder.iterdir()} == {"in.png", "mask.png", name}


def test_run_reads_files_that_libraries_only_remark_on(gegl, pictures):
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[65000], tags.tagtype[65000] = "a camera's own", 2
    Image.open(gegl.folder / "in.png").save(gegl.folder / "in.tif", tiffinfo=tags)
    result = tool(gegl, "run", "sd-inpaint", "in.tif", "--mask", "mask.png", "-o", "tool.png", "steps=1")
    assert result.returncode == 0, result.stderr


def test_run_passes_on_what_the_operation_notes(gegl, pictures):
    result = tool(gegl, "run", "seele-remove", "in.png", "--mask", "mask.png", "-o", "tool.png", "steps=1")
    assert result.returncode == 0 and 'no learned prompt "remove"' in result.stderr


@pytest.mark.parametrize("ending", ["png", "jpg"])
@pytest.mark.parametrize("role", ["picture", "mask"])
def test_a_picture_that_is_cut_off_is_an_error(gegl, pictures, ending, role):
    """libjpeg would fill it up with grey, and half of a mask is not what was asked for."""
    files = {"picture": "in.png", "mask": "mask.png"}
    Image.open(gegl.folder / files[role]).save(gegl.folder / f"whole.{ending}")
    whole = (gegl.folder / f"whole.{ending}").read_bytes()
    (gegl.folder / f"cut.{ending}").write_bytes(whole[:len(whole) * 3 // 5])
    files[role] = f"cut.{ending}"
    result = tool(gegl, "run", "sd-inpaint", files["picture"], "--mask", files["mask"], "-o", "tool.png", "steps=1")
    assert result.returncode == 1 and f"cut.{ending}: " in result.stderr and not (gegl.folder / "tool.png").exists(), result.stderr


def test_statuses_are_told_apart_and_documented(gegl, pictures):
    assert tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", "tool.png", "model=/nowhere").returncode == 1
    assert tool(gegl, "run", "sd-inpaint", "in.png").returncode == 64
    said = " ".join(tool(gegl, "run", "--help").stdout.split())
    assert "Exit status: 0 if the result is written; 1 after a failure; 3 if there was nothing to do" in said


@pytest.mark.parametrize("ending", ["jpg", "tif", "webp", "png"])
def test_files_have_8_bits_where_the_input_has(gegl, pictures, ending):
    result = tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", f"tool.{ending}", "steps=1")
    assert result.returncode == 0, result.stderr
    assert Image.open(gegl.folder / f"tool.{ending}").mode == "RGB"


def test_models_lists_what_is_found(gegl):
    listed = tool(gegl, "models").stdout
    assert "tiny-sd15" in listed and "MB of memory" in listed and "inpaint:sd-inpaint" in listed
    assert "Stable Diffusion, LCM, native size" in tool(gegl, "models", GEGL_INPAINT_MODEL=str(PACKS / "tiny-lcm")).stdout
    assert "No models" in tool(gegl, "models", GEGL_INPAINT_MODEL="", GEGL_INPAINT_LAMA="").stdout


def test_a_place_that_a_run_fails_with_is_not_passed_over(gegl, pictures):
    models = gegl.folder / "data/gegl-inpaint/models"
    models.mkdir(parents=True)
    (models / "default").symlink_to(PACKS / "tiny-sd15")
    assert "no such file" in tool(gegl, "models", GEGL_INPAINT_MODEL="/nowhere").stdout
    doctor = tool(gegl, "doctor", GEGL_INPAINT_MODEL="/nowhere")
    assert doctor.returncode == 1 and "MISSING  GEGL_INPAINT_MODEL: /nowhere" in doctor.stdout
    (models / "default").unlink()
    (models / "default").symlink_to("nowhere")
    assert "cannot be used" in tool(gegl, "models", GEGL_INPAINT_MODEL="").stdout


def test_models_check_reads_a_model_wholly(gegl):
    assert "complete" in tool(gegl, "models", "check", PACKS / "tiny-sd2").stdout
    assert tool(gegl, "models", "check", PACKS).returncode != 0
    shutil.copytree(PACKS / "tiny-sd15", gegl.folder / "pack")
    (gegl.folder / "pack/task_prompts").mkdir()
    for text in ("not a prompt", ""):
        (gegl.folder / "pack/task_prompts/remove.safetensors").write_text(text)
        result = tool(gegl, "models", "check", "pack")
        assert result.returncode != 0 and "remove.safetensors" in result.stderr, result.stderr


@pytest.mark.parametrize("part", ["text_encoder", "vae", "unet"])
def test_models_check_says_which_operations_cannot_run_for_want_of_a_part(gegl, part):
    shutil.copytree(PACKS / "tiny-sd15", gegl.folder / "pack")
    shutil.rmtree(gegl.folder / "pack" / part)
    result = tool(gegl, "models", "check", "pack")
    assert result.returncode == 1 and f"pack: not complete: no {part}; inpaint:sd-inpaint, " in result.stderr, result.stderr
    assert "complete" not in result.stdout


def test_models_check_says_what_is_assumed_and_what_nobody_reads(gegl):
    pack = gegl.folder / "pack"
    shutil.copytree(PACKS / "tiny-sd15", pack)
    assert "note:" not in tool(gegl, "models", "check", "pack").stdout
    shutil.rmtree(pack / "scheduler")
    (pack / "recommended.json").write_text('{"nativesize": 64, "operations": {"inpaint:sd-inpaint": {"stepz": 3}}}')
    notes = [line for line in tool(gegl, "models", "check", "pack").stdout.split("\n") if "note:" in line]
    assert ["scheduler" in notes[0], "nativesize" in notes[1], "stepz" in notes[2]] == [True] * 3 and len(notes) == 3


def test_bench_times_every_part_and_says_what_serves_products(gegl):
    result = tool(gegl, "bench", "--turns", "1", "--steps", "1", "--json")
    report = json.loads(result.stdout)
    assert {"load", "text encoder", "encode", "decode"} <= {row["part"] for row in report["parts"]}, report
    assert all(row["seconds"] >= 0 and row["peak_resident_mb"] > 0 for row in report["parts"])
    unet = next(row for row in report["parts"] if row["part"] == "UNet, one picture")
    kinds = {layer["kind"]: layer for layer in unet["layers"]}
    assert {"linear layers", "attention", "norms", "other"} <= set(kinds) and report["peak_gflops"] > 0
    assert sum(layer["seconds"] for layer in unet["layers"]) == pytest.approx(unet["seconds"], rel=0.02, abs=1e-3)
    assert report["arithmetic"] in tool(gegl, "doctor").stdout


@pytest.mark.skipif(" avx2 " not in Path("/proc/cpuinfo").read_text(), reason="a processor without AVX2 has no wider kernels")
def test_products_are_as_wide_as_the_processor_whatever_openblas_makes_of_it(gegl):
    """Prescott is what OpenBLAS takes a processor for that it does not know."""
    result = tool(gegl, "doctor", OPENBLAS_CORETYPE="Prescott")
    assert "products in float32 (avx" in result.stdout and "(avx)" not in result.stdout, result.stdout


def test_run_grows_the_canvas(gegl, pictures):
    result = tool(gegl, "run", "outpaint", "in.png", "-o", "wide.png", "left=10", "top=4", "steps=1")
    assert result.returncode == 0, result.stderr
    assert Image.open(gegl.folder / "wide.png").size == (106, 84)


def test_run_writes_as_many_results_as_are_asked_for(gegl, pictures):
    arguments = ["run", "sd-inpaint", "in.png", "--mask", "mask.png", "steps=2"]
    result = tool(gegl, *arguments, "seed=6", "-o", "many.of.png", "--count", "10")
    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in gegl.folder.glob("many*")) == [f"many.of-{number:02}.png" for number in range(1, 11)]
    for number in [1, 3]:
        tool(gegl, *arguments, f"seed={5 + number}", "-o", "one.png")
        many = np.asarray(Image.open(gegl.folder / f"many.of-{number:02}.png"))
        assert (many == np.asarray(Image.open(gegl.folder / "one.png"))).all()


def test_a_count_out_of_range_writes_nothing(gegl, pictures):
    for count in [0, 1001]:
        result = tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", "many.png", "--count", count)
        assert result.returncode == 64 and "1 to 1000" in result.stderr
    (gegl.folder / "many-2.png").mkdir()  # found before the first run
    result = tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", "many.png", "--count", "2")
    assert result.returncode == 1 and "many-2.png" in result.stderr
    assert not list(gegl.folder.glob("many-1*"))


@pytest.mark.parametrize("pack", ["tiny-sd15", "tiny-sd2"])  # with and without a tiny decoder
@pytest.mark.parametrize("operation, arguments", [("sd-inpaint", []), ("seele-reposition", ["x=20"])])
def test_previews_are_small_pictures_and_change_nothing(gegl, pictures, pack, operation, arguments):
    arguments = ["run", operation, "in.png", "--mask", "mask.png", "steps=2", "crop=whole", f"model={PACKS / pack}", *arguments]
    result = tool(gegl, *arguments, "-o", "shown.png", "--preview", "preview.png")
    assert result.returncode == 0, result.stderr
    assert tool(gegl, *arguments, "-o", "plain.png").returncode == 0
    shown, plain, preview = (np.asarray(Image.open(gegl.folder / f"{name}.png")) for name in ["shown", "plain", "preview"])
    assert (shown == plain).all()
    assert preview.shape[2] == 3 and max(preview.shape) <= 256 and preview.std() > 5
    assert not list(gegl.folder.glob("*.part"))


def test_previews_go_where_nothing_else_is(gegl, pictures):
    arguments = ["run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", "out.png", "steps=1", "--preview"]
    for name in ["preview.jpg", "in.png", "out.png"]:
        assert tool(gegl, *arguments, name).returncode == 64
    result = tool(gegl, *arguments, "missing/preview.png")
    assert result.returncode == 0 and result.stderr.count("no previews") == 1
