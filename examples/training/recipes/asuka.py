# SPDX-License-Identifier: LGPL-3.0-or-later
"""ASUKA's fills with the parts of a pack, as `inpaint:asuka-inpaint` without its colour matching."""
from pathlib import Path

import numpy as np
import torch

from .alignment import AlignmentModule
from .data import to_tensor
from .fills import Pack, composite
from .harmonizing_decoder import HarmonizingDecoder
from .masked_autoencoder import VisibleMaskedAutoencoder


class Asuka:
    def __init__(self, pack: Pack, folder: Path):
        """folder: has mae/ and alignment/, and harmonizing_decoder/ or not"""
        self.pack = pack
        self.mae = VisibleMaskedAutoencoder.from_part(folder / "mae")
        self.alignment = AlignmentModule.from_part(folder / "alignment")
        decoder = folder / "harmonizing_decoder"
        self.decoder = HarmonizingDecoder.from_part(decoder) if decoder.exists() else None

    @torch.no_grad()
    def prior(self, pixels: np.ndarray, hole: np.ndarray) -> tuple[torch.Tensor, np.ndarray]:
        """The masked autoencoder's features [1, T, D], and its own fill uint8 [H, W, 3]."""
        _, features, picture = self.mae(to_tensor(pixels[None]), torch.from_numpy(hole)[None, None].float())
        size = torch.nn.functional.interpolate(picture, hole.shape, mode="bilinear")
        return features, composite(size, pixels, hole)

    @torch.no_grad()
    def latents(self, alignment: AlignmentModule, features: torch.Tensor, pixels: np.ndarray, hole: np.ndarray) -> torch.Tensor:
        """Scaled latents of a fill without guidance."""
        return self.pack.latents(self.pack.conditioning(pixels, hole), alignment(features))

    @torch.no_grad()
    def decode(self, decoder: HarmonizingDecoder, latents: torch.Tensor, pixels: np.ndarray, hole: np.ndarray) -> np.ndarray:
        return composite(decoder(latents, to_tensor(pixels[None]), torch.from_numpy(hole)[None, None].float()), pixels, hole)
