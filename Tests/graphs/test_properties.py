# SPDX-License-Identifier: LGPL-3.0-or-later
"""The table of properties against what GEGL, the tool's help and the documentation say."""
import json
import re
import subprocess

import pytest

from conftest import OPERATIONS, ROOT

gi = pytest.importorskip("gi")
gi.require_version("Gegl", "0.4")

SPECIFICATIONS = """
import gi, json, sys
gi.require_version("Gegl", "0.4")
from gi.repository import Gegl, GObject

KINDS = {"GParamString": "text", "GeglParamFilePath": "file", "GParamBoolean": "boolean", "GeglParamInt": "integer",
         "GeglParamDouble": "number", "GeglParamSeed": "seed", "GeglParamEnum": "choice"}
Gegl.init(None)
table = []
for operation in sys.argv[1:]:
    for spec in Gegl.Operation.list_properties(operation):
        kind = KINDS[spec.__gtype__.name]
        row = {"operation": operation, "name": spec.name, "kind": kind, "help": spec.blurb, "minimum": "", "maximum": "",
               "choices": [], "default": spec.default_value}
        if kind in ("integer", "number", "seed"):
            row |= {"minimum": spec.minimum, "maximum": spec.maximum}
        if kind == "choice":
            row["choices"] = [value.value_nick for value in type(spec.default_value).__enum_values__.values()]
            row["default"] = spec.default_value.value_nick
        table.append(row)
print(json.dumps(table))
"""


def normalized(row: dict) -> dict:
    """Numbers as numbers, choices without their order: dialogs have another."""
    row = dict(row)
    for name in ("minimum", "maximum", "default"):
        if row["kind"] in ("integer", "number", "seed"):
            row[name] = float(row[name])
    if row["kind"] == "boolean":
        row["default"] = str(row["default"]).lower()
    if row["kind"] in ("text", "file"):
        row["default"] = row["default"] or ""
    choices = row["choices"]
    row["choices"] = sorted(choices.split() if isinstance(choices, str) else choices)
    return row


@pytest.fixture
def specified(gegl) -> list[dict]:
    """What GEGL lists, in its order."""
    result = subprocess.run(["/usr/bin/python3", "-c", SPECIFICATIONS, *OPERATIONS], env=gegl.environment, capture_output=True,
                            text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_every_property_of_gegl_is_the_tables(specified, table):
    key = lambda row: (row["operation"], row["name"])
    assert sorted(map(normalized, specified), key=key) == sorted(map(normalized, table), key=key)


def test_files_are_the_last_properties(specified):
    """libgimp 3.0 knows no file properties, and drops the first and all that follow it."""
    for operation in OPERATIONS:
        kinds = [row["kind"] for row in specified if row["operation"] == operation]
        assert kinds.index("file") > 7 and set(kinds[kinds.index("file"):]) == {"file"}, (operation, kinds)


def test_the_manifest_lists_the_same_operations(table):
    assert set(OPERATIONS) == {row["operation"] for row in table}


def test_the_documentation_has_the_table(inpaint):
    """After a change: Sources/Properties/update.sh."""
    assert inpaint("properties", "--markdown").strip() in (ROOT / "Sources/Properties/README.md").read_text()


def test_help_lists_what_an_operation_takes_and_nothing_else(inpaint, table):
    names = {row["name"] for row in table}
    for operation in {row["operation"] for row in table}:
        own = {row["name"]: row["help"] for row in table if row["operation"] == operation}
        text = " ".join(inpaint("run", operation.removeprefix("inpaint:"), "--help").split())
        assert {name for name in names if f" {name}=... (" in text} == own.keys()
        assert all(help in text for help in own.values())


# Not in GIMP's dialogs: the selection says where and how softly, the layer keeps what is outside, and the text is at hand.
NOT_IN_DIALOGS = {"grow", "feather", "preserve", "prompt-file"}


def test_gimps_dialogs_show_what_an_operation_takes(table):
    source = (ROOT / "CShim/gimp/procedures.c").read_text().replace("\\\n", " ")
    macros = dict(re.findall(r"^#define (\w+) +(\".*)$", source, re.MULTILINE))
    rows = re.findall(r'\.operation = "([^"]+)".*?\.shown = {([^}]*)}.*?\.advanced = {([^}]*)}', source, re.DOTALL)
    assert {operation for operation, *_ in rows} == {row["operation"] for row in table}
    for operation, *lists in rows:
        text = re.sub("|".join(macros), lambda macro: macros[macro[0]], ", ".join(lists))
        shown = re.findall('"([^"]+)"', text)
        own = {row["name"] for row in table if row["operation"] == operation}
        # They play no part there.
        idle = {"sampler", "jump-length", "jump-samples", "eta", "spacing"} if "harmonize" in operation else set()
        assert len(shown) == len(set(shown)) and own - set(shown) <= NOT_IN_DIALOGS | idle, operation
        assert set(shown) - own <= {"strength", "task-prompt", "color-match", "context"}, operation  # shared rows that some lack
