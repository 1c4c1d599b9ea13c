#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Encodes training samples with the frozen autoencoder, once: picture, masked picture, mask, caption.

    python cache_latents.py --data DATA --vae RUNS/vae/ema --output LATENTS --samples 20000

Each sample is an augmented crop with a hole, random or made of a subject's mask. Writes shards `training-00000.npz`, ... and
`validation.npz` with latents and masked float16 [N, 4, 32, 32] (posterior means, scaled), masks uint8 [N, 32, 32] and
captions. Shards that exist are kept, so that the cache can be extended while a UNet is being trained on it.
"""
import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from tqdm import tqdm

from recipes.captions import caption
from recipes.data import Crops, to_tensor
from recipes.masks import latent_mask
from recipes.samples import SHARD, VALIDATION, Samples


@torch.no_grad()
def encode(vae: AutoencoderKL, images: torch.Tensor, batch: int = 8) -> np.ndarray:
    """[N, 3, H, W] in -1..1 -> scaled latents, float16 [N, 4, H/8, W/8]"""
    parts = [vae.encode(part.to(vae.device)).latent_dist.mean * vae.config.scaling_factor for part in images.split(batch)]
    return torch.cat(parts).half().cpu().numpy()


def write_shard(path: Path, vae: AutoencoderKL, pixels, holes, captions):
    """pixels uint8 [N, H, W, 3], holes bool [N, H, W], captions [N]"""
    images, holes = to_tensor(np.stack(pixels)), np.stack(holes)
    latents, masked = encode(vae, images), encode(vae, images * torch.from_numpy(~holes).unsqueeze(1))  # the hole is mid-grey
    masks = np.stack([latent_mask(hole) for hole in holes]).astype(np.uint8)
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, latents=latents, masked=masked, masks=masks, captions=np.array(captions))
    partial.rename(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--vae", type=Path, required=True, help="diffusers folder of the autoencoder")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--samples", type=int, default=20000)
    parser.add_argument("--shard", type=int, default=250, help="samples in a file")
    parser.add_argument("--validation-samples", type=int, default=64)
    parser.add_argument("--precision", choices=["no", "bf16"], default="no", help="bf16 takes 0.4 times as long where the processor has it")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    crops, vae = Crops(arguments.data), AutoencoderKL.from_pretrained(arguments.vae).eval()
    arguments.output.mkdir(parents=True, exist_ok=True)

    samples = Samples(crops, arguments.seed)

    def write(path: Path, chosen):
        indices, pixels, holes, hidden, generators = zip(*chosen)
        captions = [caption(picture, hole, crops.index[index]["words"], part, random)
                    for index, picture, hole, part, random in zip(indices, pixels, holes, hidden, generators)]
        with torch.autocast(vae.device.type, torch.bfloat16, enabled=arguments.precision == "bf16"):
            write_shard(path, vae, pixels, holes, captions)

    validation = arguments.output / VALIDATION
    if not validation.exists():
        write(validation, samples.held_out(arguments.validation_samples))
    for shard in tqdm(range(-(-arguments.samples // arguments.shard)), unit="shard"):
        path = arguments.output / SHARD.format(shard)
        if not path.exists():
            write(path, (samples.training(shard, number) for number in range(arguments.shard)))


if __name__ == "__main__":
    main()
