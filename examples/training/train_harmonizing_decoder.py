#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""The harmonizing decoder: Stable Diffusion's, with a branch that sees the known pixels, so that fills take on their colours.

    accelerate launch train_harmonizing_decoder.py --data DATA --pack PACK --output RUNS/harmonizing_decoder

It starts from the pack's decoder; autoencoder and UNet are frozen. Loss as Asymmetric VQGAN's (Zhu et al. 2023): L1 +
features of VGG16, and after --discriminator-from steps a discriminator, here on the same features. Half of the samples have
a hole everywhere.
ASUKA's two augmentations teach it to harmonize, with a probability each (0 leaves one out, for the talk's ablation):
the latents are those of the picture in shifted colours, or the UNet's one-step estimate of them from noise, while known
pixels and target stay as they are. With --mae and --alignment the estimate is under ASUKA's context, else the empty prompt's.
RUNS/harmonizing_decoder/ema has the averaged weights as the part harmonizing_decoder/ of a pack.
Full scale: --pack a diffusers folder of Stable Diffusion, --learning-rate 3.6e-4, --discriminator-from 50001,
--discriminator-weight 0.8, --perceptual-weight 1, --perceptual-size 128, --decoder-rate 0.1.
"""
import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers.training_utils import EMAModel
from torch.nn import functional as F

from recipes.alignment import AlignmentModule
from recipes.colour_shift import shift_colours
from recipes.data import Crops, augment, generator, to_pixels, to_tensor
from recipes.discriminator import Adversary
from recipes.fills import Pack
from recipes.grid import save_grid
from recipes.harmonizing_decoder import HarmonizingDecoder
from recipes.linear_start import begin_with_known_colours
from recipes.masked_autoencoder import VisibleMaskedAutoencoder
from recipes.masks import evaluation_mask, latent_mask, random_mask
from recipes.objective import clean_estimate, noised
from recipes.parts import save_part
from recipes.perceptual import VGGTrunk, distance
from recipes.run import Run, begin


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="what collect_photographs.py wrote")
    parser.add_argument("--pack", type=Path, required=True, help="diffusers folder with autoencoder, UNet and text encoder")
    parser.add_argument("--mae", type=Path, help="a pack's mae/")
    parser.add_argument("--alignment", type=Path, help="a pack's alignment/")
    parser.add_argument("--decoder", type=Path, help="go on from this harmonizing_decoder/ instead of the pack's plain one")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--batch", type=int, default=4, help="crops per process")
    parser.add_argument("--size", type=int, default=128, help="side of the part of a crop that is decoded, about the hole")
    parser.add_argument("--learning-rate", type=float, default=4e-4, help="of the condition encoder")
    parser.add_argument("--decoder-rate", type=float, default=0.25, help="of what was trained before, in learning rates")
    parser.add_argument("--warm-up", type=int, default=200)
    parser.add_argument("--cool-down", type=int, default=0, help="last steps, over which the learning rate falls to 0")
    parser.add_argument("--ema-decay", type=float, default=0.998)
    parser.add_argument("--whole", type=float, default=0.5, help="share of samples with a hole everywhere")
    parser.add_argument("--colour-probability", type=float, default=0.5, help="of shifted colours behind the latents")
    parser.add_argument("--latent-probability", type=float, default=0.5, help="of the UNet's one-step estimate as latents")
    parser.add_argument("--begin", type=float, default=0, help="share of estimates from noise alone, as a fill of one step is made")
    parser.add_argument("--perceptual-weight", type=float, default=0.1)
    parser.add_argument("--perceptual-size", type=int, default=64, help="side of the part of it that VGG sees")
    parser.add_argument("--perceptual-stages", type=int, default=3)
    parser.add_argument("--discriminator-from", type=int, default=10**9)
    parser.add_argument("--discriminator-rate", type=float, default=4e-4)
    parser.add_argument("--discriminator-weight", type=float, default=0.5)
    parser.add_argument("--precision", choices=["no", "bf16"], default="no", help="bf16 is faster where the processor has it")
    parser.add_argument("--checkpoint-every", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


class FrozenGenerator:
    """What latents the decoder is to expect: the autoencoder's, or the UNet's estimate of them."""

    def __init__(self, pack: Pack, mae: Path | None, alignment: Path | None):
        self.pack, self.device = pack, pack.unet.device
        self.mae = VisibleMaskedAutoencoder.from_part(mae).to(self.device) if mae and alignment else None
        self.alignment = AlignmentModule.from_part(alignment).to(self.device) if mae and alignment else None

    def context(self, images: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
        if self.alignment is None:
            return self.pack.context("").expand(len(images), -1, -1)
        return self.alignment(self.mae(images, masks)[1])

    @torch.no_grad()
    def encode(self, images: torch.Tensor) -> torch.Tensor:
        """[B, 3, H, W] -> scaled latents [B, 4, H/8, W/8]"""
        return self.pack.encode(images).float()

    @torch.no_grad()
    def one_step(self, noisy: torch.Tensor, timesteps, images: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
        """The UNet's estimate of the clean latents behind `noisy`, given what is known of `images`."""
        cells = torch.from_numpy(np.stack([latent_mask(mask[0] > 0) for mask in masks.cpu().numpy()])).to(noisy)[:, None]
        scheduler = self.pack.scheduler
        sample = torch.cat([noisy, cells, self.encode(images * (1 - masks))], 1)
        prediction = self.pack.unet(sample, timesteps, self.context(images, masks)).sample
        return clean_estimate(scheduler, prediction.float(), noisy, timesteps)


CELL = 8  # pixels along a cell of the latents


def windows(images: torch.Tensor, corners: np.ndarray, size: int) -> torch.Tensor:
    """[B, C, H, W] -> [B, C, size, size], each from its own corner"""
    return torch.stack([image[:, top:top + size, left:left + size] for image, (top, left) in zip(images, corners)])


def corners_about_holes(masks: torch.Tensor, size: int, random: np.random.Generator, spacing: int = 1) -> np.ndarray:
    """Top left of windows with a random pixel of each hole at their middle, as far as the borders allow, at multiples of `spacing`.

    masks: [B, 1, H, W] -> [B, 2]
    """
    places = [mask[0].nonzero() for mask in masks.cpu()]
    middles = np.stack([hole[random.integers(len(hole))].numpy() for hole in places])
    return np.clip(middles - size // 2, 0, np.array(masks.shape[-2:]) - size) // spacing * spacing


@torch.no_grad()
def validate(decoder: HarmonizingDecoder, source: FrozenGenerator, crops: Crops, run: Run, count: int = 8):
    """Held-out crops of which the latents have other colours; rows: hole, the pack's decoder, this decoder, picture."""
    images = to_tensor(crops.pixels[crops.validation_sample(count)])  # [count, 3, H, W]
    holes = np.stack([evaluation_mask(images.shape[-1], generator(0, number)) for number in range(count)])
    masks = torch.from_numpy(holes)[:, None].float()
    latents = source.encode(torch.stack([shift_colours(image, generator(1, n)) for n, image in enumerate(images)]).to(source.device))
    plain = source.pack.vae.decode(latents / source.pack.vae.config.scaling_factor).sample.cpu().clamp(-1, 1)
    output = decoder(latents, images.to(source.device), masks.to(source.device)).cpu().clamp(-1, 1)
    known = 1 - masks
    for name, picture, region in (("hole_psnr", output, masks), ("known_psnr", output, known), ("hole_psnr_plain", plain, masks)):
        error = ((picture - images).square() * region).sum((1, 2, 3)) / (12 * region.sum((1, 2, 3)))
        run.note({"step": run.step, f"validation_{name}": round(float((-10 * error.log10()).mean()), 3)})
    rows = [images * known, images * known + plain * masks, output, images]
    save_grid(run.grids / f"{run.step:06}.png", [list(to_pixels(row)) for row in rows])


def main():
    arguments = parse_arguments()
    accelerator = begin(arguments.seed, arguments.precision)
    crops = Crops(arguments.data)
    source = FrozenGenerator(Pack(arguments.pack, steps=1, device=accelerator.device), arguments.mae, arguments.alignment)

    if arguments.decoder:
        decoder = HarmonizingDecoder.from_part(arguments.decoder).train().requires_grad_(True)
    else:
        decoder = HarmonizingDecoder.from_autoencoder(source.pack.vae)
        begin_with_known_colours(decoder.decoder.condition_encoder)
    fresh = list(decoder.decoder.condition_encoder.parameters())
    trained = [parameter for name, parameter in decoder.named_parameters() if "condition_encoder" not in name]
    trunk = VGGTrunk(arguments.perceptual_stages).to(accelerator.device)
    rates = (arguments.learning_rate, arguments.decoder_rate * arguments.learning_rate)
    optimizer = torch.optim.AdamW([{"params": fresh}, {"params": trained}], rates[0], betas=(0.9, 0.99), weight_decay=1e-4, fused=True)
    ema = EMAModel(decoder.parameters(), decay=arguments.ema_decay)
    ema.to(accelerator.device)
    run = Run(arguments.output, accelerator, arguments.steps, arguments.checkpoint_every)
    model, optimizer = accelerator.prepare(decoder, optimizer)
    adversary = Adversary(accelerator, arguments.perceptual_stages, arguments.discriminator_rate, arguments.discriminator_weight,
                          arguments.discriminator_from)
    accelerator.register_for_checkpointing(ema)
    run.resume()

    def write():
        """A part of a pack, after its validation."""
        validate(decoder, source, crops, run)
        save_part(arguments.output / "ema", decoder.state_dict(), decoder.config)

    def batch_at(random: np.random.Generator):
        """images [batch, 3, size, size], masks [batch, 1, size, size], latents [batch, 4, size / 8, size / 8]

        Latents come from whole crops, and parts of those are decoded: the UNet is used to larger pictures.
        """
        pictures = [augment(crops.pixels[index], random) for index in random.choice(crops.training, arguments.batch)]
        images, side = to_tensor(np.stack(pictures)), len(pictures[0])
        holes = [np.ones((side, side), bool) if random.random() < arguments.whole else random_mask(side, random) for _ in pictures]
        shifted = [shift_colours(image, random) if random.random() < arguments.colour_probability else image for image in images]
        masks = torch.from_numpy(np.stack(holes))[:, None].float().to(accelerator.device)
        images, latents = images.to(accelerator.device), source.encode(torch.stack(shifted).to(accelerator.device))
        estimated = torch.from_numpy(random.random(arguments.batch) < arguments.latent_probability)
        noisy, _, timesteps = noised(source.pack.scheduler, latents, random, 1, arguments.begin)
        if estimated.any():
            latents[estimated] = source.one_step(*(part[estimated] for part in (noisy, timesteps, images, masks)))
        corners = corners_about_holes(masks, arguments.size, random, CELL)
        pixels = [windows(part, corners, arguments.size) for part in (images, masks)]
        return *pixels, windows(latents, corners // CELL, arguments.size // CELL)

    for step in run.steps():
        run.set_learning_rates(optimizer, rates, arguments.warm_up, arguments.cool_down)
        random = generator(arguments.seed, step, accelerator.process_index)
        with accelerator.autocast():
            images, masks, latents = batch_at(random)
            outputs = model(latents, images, masks)
            # anywhere: windows on the cells' borders let the decoder learn mosaics that hide behind VGG's pooling
            corners = corners_about_holes(masks, arguments.perceptual_size, random)
            fake, real, holes = (windows(part, corners, arguments.perceptual_size) for part in (outputs, images, masks))
            fake, real = trunk(fake), trunk(real)
            losses = {"l1": F.l1_loss(outputs, images), "perceptual": distance(fake, real).mean()}
        loss = losses["l1"] + arguments.perceptual_weight * losses["perceptual"]
        loss = loss + adversary.pull(step, fake, loss, decoder.decoder.conv_out.weight, losses, holes)
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(decoder.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        ema.step(decoder.parameters())
        adversary.learn(step, real, fake, losses, holes)
        if run.finish_step(losses):
            run.save(ema, decoder.parameters(), write)


if __name__ == "__main__":
    main()
