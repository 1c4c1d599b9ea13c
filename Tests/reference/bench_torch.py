#!/usr/bin/env python3
"""Times PyTorch float32 (NCHW) on a full-size pack of full_size.py: least of a few turns, in seconds.

    python bench_torch.py FOLDER/model [--turns 3] [--threads 2]
"""
import argparse
import time
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    def least(run) -> float:
        def once():
            start = time.perf_counter()
            run()
            return time.perf_counter() - start
        run()
        return min(once() for _ in range(arguments.turns))

    unet = UNet2DConditionModel.from_pretrained(arguments.model / "unet").float().eval()
    x, context = torch.randn(2, 9, 64, 64), torch.randn(2, 77, unet.config.cross_attention_dim)
    print(f"UNet, two images: {least(lambda: unet(x, 501, context)):.2f}", flush=True)
    del unet
    vae = AutoencoderKL.from_pretrained(arguments.model / "vae").float().eval()
    image, latents = torch.randn(1, 3, 512, 512), torch.randn(1, 4, 64, 64)
    print(f"encode: {least(lambda: vae.encode(image).latent_dist.mean):.2f}", flush=True)
    print(f"decode: {least(lambda: vae.decode(latents).sample):.2f}")


if __name__ == "__main__":
    main()
