#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""The KL autoencoder (8 x 8 pixels -> one cell of 4 channels).

    accelerate launch train_autoencoder.py --data DATA --output RUNS/vae --steps 20000

Loss: L1 + L1 of colours averaged over 4, 16 and 64 pixels (without it, shapes come long before colours) + features of
VGG16 + KL, and after --discriminator-from steps a discriminator on these features. With --freeze-encoder only the decoder
learns, so that the latents, and a UNet trained on them, stay valid. At the end of each checkpoint RUNS/vae/ema is a diffusers
folder with the averaged weights and a scaling_factor measured on held-out crops.
"""
import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from diffusers.training_utils import EMAModel
from torch import nn
from torch.nn import functional as F

from recipes.data import Crops, augment, generator, random_crop, to_pixels, to_tensor
from recipes.discriminator import Adversary
from recipes.grid import save_grid
from recipes.linear_start import begin_with_mean_colours
from recipes.perceptual import VGGTrunk, distance
from recipes.run import Run, begin

CONFIG = Path(__file__).parent / "configs/mini/vae.json"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="what collect_photographs.py wrote")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--config", type=Path, default=CONFIG, help="diffusers configuration of a new autoencoder")
    parser.add_argument("--pretrained", type=Path, help="diffusers folder to start from instead")
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--batch", type=int, default=8, help="crops per process")
    parser.add_argument("--size", type=int, default=128, help="side of a crop in pixels")
    parser.add_argument("--learning-rate", type=float, default=4e-4)
    parser.add_argument("--warm-up", type=int, default=200)
    parser.add_argument("--cool-down", type=int, default=0, help="last steps, over which the learning rate falls to 0")
    parser.add_argument("--ema-decay", type=float, default=0.998)
    parser.add_argument("--colour-weight", type=float, default=1.0)
    parser.add_argument("--kl-weight", type=float, default=1e-6)
    parser.add_argument("--perceptual-weight", type=float, default=0.1)
    parser.add_argument("--perceptual-from", type=int, default=0)
    parser.add_argument("--perceptual-size", type=int, default=64, help="side of the part of a crop that VGG sees")
    parser.add_argument("--perceptual-stages", type=int, default=3)
    parser.add_argument("--discriminator-from", type=int, default=10**9)
    parser.add_argument("--discriminator-weight", type=float, default=0.5)
    parser.add_argument("--freeze-encoder", action="store_true")
    parser.add_argument("--checkpoint-every", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


class Reconstruction(nn.Module):
    """Encoder, a draw from the posterior, decoder: one forward pass, so that several processes share its gradients."""

    def __init__(self, vae: AutoencoderKL):
        super().__init__()
        self.vae = vae

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """images: [B, 3, H, W] -> outputs [B, 3, H, W], KL divergence of the posterior in nats a pixel"""
        posterior = self.vae.encode(images).latent_dist
        return self.vae.decode(posterior.sample()).sample, posterior.kl().mean() / images[0].numel()


def colour_loss(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """L1 between local means of [B, 3, H, W], at three sizes of neighbourhood."""
    return sum(F.l1_loss(F.avg_pool2d(output, cells), F.avg_pool2d(target, cells)) for cells in (4, 16, 64)) / 3


@torch.no_grad()
def validate(vae: AutoencoderKL, crops: Crops, run: Run) -> None:
    """Writes a grid of held-out crops above their reconstructions, measures PSNR, sets the scaling factor."""
    images = to_tensor(crops.pixels[crops.validation_sample(32)])  # [32, 3, 256, 256]
    outputs, latents = [], []
    for part in images.split(8):
        latents.append(vae.encode(part.to(vae.device)).latent_dist.mean)
        outputs.append(vae.decode(latents[-1]).sample.cpu())
    error = (torch.cat(outputs).clamp(-1, 1) - images).square().mean((1, 2, 3)) / 4
    run.note({"step": run.step, "validation_psnr": round(float((-10 * error.log10()).mean()), 3)})
    vae.register_to_config(scaling_factor=round(1 / float(torch.cat(latents).std()), 5))
    columns = [picture for picture in to_pixels(images[::4])], [picture for picture in to_pixels(torch.cat(outputs)[::4])]
    save_grid(run.grids / f"{run.step:06}.png", [list(row) for row in columns])


def main():
    arguments = parse_arguments()
    accelerator = begin(arguments.seed)
    crops = Crops(arguments.data)

    if arguments.pretrained:
        vae = AutoencoderKL.from_pretrained(arguments.pretrained)
    else:
        vae = AutoencoderKL.from_config(AutoencoderKL._dict_from_json_file(arguments.config))
        begin_with_mean_colours(vae)
    if arguments.freeze_encoder:
        vae.encoder.requires_grad_(False)
        vae.quant_conv.requires_grad_(False)
    trunk = VGGTrunk(arguments.perceptual_stages).to(accelerator.device)
    optimizer = torch.optim.AdamW([p for p in vae.parameters() if p.requires_grad], arguments.learning_rate,
                                  betas=(0.9, 0.99), weight_decay=1e-4, fused=True)
    ema = EMAModel(vae.parameters(), decay=arguments.ema_decay, model_cls=AutoencoderKL, model_config=vae.config)
    ema.to(accelerator.device)
    run = Run(arguments.output, accelerator, arguments.steps, arguments.checkpoint_every)
    model, optimizer = accelerator.prepare(Reconstruction(vae), optimizer)
    adversary = Adversary(accelerator, arguments.perceptual_stages, arguments.learning_rate / 2, arguments.discriminator_weight,
                          max(arguments.discriminator_from, arguments.perceptual_from))
    accelerator.register_for_checkpointing(ema)
    run.resume()

    def write():
        """A diffusers folder, after its validation."""
        validate(vae, crops, run)
        vae.save_pretrained(arguments.output / "ema")

    def batch_at(step: int) -> torch.Tensor:
        """[batch, 3, size, size] in -1..1"""
        random = generator(arguments.seed, step, accelerator.process_index)
        chosen = random.choice(crops.training, arguments.batch)
        parts = [augment(random_crop(crops.pixels[index], arguments.size, random), random) for index in chosen]
        return to_tensor(np.stack(parts)).to(accelerator.device)

    for step in run.steps():
        run.set_learning_rates(optimizer, [arguments.learning_rate], arguments.warm_up, arguments.cool_down)
        images = batch_at(step)
        outputs, divergence = model(images)
        losses = {"l1": F.l1_loss(outputs, images), "colour": colour_loss(outputs, images), "kl": divergence}
        loss, fake, real = losses["l1"] + arguments.colour_weight * losses["colour"], None, None
        if step >= arguments.perceptual_from:
            top, left = generator(arguments.seed + 1, step).integers(arguments.size - arguments.perceptual_size + 1, size=2)
            part = slice(None), slice(None), slice(top, top + arguments.perceptual_size), slice(left, left + arguments.perceptual_size)
            fake, real = trunk(outputs[part]), trunk(images[part])
            losses["perceptual"] = distance(fake, real).mean()
            loss = loss + arguments.perceptual_weight * losses["perceptual"]
        loss = loss + adversary.pull(step, fake, loss, vae.decoder.conv_out.weight, losses)
        accelerator.backward(loss + arguments.kl_weight * images[0].numel() * divergence)
        accelerator.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        ema.step(vae.parameters())
        adversary.learn(step, real, fake, losses)
        if run.finish_step(losses):
            run.save(ema, vae.parameters(), write)


if __name__ == "__main__":
    main()
