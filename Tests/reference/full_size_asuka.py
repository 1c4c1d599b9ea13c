#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Builds ASUKA's full-size models with seeded random weights, and what PyTorch computes.

    python full_size_asuka.py FOLDER        (versions: ../fixtures/requirements.txt; 8 GB of memory)

FOLDER/model: mae, alignment and harmonizing_decoder, float16. FOLDER/asuka.safetensors: float32 results from the stored
weights at 512x512, as [N, H, W, C] or [N, T, C]. Prints PyTorch's seconds. The parts have no configuration: it follows
from their tensors.
"""
import sys
import time
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

sys.path[:0] = [str(Path(__file__).parents[1] / "fixtures"), str(Path(__file__).parents[2] / "examples/training")]
from recipes.alignment import AlignmentModule
from recipes.harmonizing_decoder import harmonized_decode, mask_condition_decoder
from recipes.masked_autoencoder import MaskedAutoencoder
from seeded import randomize


@torch.no_grad()
def main():
    folder = Path(sys.argv[1])
    generator = torch.Generator().manual_seed(8)
    tensors = {}

    def keep(**named):
        for name, tensor in named.items():
            tensors[name] = (tensor.movedim(1, -1) if tensor.ndim == 4 else tensor).contiguous().float()

    def save(part, weights):
        (folder / "model" / part).mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.half().contiguous() for name, tensor in weights.items()},
                  folder / "model" / part / "model.safetensors")

    def timed(name, run):
        run()
        start = time.perf_counter()
        result = run()
        print(f"{name}: {time.perf_counter() - start:.2f} s", flush=True)
        return result

    image = torch.randn(1, 3, 512, 512, generator=generator).clamp(-1, 1)
    mask = torch.zeros(1, 1, 512, 512)
    mask[..., 100:333, 200:400] = 1
    keep(image=image, mask=mask)

    mae = randomize(MaskedAutoencoder(), 1, half=True)
    mae.fix_positions()
    save("mae", mae.state_dict())
    features = timed("mae", lambda: mae(image, mask))[1]
    keep(features=features)

    alignment = randomize(AlignmentModule(), 2, half=True)
    for name, parameter in alignment.named_parameters():
        if name.endswith("scale"):
            parameter.copy_((parameter + 1).half())
    save("alignment", alignment.state_dict())
    keep(context=timed("alignment", lambda: alignment(features)))

    decoder = mask_condition_decoder(4, (128, 256, 512, 512), 2, 32)
    decoder, quant = randomize(decoder, 3, half=True), randomize(nn.Conv2d(4, 4, 1), 4, half=True)
    save("harmonizing_decoder", nn.ModuleDict({"decoder": decoder, "post_quant_conv": quant}).state_dict())
    latents = torch.randn(1, 4, 64, 64, generator=generator)
    keep(latents=latents, picture=timed("harmonizing decoder", lambda: harmonized_decode(
        decoder, quant(latents / 0.18215), image, mask, concat_mask=True, area=True)))
    save_file(tensors, folder / "asuka.safetensors")


if __name__ == "__main__":
    main()
