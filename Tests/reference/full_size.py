#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Builds full-size Stable Diffusion 1.5 and 2 inpainting packs with seeded random weights, and what PyTorch computes.

    python full_size.py sd15 FOLDER        (versions: ../fixtures/requirements.txt; 8 GB of memory)

FOLDER/model: a diffusers folder, float16. FOLDER/reference.safetensors: float32 results from the stored weights: one
UNet pass with guidance's two images at 64x64 cells, the text encoder, encode and decode at 512x512, as [N, H, W, C] or
[N, T, C]. The tokenizer is left out: the program has CLIP's vocabulary.
"""
import argparse
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, PNDMScheduler, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel

sys.path.insert(0, str(Path(__file__).parent.parent / "fixtures"))
from seeded import randomize

SCHEDULE = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
                clip_sample=False, set_alpha_to_one=False, steps_offset=1)
FAMILIES = {
    "sd15": dict(
        unet=dict(cross_attention_dim=768, attention_head_dim=8),
        text=dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12,
                  hidden_act="quick_gelu"),
        scheduler=DDIMScheduler(**SCHEDULE)),
    "sd2": dict(
        unet=dict(cross_attention_dim=1024, attention_head_dim=(5, 10, 20, 20), use_linear_projection=True),
        text=dict(hidden_size=1024, intermediate_size=4096, num_hidden_layers=23, num_attention_heads=16, hidden_act="gelu"),
        scheduler=PNDMScheduler(skip_prk_steps=True, **{k: v for k, v in SCHEDULE.items() if k != "clip_sample"})),
}


def channels_last(x: torch.Tensor) -> torch.Tensor:
    return (x.movedim(1, -1) if x.ndim == 4 else x).contiguous().float()


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", choices=FAMILIES)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    family, model = FAMILIES[arguments.family], arguments.folder / "model"
    generator = torch.Generator().manual_seed(7)
    tensors = {}

    def randn(*shape):
        return torch.randn(shape, generator=generator)

    def keep(part, **named):
        tensors.update({f"{part}/{name}": channels_last(tensor) for name, tensor in named.items()})

    def save(part, network):
        network.half().save_pretrained(model / part)
        network.float()

    unet = randomize(UNet2DConditionModel(in_channels=9, sample_size=64, **family["unet"]), 1, half=True)
    save("unet", unet)
    x, context = randn(2, 9, 64, 64), randn(2, 77, unet.config.cross_attention_dim)
    keep("unet", input=x, context=context, timestep=torch.tensor([501]), output=unet(x, 501, context).sample)
    del unet

    vae = randomize(AutoencoderKL(
        block_out_channels=(128, 256, 512, 512), layers_per_block=2, sample_size=512,
        down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4), 2, half=True)
    save("vae", vae)
    image, latents = randn(1, 3, 512, 512).clamp(-1, 1), randn(1, 4, 64, 64)
    factor = vae.config.scaling_factor
    keep("vae", image=image, latents=vae.encode(image).latent_dist.mean * factor,
         given=latents, decoded=vae.decode(latents / factor).sample)
    del vae

    text = randomize(CLIPTextModel(CLIPTextConfig(vocab_size=49408, **family["text"])), 3, half=True)
    save("text_encoder", text)
    tokens = torch.randint(49408, (1, 77), generator=generator)
    keep("text_encoder", tokens=tokens, output=text(tokens).last_hidden_state)

    family["scheduler"].save_pretrained(model / "scheduler")
    (model / "model_index.json").write_text('{"_class_name": "StableDiffusionInpaintPipeline"}\n')
    save_file(tensors, arguments.folder / "reference.safetensors")


if __name__ == "__main__":
    main()
