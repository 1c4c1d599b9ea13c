# SPDX-License-Identifier: LGPL-3.0-or-later
"""From the masked autoencoder's features to the UNet's context (ASUKA).

Submodules have the names of the released checkpoints; tokens are [B, T, D]. The tests of the Swift models have their
reference from `AlignmentModule`.
"""
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from .parts import load_part

# the talk's ablation, the last one ASUKA's choice
VARIANTS = {"linear": {"depth": 0}, "self-1": {"depth": 1}, "cross-4": {"depth": 4, "cross": True}, "self-4": {"depth": 4}}


class HeadNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.scale


class QueryKeyNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query_norm = HeadNorm(width)
        self.key_norm = HeadNorm(width)


class AlignmentBlock(nn.Module):
    """Attention and feed-forward side by side. `cross`: keys and values come from the features."""

    def __init__(self, width, heads, cross=False):
        super().__init__()
        self.width, self.heads = width, heads
        self.linear1 = nn.Linear(width, (5 if cross else 7) * width)
        self.linear2 = nn.Linear(5 * width, width)
        self.norm = QueryKeyNorm(width // heads)
        if cross:
            self.context = nn.Linear(width, 2 * width)

    def forward(self, x, features=None):
        def split(y):
            return y.reshape(*y.shape[:2], self.heads, -1).transpose(1, 2)
        y = self.linear1(F.layer_norm(x, (self.width,), eps=1e-6))
        query, rest = y[..., :self.width], y[..., self.width:]
        if features is None:
            key, value, mlp = rest.split([self.width, self.width, 4 * self.width], -1)
        else:
            key, value = self.context(F.layer_norm(features, (self.width,), eps=1e-6)).chunk(2, -1)
            mlp = rest
        attended = F.scaled_dot_product_attention(
            self.norm.query_norm(split(query)), self.norm.key_norm(split(key)), split(value))
        attended = attended.transpose(1, 2).flatten(2)
        return x + self.linear2(torch.cat([attended, F.gelu(mlp, approximate="tanh")], -1))


class AlignmentModule(nn.Module):
    def __init__(self, inputs=512, width=768, depth=4, heads=12, cross=False, queries=256):
        super().__init__()
        self.cross = cross
        if cross:
            self.queries = nn.Parameter(torch.zeros(1, queries, width))
        layers = [nn.Linear(inputs, width), *(AlignmentBlock(width, heads, cross) for _ in range(depth)),
                  nn.LayerNorm(width)]
        for index, layer in enumerate(layers):
            self.add_module(str(index), layer)
        self.layers = layers

    @classmethod
    def from_config(cls, config: dict):
        """config: `alignment/config.json` of a pack"""
        return cls(config["input_size"], config["hidden_size"], config["num_hidden_layers"], config["num_attention_heads"],
                   config["attention"] == "cross", config["num_queries"])

    @classmethod
    def from_part(cls, folder: Path):
        tensors, config = load_part(folder)
        module = cls.from_config(config)
        module.load_state_dict(tensors)
        return module.eval().requires_grad_(False)

    def forward(self, features):
        """features [B, T, inputs] -> context [B, T, width]; with cross-attention [B, queries, width]"""
        first, *blocks, last = self.layers
        features = first(features)
        x = self.queries.expand(len(features), -1, -1) if self.cross else features
        for block in blocks:
            x = block(x, features) if self.cross else block(x)
        return last(x)


def alignment_config(variant: str, inputs: int, width: int, tokens: int, head_width: int) -> dict:
    """`alignment/config.json` for one of VARIANTS; `tokens`: patches of the masked autoencoder."""
    settings = VARIANTS[variant]
    return {"input_size": inputs, "hidden_size": width, "num_hidden_layers": settings["depth"],
            "num_attention_heads": max(1, width // head_width), "attention": "cross" if "cross" in settings else "self",
            "num_queries": tokens}
