# SPDX-License-Identifier: LGPL-3.0-or-later
"""What `inpaint run` does with folders of pictures."""
import os
import shutil
import signal
import subprocess
import time

import numpy as np
import pytest
from conftest import PACKS, ROOT, box_mask, photograph
from PIL import Image

SIZE = (80, 64)


@pytest.fixture
def folder(gegl):
    """Five pictures, and a mask for each but one."""
    for name in ["pictures", "masks"]:
        (gegl.folder / name).mkdir()
    for index, name in enumerate(["a.png", "b c.jpg", "d.png", "e.png", "ü.png"]):
        Image.fromarray(np.roll(photograph(*SIZE), 10 * index, 1)).save(gegl.folder / "pictures" / name)
        if name != "d.png":
            Image.fromarray(box_mask(*SIZE, (20, 16, 50, 40))).save(gegl.folder / f"masks/{name[:-4]}.png")
    (gegl.folder / "pictures/.hidden").write_text("")
    return gegl.folder


def command(*arguments) -> list[str]:
    return [os.environ["GEGL_INPAINT_TEST_TOOL"], "run", "sd-inpaint", "pictures", "-o", "results", "steps=1", "seed=1", *arguments]


def run(gegl, *arguments, **environment) -> subprocess.CompletedProcess:
    return subprocess.run(command(*arguments), cwd=gegl.folder, env=gegl.environment | environment, capture_output=True, text=True)


def results(folder) -> list[str]:
    """Names; a result that is being written has a hidden one."""
    return sorted(path.name for path in (folder / "results").glob("[!.]*"))


def test_a_failed_picture_is_reported_and_the_rest_is_done(gegl, folder):
    result = run(gegl, "--mask", "masks")
    assert result.returncode == 1
    assert "pictures/d.png: there is no mask d.* in masks\n" in result.stderr
    assert result.stderr.endswith("pictures: 4 written, 1 failed\n")
    assert results(folder) == ["a.png", "b c.jpg", "e.png", "ü.png"]
    alone = subprocess.run([os.environ["GEGL_INPAINT_TEST_TOOL"], "run", "sd-inpaint", "pictures/e.png", "--mask", "masks/e.png",
                            "-o", "alone.png", "steps=1", "seed=1"], cwd=folder, env=gegl.environment)
    assert alone.returncode == 0
    assert (folder / "alone.png").read_bytes() == (folder / "results/e.png").read_bytes()


def test_a_picture_that_is_none_and_masks_that_are_several(gegl, folder):
    (folder / "pictures/a.png").write_text("no picture")
    whole = (folder / "pictures/b c.jpg").read_bytes()
    frame = whole.index(b"\xff\xc0")
    (folder / "pictures/b c.jpg").write_bytes(whole[:frame + 4] + b"\x0c" + whole[frame + 5:])  # 12 bits, which libjpeg ends with
    Image.new("L", SIZE).save(folder / "masks/e.jpg")
    result = run(gegl, "--mask", "masks")
    assert result.returncode == 1 and "4 failed" in result.stderr and "1 written" in result.stderr, result.stderr
    assert "pictures/b c.jpg: " in result.stderr and "precision" in result.stderr
    assert "e.png: it has several masks in masks: e.jpg, e.png" in result.stderr and "a.png: not a picture" in result.stderr


def test_one_mask_serves_all(gegl, folder):
    result = run(gegl, "--mask", "masks/a.png")
    assert result.returncode == 0 and len(results(folder)) == 5, result.stderr


def test_what_is_there_is_skipped(gegl, folder):
    assert run(gegl, "--mask", "masks/a.png").returncode == 0
    (folder / "results/e.png").unlink()
    before = (folder / "results/a.png").stat().st_mtime_ns
    result = run(gegl, "--mask", "masks/a.png", "--skip-existing")
    assert result.returncode == 0 and result.stderr.endswith("1 written, 4 skipped\n"), result.stderr
    assert (folder / "results/a.png").stat().st_mtime_ns == before and (folder / "results/e.png").exists()


def test_shards_share_the_work(gegl, folder):
    shares = []
    for number in (1, 2, 3):
        assert run(gegl, "--mask", "masks/a.png", "--shard", f"{number}/3").returncode == 0
        shares.append(set(results(folder)) - set().union(*shares))
    assert [len(share) for share in shares] == [2, 2, 1]
    for wrong in ("0/3", "4/3", "1", "a/b"):
        assert run(gegl, "--shard", wrong).returncode == 64


def test_a_worker_that_is_killed_leaves_nothing_half_done(gegl, folder):
    for index in range(20):
        Image.fromarray(photograph(*SIZE)).save(folder / f"pictures/more-{index:02}.png")
    worker = subprocess.Popen(command("--mask", "masks/a.png"), cwd=folder, env=gegl.environment)
    while not (folder / "results").exists() or len(results(folder)) < 3:
        assert worker.poll() is None
        time.sleep(0.01)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert 3 <= len(results(folder)) < 25
    for name in results(folder):
        Image.open(folder / "results" / name).load()
    assert run(gegl, "--mask", "masks/a.png", "--skip-existing").returncode == 0
    assert len(results(folder)) == 25


def test_the_model_is_read_once(gegl, folder):
    def read_bytes(*arguments) -> int:
        script = '"$@"; grep -h rchar /proc/$$/io'
        done = subprocess.run(["sh", "-c", script, "-", *command(*arguments)], cwd=folder, env=gegl.environment, capture_output=True,
                              text=True)
        return int(done.stdout.split()[-1])

    one, all_of_them = read_bytes("--mask", "masks/a.png", "--shard", "1/5"), read_bytes("--mask", "masks/a.png")
    weights = (PACKS / "tiny-sd15/unet/diffusion_pytorch_model.safetensors").stat().st_size
    assert one > weights and all_of_them - one < weights, (one, all_of_them)  # headers are, each time


@pytest.mark.skipif(not shutil.which("parallel"), reason="GNU parallel is not installed")
def test_the_recipe_of_gnu_parallel(gegl, folder):
    tools = os.path.dirname(os.path.abspath(os.environ["GEGL_INPAINT_TEST_TOOL"]))
    environment = gegl.environment | {"PATH": f"{tools}:{os.environ['PATH']}", "OPERATION": "sd-inpaint", "HOME": str(folder)}
    recipe = [ROOT / "examples/batch/parallel.sh", "pictures", "masks/a.png", "results", "steps=1", "seed=1", "prompt=a meadow; exit 9"]
    result = subprocess.run(recipe, cwd=folder, env=environment, capture_output=True, text=True)
    assert result.returncode == 0 and len(results(folder)) == 5, result.stderr


def test_what_cannot_be_meant(gegl, folder):
    assert "overwrite" in run(gegl, "-o", "pictures").stderr
    assert "overwrite" in run(gegl, "--mask", "masks", "-o", "masks").stderr
    assert "lies among" in run(gegl, "--preview", "masks/a.png", "--mask", "masks").stderr
    (folder / "empty").mkdir()
    empty = subprocess.run([os.environ["GEGL_INPAINT_TEST_TOOL"], "run", "sd-inpaint", "empty", "-o", "new"], cwd=folder,
                           env=gegl.environment, capture_output=True, text=True)
    assert empty.returncode == 1 and "no pictures" in empty.stderr and not (folder / "new").exists()
    assert "is not" in run(gegl, "-o", "pictures/a.png").stderr
    single = subprocess.run([os.environ["GEGL_INPAINT_TEST_TOOL"], "run", "sd-inpaint", "pictures/a.png", "-o", "x.png", "--shard",
                             "1/2"], cwd=folder, env=gegl.environment, capture_output=True, text=True)
    assert single.returncode == 64 and "for a folder" in single.stderr
    missing = run(gegl, "--mask", "nowhere")
    assert missing.returncode == 64 and "nowhere: No such file" in missing.stderr
