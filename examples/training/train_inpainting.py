#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""The text-conditioned inpainting UNet, with 9 input channels, and its text encoder.

    accelerate launch train_inpainting.py --latents LATENTS --vae RUNS/vae/ema --output RUNS/unet --steps 100000

Objective: the clean latents, with timesteps t = 1000 u^0.6, more of them at high noise than uniform ones: there the network
must take the fill's colours from the surroundings. An epsilon objective hardly asks for that. A velocity objective does, but
what a young network has not learned then stays in the fill as noise, coloured mottles; of clean latents it stays away as blur.
Cells outside the hole count KNOWN_WEIGHT as much: they are given, and most of a picture. A share of samples, --begin, is
noise alone at the last timestep: there the network has nothing but the surroundings to take colours from. Samplers must begin
at that timestep then, which `timestep_spacing` "trailing" in the scheduler's configuration makes them do.
What a hole takes from its surroundings is learned from small windows too, four of which cost as much as one whole sample:
train with --window 16 first, then on whole samples.
Prompts are dropped with --prompt-dropout, so that guidance works. RUNS/unet/ema has the averaged unet/ and text_encoder/.
"""
import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from diffusers.training_utils import EMAModel
from torch import nn
from transformers import CLIPTokenizer

from recipes.data import generator, to_pixels
from recipes.grid import save_grid
from recipes.latents import Latents, windows
from recipes.objective import HIGH_NOISE, noised, target_of, weight_of, weighted
from recipes.run import Run, begin
from recipes.samples import VALIDATION, training_shards
from recipes.sampling import denoise
from recipes.text import carry_over, new_text_encoder, token_ids

CONFIGS = Path(__file__).parent / "configs/mini"


class Denoiser(nn.Module):
    """UNet and text encoder as one module, so that one EMA and one optimizer hold both."""

    def __init__(self, unet: UNet2DConditionModel, text_encoder: nn.Module):
        super().__init__()
        self.unet, self.text_encoder = unet, text_encoder

    def forward(self, noisy, conditioning, timesteps, ids):
        """noisy [B, 4, h, w], conditioning [B, 5, h, w], timesteps [B], ids [B, 77] -> prediction [B, 4, h, w]"""
        context = self.text_encoder(ids).last_hidden_state  # [B, 77, D]
        return self.unet(torch.cat([noisy, conditioning], dim=1), timesteps, context).sample

    def save(self, folder: Path):
        """Two diffusers folders."""
        self.unet.save_pretrained(folder / "unet")
        self.text_encoder.save_pretrained(folder / "text_encoder")


def new_denoiser(configs: Path, output: Path, weights: Path | None) -> tuple[CLIPTokenizer, Denoiser]:
    """Tokenizer (written to `output`) and model, with the weights of a pack where one is given."""
    tokenizer, text_encoder = new_text_encoder(configs / "text_encoder.json", output / "tokenizer")
    unet = UNet2DConditionModel.from_config(UNet2DConditionModel._dict_from_json_file(configs / "unet.json"))
    if weights:
        unet = UNet2DConditionModel.from_pretrained(weights / "unet", torch_dtype=torch.float32)
        old = type(text_encoder).from_pretrained(weights / "text_encoder", dtype=torch.float32)
        carry_over(old, CLIPTokenizer.from_pretrained(weights / "tokenizer"), text_encoder, tokenizer)
    return tokenizer, Denoiser(unet, text_encoder).to(memory_format=torch.channels_last)  # a fifth faster on two AVX2 cores


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latents", type=Path, required=True, help="what cache_latents.py wrote")
    parser.add_argument("--vae", type=Path, required=True, help="diffusers folder of the autoencoder, for validation grids")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--configs", type=Path, default=CONFIGS, help="folder of unet.json, text_encoder.json, scheduler.json")
    parser.add_argument("--weights", type=Path, help="pack whose UNet and text encoder to start from, with a fresh optimizer")
    parser.add_argument("--steps", type=int, default=100000)
    parser.add_argument("--batch", type=int, default=8, help="samples per process")
    parser.add_argument("--learning-rate", type=float, default=3e-4)
    parser.add_argument("--warm-up", type=int, default=200)
    parser.add_argument("--cool-down", type=int, default=0, help="last steps, over which the learning rate falls to 0")
    parser.add_argument("--ema-decay", type=float, default=0.9995)
    parser.add_argument("--high-noise", type=float, default=HIGH_NOISE, help="exponent h of t = 1000 u^h; 1 draws all timesteps alike")
    parser.add_argument("--begin", type=float, default=0.3, help="share of samples that are noise alone")
    parser.add_argument("--window", type=int, help="side, in cells, of the random window of each sample that is trained on")
    parser.add_argument("--prompt-dropout", type=float, default=0.15)
    parser.add_argument("--precision", choices=["no", "bf16"], default="no", help="bf16 is faster where the processor has AMX")
    parser.add_argument("--checkpoint-every", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


@torch.no_grad()
def validate(model: Denoiser, tokenizer, scheduler, vae, held_out: Latents, run: Run, count: int = 8):
    """Fills `count` held-out samples; rows: masked picture, fill, picture (as the autoencoder decodes them)."""
    device = model.unet.device
    chosen = np.linspace(0, len(held_out) - 1, count).astype(int)
    latents, conditioning, captions = held_out.batch(chosen)
    contexts = [model.text_encoder(token_ids(tokenizer, prompts).to(device)).last_hidden_state for prompts in (captions, [""] * count)]
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(0)).to(device)
    filled = denoise(model.unet, scheduler, noise, conditioning, *contexts, guidance=1.0, steps=10)
    hole = conditioning[:, :1]
    run.note({"step": run.step, "validation_hole_latent_mae": round(float(((filled - latents).abs() * hole).sum() / (4 * hole.sum())), 4)})
    filled = filled * hole + latents * (1 - hole)
    rows = [vae.decode(part.cpu() / vae.config.scaling_factor).sample for part in (conditioning[:, 1:], filled, latents)]
    save_grid(run.grids / f"{run.step:06}.png", [list(to_pixels(row)) for row in rows])


def main():
    arguments = parse_arguments()
    accelerator = begin(arguments.seed, arguments.precision)
    scheduler = DDIMScheduler.from_config(DDIMScheduler._dict_from_json_file(arguments.configs / "scheduler.json"))
    tokenizer, model = new_denoiser(arguments.configs, arguments.output, arguments.weights)
    vae = AutoencoderKL.from_pretrained(arguments.vae).eval()
    held_out = Latents([arguments.latents / VALIDATION], accelerator.device)
    files = training_shards(arguments.latents)
    training = Latents(files, accelerator.device)

    optimizer = torch.optim.AdamW(model.parameters(), arguments.learning_rate, betas=(0.9, 0.99), weight_decay=1e-3, fused=True)
    ema = EMAModel(model.parameters(), decay=arguments.ema_decay)
    ema.to(accelerator.device)
    run = Run(arguments.output, accelerator, arguments.steps, arguments.checkpoint_every)
    denoiser, optimizer = accelerator.prepare(model, optimizer)
    accelerator.register_for_checkpointing(ema)
    run.resume()

    def write():
        """Diffusers folders, after their validation."""
        validate(model, tokenizer, scheduler, vae, held_out, run)
        model.save(arguments.output / "ema")

    for step in run.steps():
        run.set_learning_rates(optimizer, [arguments.learning_rate], arguments.warm_up, arguments.cool_down)
        random = generator(arguments.seed, step, accelerator.process_index)
        latents, conditioning, captions = training.batch(random.choice(len(training), arguments.batch))
        if arguments.window:
            latents, conditioning = windows(latents, conditioning, arguments.window, random)
        captions = ["" if random.random() < arguments.prompt_dropout else text for text in captions]
        noisy, noise, timesteps = noised(scheduler, latents, random, arguments.high_noise, arguments.begin)
        prediction = denoiser(noisy, conditioning, timesteps, token_ids(tokenizer, captions).to(accelerator.device))
        error = (prediction.float() - target_of(scheduler, latents, noise, timesteps)).square().mean(1, keepdim=True)
        hole = conditioning[:, :1]
        error = error * weight_of(scheduler, latents, timesteps)
        loss = weighted(error, hole)
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        ema.step(model.parameters())
        known = 1 - hole
        losses = {"hole": (error * hole).sum() / hole.sum(), "known": (error * known).sum() / known.sum().clamp(min=1)}
        if run.finish_step(losses):
            run.save(ema, model.parameters(), write)
            fresh = training_shards(arguments.latents)
            if fresh != files:
                files, training = fresh, Latents(fresh, accelerator.device)


if __name__ == "__main__":
    main()
