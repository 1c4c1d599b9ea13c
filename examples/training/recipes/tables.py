# SPDX-License-Identifier: LGPL-3.0-or-later
"""Tables of measures and contact sheets of an evaluation."""
import json
from pathlib import Path

import numpy as np

from .grid import save_grid

SHEET_ROWS = 12


def means(scores: dict[str, list[dict]]) -> dict[str, dict[str, float]]:
    """{method: measures of each case} -> {method: mean of each measure}"""
    return {name: {key: float(np.mean([row[key] for row in measured])) for key in measured[0]} for name, measured in scores.items()}


def markdown(table: dict[str, dict[str, float]]) -> str:
    """A method that lacks a measure has an empty cell."""
    keys = list(dict.fromkeys(key for row in table.values() for key in row))
    lines = ["| | " + " | ".join(keys) + " |", "|---" * (len(keys) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(f"{row[key]:.3f}" if key in row else "" for key in keys) + " |" for name, row in table.items()]
    return "\n".join(lines) + "\n"


def write_table(stem: Path, table: dict[str, dict[str, float]]) -> str:
    """Writes STEM.json and STEM.md, and returns the latter."""
    stem.with_suffix(".json").write_text(json.dumps(table, indent=2))
    stem.with_suffix(".md").write_text(markdown(table))
    return markdown(table)


def write_sheets(stem: Path, rows: list[list[np.ndarray]]):
    """STEM-0.png, ...: rows of equal-sized pictures"""
    for start in range(0, len(rows), SHEET_ROWS):
        save_grid(stem.with_name(f"{stem.name}-{start // SHEET_ROWS}.png"), rows[start:start + SHEET_ROWS])
