# SPDX-License-Identifier: LGPL-3.0-or-later
"""Licence of one file of a Debian package, from the package's machine-readable `debian/copyright` (DEP 5)."""
import re
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

# Licences whose works may go into one work under the GPL, version 3, which is the licence of the mini pack's weights.
# CC-BY-SA 2.0 and 3.0 allow adaptations under a later version, and 4.0 names the GPL 3 as compatible.
GPL_3_COMPATIBLE = re.compile(
    r"CC0-1\.0|public-domain|BSD-[23]-clause|CC-BY-\d(\.\d)?|CC-BY-SA-[234]\.\d|L?GPL-[23](\.\d)?\+|GPL-3(\.\d)?", re.IGNORECASE)


def fits_the_weights(licence: str) -> bool:
    """Whether weights under the GPL, version 3, may come from a photograph under `licence`, all of them if it names several."""
    return all(GPL_3_COMPATIBLE.fullmatch(part.strip()) for part in licence.split(" and "))


def read_stanzas(copyright_file: Path) -> list[tuple[list[str], str, str]]:
    """Returns (patterns, licence, holders) of every `Files:` stanza, in the file's order."""
    stanzas = []
    for paragraph in re.split(r"\n\s*\n", copyright_file.read_text(errors="replace")):
        fields = dict(re.findall(r"^([A-Za-z-]+):((?:.*\n?)(?:[ \t].*\n?)*)", paragraph, re.M))
        if "Files" in fields:
            holders = "; ".join(line.strip() for line in fields.get("Copyright", "").splitlines() if line.strip())
            stanzas.append((fields["Files"].split(), fields.get("License", "").split("\n")[0].strip(), holders))
    return stanzas


def licence_of(path: str, stanzas) -> tuple[str, str]:
    """Returns (licence, holders) of the file at `path`; the last stanza that names it counts.

    Patterns name files of the source tree, installed files lie elsewhere, so the *end* of the path is compared; without
    the suffix, because some packages convert their pictures while they are built. A pattern without wildcards in its
    last part also matches by that part alone.
    """
    def names(pattern: str) -> bool:
        if pattern == "*":
            return True
        pattern, name = PurePosixPath(pattern).with_suffix(""), PurePosixPath("/" + path).with_suffix("")
        return fnmatchcase(str(name), f"*/{pattern}") or ("*" not in pattern.name and pattern.name == name.name)

    found = ("unknown", "")
    for patterns, licence, holders in stanzas:
        if any(map(names, patterns)):
            found = (licence, holders)
    return found
