# SPDX-License-Identifier: LGPL-3.0-or-later
"""What inpaint:seele-remove and inpaint:seele-complete promise to who uses them in `gegl`."""
import shutil

import pytest
from conftest import AUX, PACKS, read16, write_context


def seele(gegl, task, *properties):
    return gegl("in.png", "-o", "out.png", "--", f"inpaint:seele-{task}", "steps=2", "seed=1", *properties, *AUX)


@pytest.fixture
def pack(gegl):
    """The tiny model with a learned prompt for each task."""
    shutil.copytree(PACKS / "tiny-sd15", gegl.folder / "pack")
    (gegl.folder / "pack/task_prompts").mkdir()
    for tokens, task in ((5, "remove"), (6, "complete")):
        write_context(gegl.folder / f"pack/task_prompts/{task}.safetensors", tokens, width=24)
    return gegl.folder / "pack"


def test_the_two_prompts_give_two_pictures(gegl, pictures, pack):
    outputs = []
    for task in ("remove", "complete"):
        result = seele(gegl, task, f"model={pack}", "grow=0", "color-match=false")
        assert result.returncode == 0 and "no learned prompt" not in result.stderr, result.stderr
        outputs.append(read16(gegl.folder / "out.png"))
    assert (outputs[0] != outputs[1]).any()


@pytest.mark.parametrize("task, text", [("remove", "inpaint"), ("complete", "complete the subject")])
def test_without_a_learned_prompt_a_text_takes_its_place_and_the_user_is_told(gegl, pictures, task, text):
    result = seele(gegl, task, "grow=0", "color-match=false", *["method=seele"] * (task == "remove"))
    assert result.returncode == 0 and f'no learned prompt "{task}"' in result.stderr, result.stderr
    filled = read16(gegl.folder / "out.png")
    (gegl.folder / "prompt.txt").write_text(text)
    gegl.fill("in.png", "guidance=1", "prompt-file=prompt.txt")
    assert (filled == read16(gegl.folder / "out.png")).all()
