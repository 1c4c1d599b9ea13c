# SPDX-License-Identifier: LGPL-3.0-or-later
"""examples/install.sh, with a compiler that has nothing to do, and what `inpaint doctor` says of the result."""
import os
import shutil
import subprocess

import pytest
from conftest import PACKS, ROOT

MODULE = "share/gegl-0.4/plug-ins/gegl-inpaint.so"
PLUG_IN = "gimp-inpaint/gimp-inpaint"
BUILT, BUILT_3 = ROOT / ".build/release/gimp-inpaint", ROOT / ".build/release/gimp-inpaint-3"


@pytest.fixture
def home(tmp_path):
    compiler = tmp_path / "bin/swift"
    compiler.parent.mkdir()
    compiler.write_text("#!/bin/sh\necho 'Swift version 6.3'\n")
    compiler.chmod(0o755)
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def environment(home, **more):
    """The user's, whose home holds what is installed and nothing else."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GEGL", "GIMP", "XDG"))}
    return kept | {"HOME": str(home), "PATH": f"{home.parent}/bin:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"} | more


def run(*command, **options) -> subprocess.CompletedProcess:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120, **options)


def files(folder) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


@pytest.mark.parametrize("prefix", [None, "/elsewhere"])
def test_installs_what_the_list_says_and_removes_it(home, prefix):
    arguments = ["--prefix", f"{home}{prefix}"] if prefix else []
    base, gimps = (f"{prefix}/", f"{prefix}/lib/gimp/{{}}/plug-ins/") if prefix else (".local/", ".config/GIMP/{}/plug-ins/")
    expected = {(base + MODULE).lstrip("/"), (base + "bin/inpaint").lstrip("/")}
    folders = [gimps.format("2.0" if prefix else "2.10").lstrip("/")] * BUILT.exists()
    if BUILT_3.exists():  # where no GIMP 3 is at hand, that of the library
        folders += [gimps.format(series).lstrip("/") for series in (["3.0"] if prefix else ["3.0", "3.2"])]
        (home / ".config/GIMP/3.2").mkdir(parents=True)
    for folder in folders:
        expected.add(folder + PLUG_IN)
        if shutil.which("msgfmt"):
            expected |= {f"{folder}gimp-inpaint/locale/{path.stem}/LC_MESSAGES/gegl-inpaint.mo"
                         for path in (ROOT / "plugin-manifest/po").glob("*.po")}
    expected |= {f"{base}share/gegl-inpaint/models/mini/{name}".lstrip("/") for name in files(ROOT / "plugin-manifest/models/mini")}
    result = run(ROOT / "examples/install.sh", *arguments, env=environment(home))
    assert result.returncode == 0, result.stderr
    assert files(home) == expected
    result = run(ROOT / "examples/install.sh", *arguments, "--uninstall", env=environment(home))
    assert result.returncode == 0 and files(home) == set()
    assert not any((home / folder / "gimp-inpaint").exists() for folder in folders)


def test_doctor_is_content_with_an_installation(home):
    run(ROOT / "examples/install.sh", env=environment(home))
    result = run(home / ".local/bin/inpaint", "doctor", env=environment(home, GEGL_INPAINT_MODEL=str(PACKS / "tiny-sd15")))
    assert "GEGL finds inpaint:sd-inpaint" in result.stdout and "tiny-sd15" in result.stdout and "products in float32" in result.stdout
    if BUILT.exists() or BUILT_3.exists():
        assert result.returncode == 0 and "MISSING" not in result.stdout, result.stdout


@pytest.mark.parametrize("operation", ["sd-inpaint", "asuka-inpaint", "seele-remove", "seele-complete", "seele-harmonize"])
def test_the_installed_mini_pack_fills_without_any_setting(home, operation):
    run(ROOT / "examples/install.sh", env=environment(home))
    filled = home.parent / "filled.png"
    result = run("gegl", ROOT / "examples/images/dragonfly.jpg", "-o", filled, "--", f"inpaint:{operation}", "aux=[",
                 "gegl:load", f"path={ROOT}/examples/images/dragonfly-mask.png", "]", env=environment(home))
    assert result.returncode == 0 and filled.exists(), result.stderr
    assert "no learned prompt" not in result.stderr, result.stderr
    assert "models/mini" in run(home / ".local/bin/inpaint", "models", env=environment(home)).stdout


def test_doctor_names_what_is_missing_and_fails(home):
    tool = os.environ["GEGL_INPAINT_TEST_TOOL"]
    result = run(tool, "doctor", env=environment(home))
    assert result.returncode == 1
    assert "GEGL does not find inpaint:sd-inpaint" in result.stdout and "no model that can be used" in result.stdout
    assert result.stdout.count("MISSING") <= result.stdout.count("->")


def test_doctor_explains_a_prefix_that_gegl_does_not_know(home):
    run(ROOT / "examples/install.sh", "--prefix", home / "elsewhere", env=environment(home))
    result = run(home / "elsewhere/bin/inpaint", "doctor", env=environment(home))
    assert result.returncode == 1 and f"set GEGL_PATH to {home}/elsewhere/share/gegl-0.4/plug-ins:" in result.stdout


def test_doctor_says_what_is_wrong_with_a_model(home):
    result = run(os.environ["GEGL_INPAINT_TEST_TOOL"], "doctor", env=environment(home, GEGL_INPAINT_MODEL=str(home.parent)))
    assert "no model in" in result.stdout or "no such file" in result.stdout, result.stdout


def test_doctor_prints_the_folders_of_flatpak(home):
    (home / ".var/app/org.gimp.GIMP").mkdir(parents=True)
    result = run(os.environ["GEGL_INPAINT_TEST_TOOL"], "doctor", env=environment(home))
    assert "org.gimp.GIMP/data/gegl-0.4/plug-ins" in result.stdout
