"""Every property of every operation has an effect that shows, in the pixels or by what must stay as it is."""
import itertools
import json
import re
import shutil

import pytest
from conftest import ASUKA_PARTS, LORA, OPERATIONS, PACKS, write_context
from effects import EFFECTS, LACK, MASK, PICTURE, Operation
from PIL import Image
from test_tool import tool


@pytest.fixture
def folder(gegl):
    """The picture, its mask, a pack with the parts of every operation, and the files that settings name."""
    Image.fromarray(PICTURE).save(gegl.folder / "in.png")
    Image.fromarray(MASK).save(gegl.folder / "mask.png")
    Image.fromarray(LACK).save(gegl.folder / "completed.png")
    (gegl.folder / "grass.txt").write_text("grass")
    for tokens, name in ((5, "one"), (6, "other")):
        write_context(gegl.folder / f"{name}.safetensors", tokens, width=24)
    pack = shutil.copytree(PACKS / "tiny-sd15", gegl.folder / "pack")
    for part in ("mae", "alignment", "harmonizing_decoder"):
        shutil.copytree(ASUKA_PARTS / ("fitting" if part == "alignment" else "fine-tuned") / part, pack / part)
    (pack / "task_prompts").mkdir()
    for tokens, task in ((7, "remove"), (8, "complete"), (9, "harmonize")):
        write_context(pack / f"task_prompts/{task}.safetensors", tokens, width=24)
    (pack / "lora").mkdir()
    shutil.copy(LORA, pack / "lora/harmonize.safetensors")
    shutil.copytree(pack, gegl.folder / "other")
    scheduler = gegl.folder / "other/scheduler/scheduler_config.json"
    scheduler.write_text(json.dumps(json.loads(scheduler.read_text()) | {"prediction_type": "v_prediction"}))
    gegl.environment["GEGL_INPAINT_MODEL"] = "pack"
    return gegl.folder


def properties_of(gegl, operation: str) -> dict[str, str]:
    """Their types by their names, in order."""
    found = re.findall(r"^([a-z-]+) +\[(\w+)\]", gegl("--properties", operation).stdout, re.MULTILINE)
    assert len(found) > 20, f"no {operation}"
    return dict(found)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_property_shows(gegl, folder, name):
    """One process makes all pictures of an operation."""
    of = Operation(name)
    effects = {EFFECTS[property](of): property for property in properties_of(gegl, name)}
    wanted = {effect: next(effect) for effect in effects}
    settings = dict.fromkeys(itertools.chain.from_iterable(wanted.values()))
    pictures = dict(zip(settings, gegl.results(*map(of.chain, settings))))
    failures = []
    for effect, property in effects.items():
        try:
            effect.send([pictures[setting] for setting in wanted[effect]])
        except StopIteration:
            continue
        except AssertionError as error:
            failures.append(f"{property}: {error}")
    assert not failures, "\n\n".join(failures)


def test_every_property_has_an_effect_here_and_files_are_the_last(gegl):
    """libgimp 3.0 knows no file properties, and drops the first and all that follow it."""
    files = {"model", "lora", "task-prompt", "prompt-file", "complete-mask"}
    all_names = set()
    for operation in OPERATIONS:
        names = list(properties_of(gegl, operation))
        count = len(files.intersection(names))
        assert set(names[-count:]) <= files, (operation, names)
        all_names.update(names)
    assert set(EFFECTS) == all_names


def test_every_value_of_every_choice_is_tried(gegl, folder):
    of = Operation("inpaint:sd-inpaint")
    choices = [property for property, kind in properties_of(gegl, of.name).items() if kind.startswith("Inpaint")]
    assert len(choices) > 5
    for choice in choices:
        refusal = tool(gegl, "run", "sd-inpaint", "in.png", "--mask", "mask.png", "-o", "out.png", f"{choice}=none").stderr
        values = re.search(r"which takes (.+)", refusal)[1].split(", ")
        tried = " ".join(next(EFFECTS[choice](of))).split()
        assert {f"{choice}={value}" for value in values} <= set(tried)
