"""What inpaint:seele-remove and inpaint:seele-complete promise to who uses them in `gegl`."""
import shutil

import pytest
from conftest import PACKS, read16
from test_adapters import write_context


def seele(gegl, task, *properties):
    return gegl("in.png", "-o", "out.png", "--", f"inpaint:seele-{task}", "steps=2", "seed=1", *properties, "aux=[", "gegl:load",
                "path=mask.png", "]")


@pytest.fixture
def pack(gegl):
    """The tiny model with a learned prompt for each task."""
    shutil.copytree(PACKS / "tiny-sd15", gegl.folder / "pack")
    (gegl.folder / "pack/task_prompts").mkdir()
    for tokens, task in ((5, "remove"), (6, "complete")):
        write_context(gegl.folder / f"pack/task_prompts/{task}.safetensors", tokens, width=24)
    return gegl.folder / "pack"


@pytest.mark.parametrize("task, grow", [("remove", 5), ("complete", 2)])
def test_fills_the_mask_and_a_little_more(gegl, pictures, pack, task, grow):
    image, mask = pictures
    result = seele(gegl, task, f"model={pack}", "feather=0")
    assert result.returncode == 0 and "no learned prompt" not in result.stderr, result.stderr
    changed = (read16(gegl.folder / "out.png") != image).any(-1)
    assert changed[mask > 0].mean() > 0.9
    rows, columns = (slice(start - grow, end + grow) for start, end in ((20, 50), (30, 60)))
    assert changed[20, columns].mean() > 0.9
    changed[rows, columns] = False
    assert not changed.any()


def test_the_two_prompts_give_two_pictures(gegl, pictures, pack):
    outputs = []
    for task in ("remove", "complete"):
        assert seele(gegl, task, f"model={pack}", "grow=0", "color-match=false").returncode == 0
        outputs.append(read16(gegl.folder / "out.png"))
    assert (outputs[0] != outputs[1]).any()


@pytest.mark.parametrize("task, text", [("remove", "inpaint"), ("complete", "complete the subject")])
def test_without_a_learned_prompt_a_text_takes_its_place_and_the_user_is_told(gegl, pictures, task, text):
    result = seele(gegl, task, "grow=0", "color-match=false")
    assert result.returncode == 0 and f'no learned prompt "{task}"' in result.stderr, result.stderr
    filled = read16(gegl.folder / "out.png")
    (gegl.folder / "prompt.txt").write_text(text)
    gegl.fill("in.png", "guidance=1", "prompt-file=prompt.txt")
    assert (filled == read16(gegl.folder / "out.png")).all()


def test_a_prompt_of_the_users_own_wins(gegl, pictures, pack):
    own = write_context(gegl.folder / "own.safetensors", tokens=9, width=24)
    assert seele(gegl, "remove", f"model={pack}").returncode == 0
    learned = read16(gegl.folder / "out.png")
    assert seele(gegl, "remove", f"model={pack}", f"task-prompt={own}").returncode == 0
    assert (read16(gegl.folder / "out.png") != learned).any()
