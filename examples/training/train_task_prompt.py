#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Learns one task's prompt for a frozen inpainting model: SEELE's task inversion (Wang et al. 2024).

    accelerate launch train_task_prompt.py --task remove --model PACK --data DATA --output RUNS/seele

The prompt [L, D] stands in place of a text's context. It begins as the text encoder's result for the task's words
(DESCRIPTIONS in recipes/learned_prompt.py) and is the only thing that learns, by the UNet's own objective in the hole; the
task is in the holes (recipes/task_samples.py). The prompt that is best on held-out pictures is kept:
RUNS/seele/task_prompts/TASK.safetensors. RUNS/seele/TASK has the log, the grids (rows: masked picture, fill by the text it
began as, fill by the prompt, picture) and the encoded samples.

The defaults are for the mini pack. For Stable Diffusion 1.5 or 2, as in the paper:
    --learning-rate 8e-5 --batch 32 --steps 9000 --samples 40000 --timestep-exponent 1 --begin 0 --coco-instances ... --coco-images ...
"""
import argparse
from pathlib import Path

import numpy as np
import torch

from cache_latents import write_shard
from recipes.base_model import BaseModel, add_source_arguments, source_of
from recipes.data import generator, to_pixels
from recipes.grid import save_grid
from recipes.latents import Latents
from recipes.learned_prompt import DESCRIPTIONS, LearnedPrompt, described, write_prompt
from recipes.objective import HIGH_NOISE, noised, target_of
from recipes.run import Best, Run, begin
from recipes.sampling import denoise, guided
from recipes.task_samples import TASKS, shards, task_sample


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=TASKS, required=True)
    parser.add_argument("--model", type=Path, required=True, help="diffusers folder of the inpainting model")
    add_source_arguments(parser)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--length", type=int, default=50, help="rows of the prompt")
    parser.add_argument("--samples", type=int, default=2000, help="encoded once, before the first step")
    parser.add_argument("--validation-samples", type=int, default=96)
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--batch", type=int, default=8, help="samples per process")
    parser.add_argument("--learning-rate", type=float, default=1e-2)
    parser.add_argument("--warm-up", type=int, default=20)
    parser.add_argument("--cool-down", type=int, default=200, help="last steps, over which the learning rate falls to 0")
    parser.add_argument("--timestep-exponent", type=float, default=HIGH_NOISE, help="that of the UNet's training; 1: uniform")
    parser.add_argument("--begin", type=float, default=0.3, help="share of samples that are noise alone, as in the UNet's training; else 0")
    parser.add_argument("--guidance", type=float, default=1, help="at which the prompt will be used")
    parser.add_argument("--precision", choices=["no", "bf16", "fp16"], default="no")
    parser.add_argument("--checkpoint-every", type=int, default=100, help="steps between checkpoints, with their validation")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def cached(arguments, model: BaseModel, folder: Path) -> tuple[Latents, Latents]:
    """Training and held-out samples, encoded where they are not yet."""
    source = source_of(arguments)

    def write(path: Path, keys, generators):
        pixels, holes = zip(*(task_sample(arguments.task, source, keys, random) for random in generators))
        write_shard(path, model.vae, pixels, holes, [""] * len(pixels))

    training, held_out = shards(folder, source, arguments, write)
    return Latents(training, model.unet.device), Latents(held_out, model.unet.device)


def hole_error(output: torch.Tensor, target: torch.Tensor, conditioning: torch.Tensor) -> torch.Tensor:
    """Mean square error over the holes' cells; [B, 4, h, w], [B, 4, h, w], [B, 5, h, w]"""
    hole = conditioning[:, :1]
    return ((output - target).square() * hole).sum() / (output.shape[1] * hole.sum())


@torch.no_grad()
def held_out_loss(model: BaseModel, context: torch.Tensor, empty: torch.Tensor, held_out: Latents, arguments, draws: int = 2) -> float:
    """Mean square error in the hole, with the same timesteps and noise each time."""
    random, noises = generator(2, 0), torch.Generator().manual_seed(2)
    total = areas = 0.0
    for start in range(0, draws * len(held_out), arguments.batch):
        chosen = np.arange(start, min(start + arguments.batch, draws * len(held_out))) % len(held_out)
        latents, conditioning, _ = held_out.batch(chosen)
        noisy, noise, timesteps = noised(model.scheduler, latents, random, arguments.timestep_exponent, arguments.begin, noises)
        both = (part.expand(len(chosen), -1, -1) for part in (context, empty))
        output = guided(model.unet, torch.cat([noisy, conditioning], dim=1), timesteps, *both, arguments.guidance)
        area = float(conditioning[:, 0].sum())
        total += area * float(hole_error(output, target_of(model.scheduler, latents, noise, timesteps), conditioning))
        areas += area
    return total / areas


@torch.no_grad()
def draw_grid(model: BaseModel, contexts: list[torch.Tensor], empty: torch.Tensor, held_out: Latents, run: Run, guidance: float, count: int = 4):
    chosen = np.linspace(0, len(held_out) - 1, count).astype(int)
    latents, conditioning, _ = held_out.batch(chosen)
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(0)).to(latents.device)
    hole, columns = conditioning[:, :1], [conditioning[:, 1:]]
    for context in contexts:
        both = (part.expand(count, -1, -1) for part in (context, empty))
        filled = denoise(model.unet, model.scheduler, noise, conditioning, *both, guidance, steps=10)
        columns.append(filled * hole + latents * (1 - hole))
    columns.append(latents)
    pictures = [model.vae.decode(part / model.vae.config.scaling_factor).sample for part in columns]
    save_grid(run.grids / f"{run.step:06}.png", [list(to_pixels(row)) for row in pictures])


def main():
    arguments = parse_arguments()
    accelerator = begin(arguments.seed, arguments.precision)
    device = accelerator.device
    model = BaseModel(arguments.model, device)
    folder = arguments.output / arguments.task
    with accelerator.main_process_first(), accelerator.autocast():
        training, held_out = cached(arguments, model, folder / "latents")
    empty, beginning = model.context(""), described(model, DESCRIPTIONS[arguments.task], arguments.length)

    prompt = LearnedPrompt(beginning)
    optimizer = torch.optim.AdamW(prompt.parameters(), arguments.learning_rate, weight_decay=0.01)
    run = Run(folder, accelerator, arguments.steps, arguments.checkpoint_every)
    best, written = Best(), arguments.output / "task_prompts" / f"{arguments.task}.safetensors"
    learner, optimizer = accelerator.prepare(prompt, optimizer)
    accelerator.register_for_checkpointing(best)
    run.resume()
    if run.step == 0:
        loss = held_out_loss(model, beginning, empty, held_out, arguments)
        run.note({"step": 0, "validation": round(loss, 6)})

    for step in run.steps():
        run.set_learning_rates(optimizer, [arguments.learning_rate], arguments.warm_up, arguments.cool_down)
        random = generator(arguments.seed, step, accelerator.process_index)
        latents, conditioning, _ = training.batch(random.choice(len(training), arguments.batch))
        noisy, noise, timesteps = noised(model.scheduler, latents, random, arguments.timestep_exponent, arguments.begin)
        with accelerator.autocast():
            both = learner(latents), empty.expand(len(latents), -1, -1)
            output = guided(model.unet, torch.cat([noisy, conditioning], dim=1), timesteps, *both, arguments.guidance)
        loss = hole_error(output.float(), target_of(model.scheduler, latents, noise, timesteps), conditioning)
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
        if run.finish_step({"loss": loss}):
            context = prompt.context.detach()
            validation = held_out_loss(model, context, empty, held_out, arguments)
            run.note({"step": run.step, "validation": round(validation, 6)})
            if best.improved(validation) and accelerator.is_main_process:
                write_prompt(written, context)
            if accelerator.is_main_process:
                draw_grid(model, [beginning, context], empty, held_out, run, arguments.guidance)
            run.checkpoint()
    accelerator.print(f"{written}: held-out loss {best.loss:.5f}")


if __name__ == "__main__":
    main()
