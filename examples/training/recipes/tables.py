"""Tables of measures and contact sheets of an evaluation."""
import json
from pathlib import Path

import numpy as np

from .grid import save_grid

SHEET_ROWS = 12


def write_table(stem: Path, scores: dict[str, list[dict]]) -> tuple[dict, str]:
    """{method: a dictionary of measures for each case} -> the means {method: {measure: mean}}, and them as Markdown.

    Writes both, to STEM.json and STEM.md.
    """
    table = {name: {key: float(np.mean([row[key] for row in measured])) for key in measured[0]} for name, measured in scores.items()}
    keys = list(next(iter(table.values())))
    lines = ["| | " + " | ".join(keys) + " |", "|---" * (len(keys) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(f"{row[key]:.3f}" for key in keys) + " |" for name, row in table.items()]
    stem.with_suffix(".json").write_text(json.dumps(table, indent=2))
    stem.with_suffix(".md").write_text("\n".join(lines) + "\n")
    return table, "\n".join(lines)


def write_sheets(stem: Path, rows: list[list[np.ndarray]]):
    """STEM-0.png, ...: rows of equal-sized pictures"""
    for start in range(0, len(rows), SHEET_ROWS):
        save_grid(stem.with_name(f"{stem.name}-{start // SHEET_ROWS}.png"), rows[start:start + SHEET_ROWS])
