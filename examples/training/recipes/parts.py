# SPDX-License-Identifier: LGPL-3.0-or-later
"""A part of a model pack that is no class of diffusers: config.json and model.safetensors in a folder."""
import json
from pathlib import Path

from safetensors.torch import load_file, save_file


def save_part(folder: Path, tensors: dict, config: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def load_part(folder: Path) -> tuple[dict, dict]:
    """Returns tensors in float32 and configuration."""
    tensors = {name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()}
    return tensors, json.loads((folder / "config.json").read_text())
