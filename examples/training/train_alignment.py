#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""The alignment module: from the masked autoencoder's features to the UNet's context, in place of a prompt (ASUKA).

    accelerate launch train_alignment.py --data DATA --latents LATENTS --pack PACK --mae RUNS/mae/ema --output RUNS/alignment

The pack's UNet and the masked autoencoder are frozen; the objective is the UNet's own, whatever it predicts. At first
the autoencoder sees whole pictures, so that the module learns to say what is there; their share falls to --full-at-end,
for at use it will see masked ones only and guess. --variant chooses one of the talk's ablation, or a learned prompt
that no picture changes. Pictures and holes are made again from --data and --seed, which must be those of cache_latents.py.
RUNS/alignment/ema has the averaged weights as the part alignment/ of a pack, or the prompt as inpaint.safetensors.
Full scale: --pack a diffusers folder of Stable Diffusion, --head-width 64, --timestep-exponent 1 --begin 0.
"""
import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers.training_utils import EMAModel
from torch import nn

from recipes.alignment import VARIANTS, AlignmentModule, alignment_config
from recipes.data import Crops, generator, to_pixels, to_tensor
from recipes.fills import Pack
from recipes.grid import save_grid
from recipes.latents import Latents
from recipes.learned_prompt import LearnedPrompt, write_prompt
from recipes.masked_autoencoder import VisibleMaskedAutoencoder
from recipes.masks import latent_mask
from recipes.objective import HIGH_NOISE, noised, target_of
from recipes.parts import save_part
from recipes.run import Run, begin
from recipes.samples import VALIDATION, Samples, training_shards
from recipes.sampling import denoise


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="what collect_photographs.py wrote")
    parser.add_argument("--latents", type=Path, required=True, help="what cache_latents.py wrote, with the pack's autoencoder")
    parser.add_argument("--pack", type=Path, required=True, help="diffusers folder with autoencoder, UNet and text encoder")
    parser.add_argument("--mae", type=Path, required=True, help="a pack's mae/")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--variant", choices=[*VARIANTS, "prompt"], default="self-4")
    parser.add_argument("--prompt-tokens", type=int, default=50, help="of the variant prompt")
    parser.add_argument("--head-width", type=int, default=32)
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--batch", type=int, default=8, help="samples per process")
    parser.add_argument("--learning-rate", type=float, default=3e-4)
    parser.add_argument("--warm-up", type=int, default=100)
    parser.add_argument("--cool-down", type=int, default=0, help="last steps, over which the learning rate falls to 0")
    parser.add_argument("--ema-decay", type=float, default=0.999)
    parser.add_argument("--full-at-start", type=float, default=1.0, help="share of whole pictures before the masked autoencoder")
    parser.add_argument("--full-at-end", type=float, default=0.1, help="the same at the last step; linear in between")
    parser.add_argument("--hole-weight", type=float, default=4.0, help="of the loss in the hole's cells; 1 elsewhere")
    parser.add_argument("--timestep-exponent", type=float, default=HIGH_NOISE, help="as the UNet was trained; 1 = uniform timesteps")
    parser.add_argument("--begin", type=float, default=0.3, help="share of samples that are noise alone, as the UNet was trained; else 0")
    parser.add_argument("--checkpoint-every", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def new_module(arguments, inputs: int, width: int, patches: int) -> tuple[nn.Module, dict | None]:
    """The module to be trained and its configuration. Blocks begin at 0, so that any depth of self-attention begins as the linear variant."""
    if arguments.variant == "prompt":
        return LearnedPrompt(torch.randn(arguments.prompt_tokens, width)), None
    config = alignment_config(arguments.variant, inputs, width, patches, arguments.head_width)
    module = AlignmentModule.from_config(config)
    for block in module.layers[1:-1]:
        nn.init.zeros_(block.linear2.weight)
        nn.init.zeros_(block.linear2.bias)
    if module.cross:
        nn.init.normal_(module.queries)  # equal ones would stay equal
    return module, config


class Prior:
    """The masked autoencoder's features of cached samples, whose pictures are made again."""

    def __init__(self, mae: Path, samples: Samples, held_out: Latents, device):
        self.mae = VisibleMaskedAutoencoder.from_part(mae).to(device)
        self.samples, self.device = samples, device
        self.pictures = [(picture, hole) for _, picture, hole, *_ in samples.held_out(len(held_out))]
        if any((latent_mask(hole) != mask).any() for (_, hole), mask in zip(self.pictures, held_out.masks)):
            raise SystemExit("the latents were made from other crops or with another --seed than given here")

    def of_training(self, places, full: np.ndarray) -> torch.Tensor:
        """places: (shard, number) of each sample; full: bool [B], for which the whole picture is seen"""
        numbers = [(int(stem.rpartition("-")[2]), number) for stem, number in places]
        return self.features([self.samples.training(*number)[1:3] for number in numbers], full)

    @torch.no_grad()
    def features(self, pictures, full) -> torch.Tensor:
        """[B, T, D]"""
        images = to_tensor(np.stack([picture for picture, _ in pictures]))
        masks = torch.from_numpy(np.stack([hole & ~whole for (_, hole), whole in zip(pictures, full)]))[:, None].float()
        return self.mae(images.to(self.device), masks.to(self.device))[1]


@torch.no_grad()
def validate(module: nn.Module, pack: Pack, prior: Prior, held_out: Latents, run: Run, arguments, count: int = 16):
    """The objective in the hole, also under the empty prompt, and a grid; rows: masked picture, fill, picture, as decoded."""
    scheduler = pack.scheduler
    chosen = np.linspace(0, len(held_out) - 1, count).astype(int)
    latents, conditioning, _ = held_out.batch(chosen)
    hole = conditioning[:, :1]
    noises = torch.Generator().manual_seed(0)
    noisy, noise, timesteps = noised(scheduler, latents, generator(0, 0), arguments.timestep_exponent, arguments.begin, noises)
    sample = torch.cat([noisy, conditioning], 1)
    context = module(prior.features([prior.pictures[index] for index in chosen], [False] * count))  # [count, T, D]
    losses = {}
    for name, words in {"validation_hole": context, "validation_hole_empty_prompt": pack.context("").expand(count, -1, -1)}.items():
        error = pack.unet(sample, timesteps, words).sample - target_of(scheduler, latents, noise, timesteps)
        losses[name] = round(float((error.square() * hole).sum() / (error.shape[1] * hole.sum())), 5)
    run.note({"step": run.step, **losses})

    latents, conditioning, hole, noise, context = (part[::2] for part in (latents, conditioning, hole, noise, context))
    filled = denoise(pack.unet, pack.sampler, noise, conditioning, context, None, guidance=1.0, steps=10)
    filled = filled * hole + latents * (1 - hole)
    rows = [pack.vae.decode(part / pack.vae.config.scaling_factor).sample for part in (conditioning[:, 1:], filled, latents)]
    save_grid(run.grids / f"{run.step:06}.png", [list(to_pixels(row)) for row in rows])


def main():
    arguments = parse_arguments()
    accelerator = begin(arguments.seed)
    pack = Pack(arguments.pack, steps=10, device=accelerator.device)
    held_out = Latents([arguments.latents / VALIDATION], accelerator.device)
    training = Latents(training_shards(arguments.latents), accelerator.device)
    prior = Prior(arguments.mae, Samples(Crops(arguments.data), arguments.seed), held_out, accelerator.device)

    mae, scheduler = prior.mae, pack.scheduler
    module, config = new_module(arguments, mae.mask_token.shape[2], pack.unet.config.cross_attention_dim, mae.grid**2)
    optimizer = torch.optim.AdamW(module.parameters(), arguments.learning_rate, betas=(0.9, 0.99), weight_decay=1e-3, fused=True)
    ema = EMAModel(module.parameters(), decay=arguments.ema_decay)
    ema.to(accelerator.device)
    run = Run(arguments.output, accelerator, arguments.steps, arguments.checkpoint_every)
    model, optimizer = accelerator.prepare(module, optimizer)
    accelerator.register_for_checkpointing(ema)
    run.resume()

    def write():
        """A part of a pack, after its validation."""
        validate(module, pack, prior, held_out, run, arguments)
        if config:
            save_part(arguments.output / "ema", module.state_dict(), config)
        else:
            write_prompt(arguments.output / "ema/inpaint.safetensors", module.context)

    for step in run.steps():
        run.set_learning_rates(optimizer, [arguments.learning_rate], arguments.warm_up, arguments.cool_down)
        random = generator(arguments.seed, step, accelerator.process_index)
        chosen = random.choice(len(training), arguments.batch)
        latents, conditioning, _ = training.batch(chosen)
        share = arguments.full_at_start + (arguments.full_at_end - arguments.full_at_start) * step / arguments.steps
        features = prior.of_training([training.places[index] for index in chosen], random.random(arguments.batch) < share)
        noisy, noise, timesteps = noised(scheduler, latents, random, arguments.timestep_exponent, arguments.begin)
        sample = torch.cat([noisy, conditioning], 1)
        error = (pack.unet(sample, timesteps, model(features)).sample - target_of(scheduler, latents, noise, timesteps)).square()
        weights = 1 + (arguments.hole_weight - 1) * conditioning[:, :1]  # [B, 1, h, w]
        loss = (error * weights).sum() / (error.shape[1] * weights.sum())
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(module.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        ema.step(module.parameters())
        if run.finish_step({"objective": loss}):
            run.save(ema, module.parameters(), write)


if __name__ == "__main__":
    main()
