# SPDX-License-Identifier: LGPL-3.0-or-later
"""GIMP 3 in German."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Gimp3
from process import PROCEDURE, ROOT, Failed


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    """GIMP and the plug-in in German, in a locale of the test's own: the machine may have none."""
    if not shutil.which("msgfmt"):
        pytest.skip("msgfmt is not installed")
    folder = tmp_path_factory.mktemp("german")
    messages = folder / "gimp-inpaint/locale/de/LC_MESSAGES"
    messages.mkdir(parents=True)
    shutil.copy(os.environ[Gimp3.PLUG_IN], folder / "gimp-inpaint/gimp-inpaint")
    subprocess.run(["msgfmt", ROOT / "plugin-manifest/po/de.po", "-o", messages / "gegl-inpaint.mo"], check=True)
    (folder / "locales").mkdir()
    # C.UTF-8 by another name: for that one no translation is looked up.
    (folder / "locales/de_DE.UTF-8").symlink_to(next(Path("/usr/lib/locale").glob("C.[uU]*")))
    (folder / "gimp").mkdir()
    gimp = Gimp3(folder / "gimp", "-i", plug_in=folder / "gimp-inpaint/gimp-inpaint", LOCPATH=str(folder / "locales"),
                 LC_ALL="de_DE.UTF-8", LANGUAGE="de")
    yield gimp
    gimp.close()


@pytest.mark.parametrize("label", ["_Auswahl füllen...", "Ohne _Text füllen...", "Auswahl _entfernen...",
                                   "Auswahl _vervollständigen...", "Auswahl an_gleichen...", "Motiv _verschieben...",
                                   "_Leinwand erweitern..."])
def test_the_menu_is_translated(german, label):
    german("#t")  # it has started
    assert f'"{label}"'.encode() in (german.folder / "config/pluginrc").read_bytes()


def test_messages_are_translated(german):
    german("(define image (car (gimp-image-new 64 64 RGB)))"
           '(define layer (car (gimp-layer-new image "one" 64 64 RGB-IMAGE 100 LAYER-MODE-NORMAL)))'
           "(gimp-image-insert-layer image layer 0 0)")
    with pytest.raises(Failed, match="Nichts ist ausgewählt"):
        german(f"({PROCEDURE} #:run-mode RUN-NONINTERACTIVE #:image image #:drawables (vector layer))")
