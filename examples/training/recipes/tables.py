"""Tables of means."""
import numpy as np


def means(scores: dict[str, list[dict]]) -> dict[str, dict[str, float]]:
    """{method: measures of each case} -> {method: mean of each measure}"""
    return {name: {key: float(np.mean([row[key] for row in measured])) for key in measured[0]} for name, measured in scores.items()}


def markdown(table: dict[str, dict[str, float]]) -> str:
    keys = list(next(iter(table.values())))
    lines = ["| | " + " | ".join(keys) + " |", "|---" * (len(keys) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(f"{row[key]:.3f}" for key in keys) + " |" for name, row in table.items()]
    return "\n".join(lines) + "\n"
