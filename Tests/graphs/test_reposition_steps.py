# SPDX-License-Identifier: LGPL-3.0-or-later
"""What inpaint:seele-reposition does with the model, and how it ends where a step cannot be taken."""
import os
import re
import shutil
import subprocess

import numpy as np
from conftest import LORA, PACKS, ROOT, box_mask, read16
from PIL import Image
from reposition import SIZE, part, picture, reposition


def test_harmonizing_changes_the_moved_subject_only(gegl, picture):
    shutil.copytree(PACKS / "tiny-sd15", gegl.folder / "pack")
    (gegl.folder / "pack/lora").mkdir()
    shutil.copy(LORA, gegl.folder / "pack/lora/harmonize.safetensors")
    properties = ["x=70", "y=40", "scale=1.5", "model=pack", "feather=0"]
    assert reposition(gegl, *properties).returncode == 0
    moved = read16(gegl.folder / "out.png")
    result = reposition(gegl, *properties, "harmonize=true")
    assert result.returncode == 0, result.stderr
    changed = (read16(gegl.folder / "out.png") != moved).any(-1)
    place = (105, 65.5, 135, 92.5)  # 1.5 times as large about the moved middle
    inside = tuple(round(side + step) for side, step in zip(place, (1, 1, -1, -1)))
    assert part(changed, inside).mean() > 0.9
    part(changed, inside, margin=2)[:] = False
    assert not changed.any(), f"{changed.sum()} pixels elsewhere, the first at {np.argwhere(changed)[0]}"


def fails(gegl, text: str, *properties, **options):
    result = reposition(gegl, "x=70", "y=40", *properties, **options)
    assert result.returncode == 1, (result.returncode, result.stderr)
    assert "inpaint:seele-" in result.stderr and text in result.stderr, result.stderr
    assert not (gegl.folder / "out.png").exists()
    return result


def test_a_complete_mask_that_is_missing_or_no_picture(gegl, picture):
    fails(gegl, "missing.png: No such file", "complete-mask=missing.png")
    (gegl.folder / "broken.png").write_bytes(b"PNG")
    fails(gegl, "broken.png: not a picture", "complete-mask=broken.png")
    os.mkfifo(gegl.folder / "pipe.png")
    fails(gegl, "pipe.png: not a picture", "complete-mask=pipe.png")
    Image.fromarray(np.full((20, 30), 255, np.uint8)).save(gegl.folder / "small.png")
    fails(gegl, "small.png is 30 x 20 pixels, the picture", "complete-mask=small.png")


def test_harmonizing_without_what_it_takes(gegl, picture):
    """Be that the operation or, where it is there, the model's LoRA; found before anything is removed."""
    result = fails(gegl, "inpaint:seele-harmonize", "harmonize=true")
    assert "seele-remove" not in result.stderr, result.stderr


def test_a_steps_failure_is_the_operations(gegl, picture):
    fails(gegl, "no such file", "model=missing.safetensors")
    fails(gegl, "no model found", GEGL_INPAINT_MODEL="")


def test_a_failure_in_the_tool(gegl, picture):
    command = [os.environ["GEGL_INPAINT_TEST_TOOL"], "run", "seele-reposition", "in.png", "--mask", "mask.png", "-o", "out.png", "x=70"]
    result = subprocess.run([*command, "model=missing.safetensors"], cwd=gegl.folder, env=gegl.environment, capture_output=True,
                            text=True)
    assert result.returncode != 0 and "no such file" in result.stderr, result.stderr
    assert not (gegl.folder / "out.png").exists()


def test_nothing_to_move_is_said(gegl, picture):
    result = gegl("in.png", "-o", "out.png", "--", "inpaint:seele-reposition", "x=70", GEGL_INPAINT_MODEL="/nowhere")
    assert result.returncode == 0 and "no mask on aux" in result.stderr
    assert (read16(gegl.folder / "out.png") == picture).all()
    Image.fromarray(np.zeros(SIZE[::-1], np.uint8)).save(gegl.folder / "mask.png")
    result = reposition(gegl, "x=70", GEGL_INPAINT_MODEL="/nowhere")
    assert result.returncode == 0 and "nothing to move" in result.stderr
    assert (read16(gegl.folder / "out.png") == picture).all()


def read_bytes(gegl, *arguments) -> int:
    """How many bytes `gegl` reads from files in a run with these arguments."""
    result = subprocess.run(["sh", "-c", '"$@" || exit; cat /proc/$$/io', "sh", "gegl", *arguments], cwd=gegl.folder,
                            env=gegl.environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return int(re.search(r"rchar: (\d+)", result.stdout)[1])


def test_two_tasks_load_the_model_once(gegl, picture):
    """The shell's count of bytes has those of the programs that it waited for."""
    Image.fromarray(box_mask(*SIZE, box=(112, 72, 122, 80))).save(gegl.folder / "hidden.png")
    graph = ["in.png", "-o", "out.png", "--", "inpaint:seele-reposition", "method=seele", "steps=1", "y=40"]
    mask = ["aux=[", "gegl:load", "path=mask.png", "]"]
    weights = (PACKS / "tiny-sd15/unet/diffusion_pytorch_model.safetensors").stat().st_size
    none, one, two = (read_bytes(gegl, *graph, *more, *mask) for more in (["y=0"], ["x=70"], ["x=70", "complete-mask=hidden.png"]))
    assert one - none > weights, f"{one - none} bytes for one task, {weights} of weights"
    assert two - one < weights / 2, f"{two - one} bytes more for a second task, {weights} of weights"


def test_the_plain_graph_gives_the_same(gegl, picture):
    """examples/reposition.xml, with another picture and without its softening of the mask."""
    text = (ROOT / "examples/reposition.xml").read_text()
    text = re.sub(r"<node operation='gegl:gaussian-blur'>.*?</node>", "", text, flags=re.DOTALL)
    for old, new in [("images/dragonfly.jpg", "in.png"), ("images/dragonfly-subject.png", "mask.png"), (">-270<", ">70<"),
                     (">-40<", ">40<"), ("<param name='seed'>", "<param name='steps'>1</param><param name='seed'>")]:
        assert old in text
        text = text.replace(old, new)
    (gegl.folder / "graph.xml").write_text(text)
    result = gegl("graph.xml", "-o", "graph.png", GEGL_INPAINT_LAMA="")
    assert result.returncode == 0, result.stderr
    assert reposition(gegl, "x=70", "y=40").returncode == 0
    # The graph's picture has an alpha.
    assert (read16(gegl.folder / "graph.png")[..., :3] == read16(gegl.folder / "out.png")).all()
