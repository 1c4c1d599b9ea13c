# SPDX-License-Identifier: LGPL-3.0-or-later
"""The frozen model that prompts and LoRAs are trained for, and where their pictures come from."""
from argparse import ArgumentParser, Namespace
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from .subjects import CocoSubjects, SegmentedCrops
from .text import token_ids


class BaseModel:
    """A diffusers folder, read as float32, with nothing to learn in it."""

    def __init__(self, folder: Path, device):
        def read(model, name):
            return model.from_pretrained(folder / name, torch_dtype=torch.float32).eval().requires_grad_(False).to(device)

        self.vae, self.unet = read(AutoencoderKL, "vae"), read(UNet2DConditionModel, "unet")
        self.tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
        self.text_encoder = read(CLIPTextModel, "text_encoder")
        self.scheduler = DDIMScheduler.from_pretrained(folder / "scheduler")

    @torch.no_grad()
    def context(self, prompt: str | torch.Tensor) -> torch.Tensor:
        """A text's context, or a learned prompt [L, D] as it is -> [1, L, D]"""
        return self.contexts([prompt]) if isinstance(prompt, str) else prompt[None]

    @torch.no_grad()
    def contexts(self, prompts: list[str]) -> torch.Tensor:
        """[B, 77, D]"""
        return self.text_encoder(token_ids(self.tokenizer, prompts).to(self.text_encoder.device)).last_hidden_state


def add_source_arguments(parser: ArgumentParser):
    parser.add_argument("--data", type=Path, help="what collect_photographs.py wrote; subjects come from a segmentation")
    parser.add_argument("--coco-instances", type=Path, help="instead of --data: COCO's instances_*.json")
    parser.add_argument("--coco-images", type=Path, help="the folder of the photographs that it names")
    parser.add_argument("--size", type=int, default=512, help="of the squares cut from COCO's photographs")


def source_of(arguments: Namespace):
    if arguments.coco_instances and arguments.coco_images:
        return CocoSubjects(arguments.coco_instances, arguments.coco_images, arguments.size)
    if arguments.data:
        return SegmentedCrops(arguments.data)
    raise SystemExit("give --data, or --coco-instances and --coco-images")
