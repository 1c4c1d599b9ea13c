#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""The masked autoencoder, ASUKA's prior: what belongs into a hole, as features and as a blurred picture.

    accelerate launch train_mae.py --data DATA --output RUNS/mae --steps 40000 --fine-tune-from 10000

Up to --fine-tune-from it is pre-trained as MAE-FAR (Cao et al. 2022): 75% of the patches are hidden, those of a random
free-form mask first among them. From then on holes are the masks themselves, whose edges cut patches in part.
Loss: mean square over the hole's pixels, colours normalised as ImageNet's. RUNS/mae/ema has the averaged weights as the
part mae/ of a pack. Full scale: --config with the sizes of ViT-B, --batch 256, --learning-rate 1.5e-4.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import torch
from diffusers.training_utils import EMAModel

from recipes.data import Crops, augment, generator, to_pixels, to_tensor
from recipes.grid import save_grid
from recipes.masked_autoencoder import IMAGENET_DEVIATION, MaskedAutoencoder, VisibleMaskedAutoencoder
from recipes.masks import evaluation_mask, random_mask
from recipes.parts import save_part
from recipes.run import Run, begin

CONFIG = Path(__file__).parent / "configs/mini/mae.json"
HIDDEN = 0.75  # share of hidden patches in pre-training


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="what collect_photographs.py wrote")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--config", type=Path, default=CONFIG, help="config.json of a pack's mae/")
    parser.add_argument("--steps", type=int, default=40000)
    parser.add_argument("--fine-tune-from", type=int, default=10000, help="step from which holes are the masks themselves")
    parser.add_argument("--batch", type=int, default=16, help="crops per process")
    parser.add_argument("--learning-rate", type=float, default=6e-4)
    parser.add_argument("--warm-up", type=int, default=400)
    parser.add_argument("--cool-down", type=int, default=0, help="last steps, over which the learning rate falls to 0")
    parser.add_argument("--weight-decay", type=float, default=0.05)
    parser.add_argument("--ema-decay", type=float, default=0.999)
    parser.add_argument("--checkpoint-every", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def hide_patches(hole: np.ndarray, patch: int, random: np.random.Generator) -> np.ndarray:
    """HIDDEN of all patches, at random, but first those that the hole touches. bool [S, S] -> bool [S, S]"""
    grid = len(hole) // patch
    touched = hole.reshape(grid, patch, grid, patch).any((1, 3)).ravel()
    hidden = np.zeros(grid * grid, bool)
    hidden[np.argsort(random.random(grid * grid) - touched)[:round(HIDDEN * grid * grid)]] = True
    return hidden.reshape(grid, grid).repeat(patch, 0).repeat(patch, 1)


def hole_loss(picture: torch.Tensor, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean square over the hole's pixels, of each picture and then of all; all [B, C, S, S], colours in -1..1."""
    difference = (picture - image) / (2 * IMAGENET_DEVIATION.to(image.device))
    return ((difference.square().mean(1, keepdim=True) * mask).sum((1, 2, 3)) / mask.sum((1, 2, 3))).mean()


@torch.no_grad()
def validate(mae: MaskedAutoencoder, crops: Crops, run: Run, count: int = 16):
    """Held-out crops with holes of evaluate.py's kind; rows of the grid: hole, filled, picture."""
    images = to_tensor(crops.pixels[crops.validation_sample(count)])  # [count, 3, 256, 256]
    holes = np.stack([evaluation_mask(images.shape[-1], generator(0, number)) for number in range(count)])
    masks = torch.from_numpy(holes)[:, None].float()
    device = mae.mask_token.device
    picture = mae(images.to(device), masks.to(device))[2].cpu().clamp(-1, 1)
    error = ((picture - images).square() * masks).sum((1, 2, 3)) / (12 * masks.sum((1, 2, 3)))
    run.note({"step": run.step, "validation_loss": round(float(hole_loss(picture, images, masks)), 5),
              "validation_hole_psnr": round(float((-10 * error.log10()).mean()), 3)})
    rows = [images * (1 - masks), images * (1 - masks) + picture * masks, images]
    save_grid(run.grids / f"{run.step:06}.png", [list(to_pixels(row[::2])) for row in rows])


def main():
    arguments = parse_arguments()
    accelerator = begin(arguments.seed)
    crops, config = Crops(arguments.data), json.loads(arguments.config.read_text())

    mae = VisibleMaskedAutoencoder.from_config(config)
    torch.nn.init.normal_(mae.mask_token, std=0.02)
    learning = [parameter for parameter in mae.parameters() if parameter.requires_grad]
    groups = [{"params": [p for p in learning if p.ndim > 1]}, {"params": [p for p in learning if p.ndim < 2], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, arguments.learning_rate, betas=(0.9, 0.95), weight_decay=arguments.weight_decay, fused=True)
    ema = EMAModel(learning, decay=arguments.ema_decay)
    ema.to(accelerator.device)
    run = Run(arguments.output, accelerator, arguments.steps, arguments.checkpoint_every)
    model, optimizer = accelerator.prepare(mae, optimizer)
    accelerator.register_for_checkpointing(ema)
    run.resume()

    def batch_at(step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """images [batch, 3, S, S] in -1..1, masks [batch, 1, S, S], 1 = hole"""
        random = generator(arguments.seed, step, accelerator.process_index)
        pictures = [augment(crops.pixels[index], random) for index in random.choice(crops.training, arguments.batch)]
        holes = [random_mask(len(picture), random) for picture in pictures]
        if step < arguments.fine_tune_from:
            holes = [hide_patches(hole, config["patch_size"], random) for hole in holes]
        masks = torch.from_numpy(np.stack(holes))[:, None].float()
        return to_tensor(np.stack(pictures)).to(accelerator.device), masks.to(accelerator.device)

    def write():
        """A part of a pack, after its validation."""
        validate(mae, crops, run)
        save_part(arguments.output / "ema", mae.state_dict(), config)

    for step in run.steps():
        run.set_learning_rates(optimizer, 2 * [arguments.learning_rate], arguments.warm_up, arguments.cool_down)
        images, masks = batch_at(step)
        loss = hole_loss(model(images, masks)[2], images, masks)
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        ema.step(learning)
        if run.finish_step({"hole": loss}):
            run.save(ema, learning, write)


if __name__ == "__main__":
    main()
