"""Ways to fill a hole: a model pack, and the classical methods it is measured against."""
import shutil
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, DPMSolverMultistepScheduler, UNet2DConditionModel
from PIL import Image
from transformers import CLIPTextModel, CLIPTokenizer

from .data import to_pixels, to_tensor
from .masks import latent_mask
from .sampling import denoise
from .text import token_ids


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


class Pack:
    """A diffusers folder, as `inpaint:sd-inpaint` runs it: posterior means, any-pixel latent mask, fill only in the hole."""

    def __init__(self, folder: Path, steps: int):
        self.vae = AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=torch.float32)
        self.unet = UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32)
        self.text_encoder = CLIPTextModel.from_pretrained(folder / "text_encoder", torch_dtype=torch.float32)
        self.tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
        self.scheduler = DPMSolverMultistepScheduler.from_config(DDIMScheduler.load_config(folder / "scheduler"))
        self.steps = steps

    @torch.no_grad()
    def context(self, prompt: str | torch.Tensor) -> torch.Tensor:
        """A text's context, or a learned prompt [L, D] as it is -> [1, L, D]"""
        if isinstance(prompt, str):
            return self.text_encoder(token_ids(self.tokenizer, [prompt])).last_hidden_state
        return prompt[None]

    @torch.no_grad()
    def fill(self, pixels: np.ndarray, hole: np.ndarray, prompt: str | torch.Tensor = "", guidance: float = 1.0,
             seed: int = 0) -> np.ndarray:
        image = to_tensor(pixels[None])  # [1, 3, H, W]
        known = torch.from_numpy(~hole)[None, None]
        masked = self.vae.encode(image * known).latent_dist.mean * self.vae.config.scaling_factor  # [1, 4, H/8, W/8]
        mask = torch.from_numpy(latent_mask(hole))[None, None].float()
        contexts = [self.context(one) for one in (prompt, "")]
        noise = torch.randn(masked.shape, generator=torch.Generator().manual_seed(seed))
        latents = denoise(self.unet, self.scheduler, noise, torch.cat([mask, masked], 1), *contexts, guidance, self.steps)
        output = to_pixels(self.vae.decode(latents / self.vae.config.scaling_factor).sample)[0]
        return np.where(hole[..., None], output, pixels)
