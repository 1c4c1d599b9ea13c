# SPDX-License-Identifier: LGPL-3.0-or-later
"""What holds for every source file: its licence line, its length, and what the rooms of Sources import."""
import re
from pathlib import Path

import pytest
from conftest import ROOT

LICENCE = "SPDX-License-Identifier: LGPL-3.0-or-later"
SUFFIXES = {".swift", ".c", ".h", ".inc", ".py", ".sh"}
FOLDERS = ["CShim", "Sources", "Tests", "examples", "plugin-manifest"]

# What each room may import: the rooms of its row, and what those may import.  A room is a folder of Sources with one
# module, or, as Models, with a module in each of its folders; a family may stand on another one, which compilers keep
# free of circles.  Reading order: from the hosts down to the kernels.
ROOMS = {
    "inpaint": {"Planning", "Engine", "InpaintGraph", "ArgumentParser"},
    "InpaintABI": {"Planning", "Engine", "InpaintCABI"},
    "Engine": {"Models", "Diffusion", "Imaging", "Properties"},
    "Planning": {"Imaging", "Properties"},
    "Imaging": {"Numerics"},
    "Models": {"Models", "Layers", "Diffusion", "Tokenizers"},
    "Diffusion": {"Numerics", "Checkpoints", "Properties"},
    "Properties": set(),
    "Layers": {"Numerics", "Checkpoints"},
    "Checkpoints": {"Memory"},
    "Tokenizers": {"CLIPVocabulary"},
    "CLIPVocabulary": set(),
    "Numerics": {"CKernels", "Memory"},
    "CKernels": set(),
    "Memory": set(),
}
SYSTEM = {"Swift", "Glibc", "Dispatch", "Synchronization", "FoundationEssentials"}
IMPORT = re.compile(r"^[ \t]*(?:@\w+(?:\([^)\n]*\))?[ \t]+)*(?:(?:public|package|internal|fileprivate|private)[ \t]+)?"
                    r"import[ \t]+(?:(?:struct|class|enum|protocol|typealias|func|let|var)[ \t]+)?(\w+)", re.MULTILINE)


def sources() -> list[Path]:
    """Source files by their paths in the repository, without those of hidden folders, as a virtual environment's."""
    found = [path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES]
    return [Path("Package.swift")] + sorted(path for path in found if not any(part.startswith(".") for part in path.parts))


def module(path: Path) -> tuple[str, str]:
    """The room and the module of a file in Sources."""
    room, *inner = path.relative_to("Sources").parts[:-1]
    return room, inner[0] if room == "Models" and inner else room


def below(room: str) -> set[str]:
    """All that a room may import."""
    reached, left = set(), set(ROOMS[room])
    while left:
        next_room = left.pop()
        reached.add(next_room)
        left |= ROOMS.get(next_room, set()) - reached
    return reached


MODULES = {name: room for room, name in (module(path) for path in sources() if path.parts[0] == "Sources")}


def test_there_are_sources():
    assert {"swift", "c", "h", "inc", "py", "sh"} == {path.suffix[1:] for path in sources()}
    assert len(MODULES) >= len(ROOMS)


def test_every_file_names_its_licence():
    def head(path):
        return (ROOT / path).read_text().split("\n", 2)[:2]
    assert [str(path) for path in sources() if not any(LICENCE in line for line in head(path))] == []


def test_no_file_has_more_than_300_lines():
    """The licence line does not count."""
    lengths = {str(path): sum(LICENCE not in line for line in (ROOT / path).read_text().splitlines()) for path in sources()}
    assert {path: length for path, length in lengths.items() if length > 300} == {}


def test_every_room_is_in_the_table():
    assert set(MODULES.values()) == set(ROOMS)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_point_down(name):
    allowed = below(MODULES[name]) if MODULES[name] in ROOMS else set()
    for path in sources():
        if path.parts[0] != "Sources" or path.suffix != ".swift" or module(path)[1] != name:
            continue
        imported = set(IMPORT.findall((ROOT / path).read_text())) - SYSTEM - {name}
        assert {one for one in imported if MODULES.get(one, one) not in allowed} == set(), path


# The same for the rooms of CShim, by the headers that they include.  Of abi, gimp's plug-ins and graph see the keys alone.
SHIMS = {
    "gegl": {"abi", "text", "system"},
    "gimp": {"graph", "text", "system"},
    "gimp2": {"gimp", "graph", "text"},
    "gimp3": {"gimp", "graph", "text"},
    "graph": {"text", "system"},
    "text": set(),
    "abi": set(),
    "system": set(),
}
INCLUDE = re.compile(r'^#include "(?:.*/)?([^"/]+)"', re.MULTILINE)


def test_headers_point_down():
    shims = [path for path in sources() if path.parts[0] == "CShim"]
    assert {path.parts[1] for path in shims} == set(SHIMS)
    headers = [path for path in shims if path.suffix in (".h", ".inc")]
    for path in shims:
        room = path.parts[1]
        # Of two of one name a room includes its own.
        homes = {header.name: header.parts[1] for header in sorted(headers, key=lambda header: header.parts[1] == room)}
        included = {name for name in INCLUDE.findall((ROOT / path).read_text()) if name in homes and name != "inpaint_keys.h"}
        assert {name for name in included if homes[name] not in SHIMS[room] | {room}} == set(), path
