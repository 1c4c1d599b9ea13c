# SPDX-License-Identifier: LGPL-3.0-or-later
"""The texts in another language than the sources'."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from process import PROCEDURE, ROOT, Failed, Gimp

TEXTS = ROOT / "plugin-manifest/po"


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    """GIMP and the plug-in in German, in a locale of the test's own: the machine may have none."""
    if not shutil.which("msgfmt"):
        pytest.skip("msgfmt is not installed")
    folder = tmp_path_factory.mktemp("german")
    installed = folder / "gimp-inpaint"
    messages = installed / "locale/de/LC_MESSAGES"
    messages.mkdir(parents=True)
    shutil.copy(os.environ["GEGL_INPAINT_TEST_GIMP_PLUG_IN"], installed)
    subprocess.run(["msgfmt", TEXTS / "de.po", "-o", messages / "gegl-inpaint.mo"], check=True)
    (folder / "locales").mkdir()
    # C.UTF-8 by another name: for that one no translation is looked up.
    (folder / "locales/de_DE.UTF-8").symlink_to(next(Path("/usr/lib/locale").glob("C.[uU]*")))
    (folder / "gimp").mkdir()
    gimp = Gimp(folder / "gimp", "-i", plug_in=installed / "gimp-inpaint", LOCPATH=str(folder / "locales"), LC_ALL="de_DE.UTF-8",
                LANGUAGE="de")
    yield gimp
    gimp.close()


@pytest.mark.parametrize("label", ["_Auswahl füllen...", "Ohne _Text füllen...", "Auswahl _entfernen...",
                                   "Auswahl _vervollständigen...", "Auswahl an_gleichen...", "Motiv _verschieben...",
                                   "_Leinwand erweitern..."])
def test_the_menu_is_translated(german, label):
    answer = german('(gimp-plugins-query "")')
    assert f"<Image>/Filters/Inpaint/{label.replace('_', '')}" in answer.replace("_", ""), answer


def test_messages_are_translated(german):
    image = german.number("(gimp-image-new 64 64 RGB)")
    layer = german.number(f'(gimp-layer-new {image} 64 64 RGB-IMAGE "one" 100 LAYER-MODE-NORMAL)')
    german(f"(gimp-image-insert-layer {image} {layer} 0 0)")
    with pytest.raises(Failed, match="Nichts ist ausgewählt"):
        german(f'({PROCEDURE} RUN-NONINTERACTIVE {image} {layer} "" "" 1 "" FALSE "")')


def test_every_text_is_translated(tmp_path):
    if not shutil.which("msgfmt"):
        pytest.skip("msgfmt is not installed")
    for path in TEXTS.glob("*.po"):
        result = subprocess.run(["msgfmt", "--check-format", "--statistics", path, "-o", tmp_path / "messages.mo"], capture_output=True,
                                text=True, env=os.environ | {"LC_ALL": "C"})
        assert result.returncode == 0, result.stderr
        assert "untranslated" not in result.stderr and "fuzzy" not in result.stderr, f"{path.name}: {result.stderr}"


def test_the_template_has_the_texts_of_the_sources(tmp_path):
    if not shutil.which("xgettext"):
        pytest.skip("xgettext is not installed")
    subprocess.run([TEXTS / "update.sh", tmp_path], check=True)
    for name in ["gegl-inpaint.pot", *(path.name for path in TEXTS.glob("*.po"))]:
        assert (tmp_path / name).read_text() == (TEXTS / name).read_text(), f"run plugin-manifest/po/update.sh: {name}"
