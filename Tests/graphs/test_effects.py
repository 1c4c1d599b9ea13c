# SPDX-License-Identifier: LGPL-3.0-or-later
"""Every property of every operation has an effect that shows, in the pixels or by what must stay as it is."""
import itertools
import json
import shutil

import pytest
from conftest import ASUKA_PARTS, LAMA, LORA, OPERATIONS, PACKS, write_context
from effects import LACK, MASK, PICTURE, Operation
from PIL import Image
from sampling_effects import EFFECTS


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
    lama = gegl.folder / "erase/lama/model.safetensors"
    lama.parent.mkdir(parents=True)
    shutil.copy(LAMA / "plain.safetensors", lama)
    (gegl.folder / "erase/recommended.json").write_text('{"native_size": 64}')
    gegl.environment |= {"GEGL_INPAINT_MODEL": "pack", "GEGL_INPAINT_LAMA": "erase"}
    return gegl.folder


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_property_shows(gegl, folder, table, name):
    """One process makes all pictures of an operation."""
    of = Operation(name)
    effects = {EFFECTS[row["name"]](of): row["name"] for row in table if row["operation"] == name}
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


def test_every_property_and_every_choice_has_an_effect_here(table):
    assert set(EFFECTS) == {row["name"] for row in table}
    for row in table:
        tried = " ".join(next(EFFECTS[row["name"]](Operation(row["operation"])))).split()
        assert {f"{row['name']}={choice}" for choice in row["choices"].split()} <= set(tried), row
