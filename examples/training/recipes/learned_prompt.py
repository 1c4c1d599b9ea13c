# SPDX-License-Identifier: LGPL-3.0-or-later
"""A prompt that is learned in place of a text: what the UNet attends to, [L, D] (SEELE's task inversion)."""
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from .base_model import BaseModel

# What each prompt begins as. Of the first two the mini pack's captions have the words.
DESCRIPTIONS = {
    "remove": "surroundings",
    "complete": "subject",
    "outpaint": "outpaint",
    "inpaint": "inpaint",
    "harmonize": "harmonize the subject",
}


class LearnedPrompt(nn.Module):
    """context: [L, D]"""

    def __init__(self, context: torch.Tensor):
        super().__init__()
        self.context = nn.Parameter(context.clone())

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        """The same for each of the samples [B, ...] -> [B, L, D]"""
        return self.context.expand(len(samples), -1, -1)


def described(model: BaseModel, text: str, length: int) -> torch.Tensor:
    """The first `length` rows [L, D] of a text's context; they hold all of a short text."""
    rows = model.tokenizer.model_max_length
    if not 1 <= length <= rows:
        raise SystemExit(f"a prompt of {length} rows; the text encoder gives up to {rows} to begin with")
    return model.context(text)[0, :length]


def write_prompt(path: Path, context: torch.Tensor):
    """One tensor [L, D], marked as a context that needs no text encoder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"context": context.detach().float().cpu().contiguous()}, path, metadata={"learned_prompt": "context"})


def read_prompt(path: Path) -> torch.Tensor:
    """[L, D] in float32"""
    return load_file(path)["context"].float()
