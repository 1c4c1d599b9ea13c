# SPDX-License-Identifier: LGPL-3.0-or-later
"""Ways to fill a hole: a model pack, and the classical methods it is measured against."""
import shutil
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch
from diffusers import DPMSolverMultistepScheduler
from PIL import Image

from .base_model import BaseModel
from .data import to_pixels, to_tensor
from .masks import latent_mask
from .sampling import denoise


def telea(pixels: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """uint8 [H, W, 3], bool [H, W] -> uint8 [H, W, 3]"""
    return cv2.inpaint(pixels, hole.astype(np.uint8), 5, cv2.INPAINT_TELEA)


def navier_stokes(pixels: np.ndarray, hole: np.ndarray) -> np.ndarray:
    return cv2.inpaint(pixels, hole.astype(np.uint8), 5, cv2.INPAINT_NS)


def matchpatch(pixels: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """G'MIC's inpaint_matchpatch with its own settings."""
    with tempfile.TemporaryDirectory() as folder:
        source, mask, result = (str(Path(folder, name)) for name in ("source.png", "mask.png", "result.png"))
        Image.fromarray(pixels).save(source)
        Image.fromarray(hole.astype(np.uint8) * 255).save(mask)
        subprocess.run(["gmic", "-v", "-", source, mask, "-inpaint_matchpatch[0]", "[1]", "-output[0]", result], check=True)
        return np.asarray(Image.open(result).convert("RGB"))


def classical_methods() -> dict:
    methods = {"Telea": telea, "Navier-Stokes": navier_stokes}
    return {**methods, "matchpatch": matchpatch} if shutil.which("gmic") else methods


class Pack(BaseModel):
    """A diffusers folder, as `inpaint:sd-inpaint` runs it: posterior means, any-pixel latent mask, fill only in the hole."""

    def __init__(self, folder: Path, steps: int, device="cpu"):
        super().__init__(folder, device)
        self.sampler = DPMSolverMultistepScheduler.from_config(self.scheduler.config)
        self.steps = steps

    def encode(self, images: torch.Tensor) -> torch.Tensor:
        """[B, 3, H, W] in -1..1 -> scaled latents [B, 4, H/8, W/8]"""
        return self.vae.encode(images).latent_dist.mean * self.vae.config.scaling_factor

    def conditioning(self, pixels: np.ndarray, hole: np.ndarray) -> torch.Tensor:
        """[1, 5, H/8, W/8]: mask and the masked picture's latents"""
        masked = self.encode(to_tensor(pixels[None]) * torch.from_numpy(~hole)[None, None])
        return torch.cat([torch.from_numpy(latent_mask(hole))[None, None].float(), masked], 1)

    @torch.no_grad()
    def latents(self, conditioning: torch.Tensor, context: torch.Tensor, guidance: float = 1.0, seed: int = 0) -> torch.Tensor:
        """Scaled latents [1, 4, H/8, W/8] of a fill under any context [1, L, D]."""
        noise = torch.randn(conditioning[:, 1:].shape, generator=torch.Generator().manual_seed(seed))
        return denoise(self.unet, self.sampler, noise, conditioning, context, self.context(""), guidance, self.steps)

    @torch.no_grad()
    def decode(self, latents: torch.Tensor, pixels: np.ndarray, hole: np.ndarray) -> np.ndarray:
        """uint8 [H, W, 3], changed only in the hole"""
        return composite(self.vae.decode(latents / self.vae.config.scaling_factor).sample, pixels, hole)

    @torch.no_grad()
    def fill(self, pixels: np.ndarray, hole: np.ndarray, prompt: str | torch.Tensor = "", guidance: float = 1.0,
             seed: int = 0) -> np.ndarray:
        latents = self.latents(self.conditioning(pixels, hole), self.context(prompt), guidance, seed)
        return self.decode(latents, pixels, hole)


def composite(output: torch.Tensor, pixels: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """output: [1, 3, H, W] in -1..1, taken in the hole only -> uint8 [H, W, 3]"""
    return np.where(hole[..., None], to_pixels(output)[0], pixels)
