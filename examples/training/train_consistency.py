#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Latent consistency distillation (Luo et al. 2023, LCM) of an inpainting model: fills in 1 to 4 steps without guidance.

    accelerate launch train_consistency.py --model PACK --latents LATENTS --output RUNS/consistency

Teacher: the model itself, guided by a scale drawn for each sample, for one DDIM step of 20 timesteps from a noised sample.
Student: the model again. What it makes of the noised sample shall be what the target, its average (--ema-decay), makes of
the teacher's step (recipes/consistency.py). In the pseudo-Huber loss cells outside the hole count KNOWN_WEIGHT as much.

Without --rank the whole UNet learns, and is told the scale (`time_cond_proj_dim`): RUNS/consistency/ema/unet, which goes in
the place of the model's `unet/`. With --rank a LoRA learns (LCM-LoRA, Luo et al. 2023), which is told no scale:
RUNS/consistency/lcm-lora.safetensors. Both are for `sampler=lcm`. With each checkpoint the average is written.

LATENTS are cache_latents.py's, with the model's autoencoder. A share of samples, --begin, is noise alone at the last
timestep, for models whose training had the same (train_inpainting.py). The grids' rows: masked picture, the guided teacher's
fill, the student's in 1, 2 and 4 steps, picture (as the autoencoder decodes them).

The defaults are for the mini pack. For Stable Diffusion 1.5, crops of 512 (collect_photographs.py --size 512) and
    --rank 64 --guidance 3 15 --timestep-exponent 1 --begin 0 --batch 16 --teacher-steps 20
"""
import argparse
import copy
from functools import partial
from pathlib import Path

import numpy as np
import torch
from diffusers import LCMScheduler, UNet2DConditionModel
from diffusers.models.embeddings import get_timestep_embedding
from diffusers.training_utils import EMAModel
from torch.func import functional_call

from recipes.base_model import BaseModel
from recipes.consistency import SKIP, consistent, earlier, huber
from recipes.data import generator, to_pixels
from recipes.grid import save_grid
from recipes.latents import Latents, windows
from recipes.lora import ATTENTION, CONVOLUTIONS, Learner, add_lora, write_lora
from recipes.objective import HIGH_NOISE, clean_estimate, levels, noise_in, noised, weighted
from recipes.run import Run, begin
from recipes.samples import VALIDATION, training_shards
from recipes.sampling import denoise, guided

LAYERS = [*ATTENTION, *CONVOLUTIONS, "ff.net.2", "time_emb_proj"]  # LCM-LoRA's, and the first convolution
TOLD = 256  # width of the guidance's embedding
STUDENT_STEPS = (1, 2, 4)


class Student(Learner):
    """A UNet with a LoRA, of a rank above 0; with 0 a UNet all of which learns, and which is told the guidance."""

    def __init__(self, teacher: UNet2DConditionModel, rank: int):
        super().__init__()
        if rank:
            self.unet = copy.deepcopy(teacher)
            add_lora(self.unet, rank, LAYERS)
        else:
            self.unet = UNet2DConditionModel.from_config(teacher.config, time_cond_proj_dim=TOLD)
            told = self.unet.time_embedding.cond_proj.weight
            torch.nn.init.zeros_(told)  # begins as the teacher without guidance
            self.unet.load_state_dict(teacher.state_dict() | {"time_embedding.cond_proj.weight": told})

    def told(self, guidance: torch.Tensor):
        """The UNet for scales [B], in place of one that knows none."""
        embedding = get_timestep_embedding(1000 * (guidance - 1), TOLD) if self.unet.config.time_cond_proj_dim else None
        return partial(self.unet, timestep_cond=embedding)

    def forward(self, noisy, conditioning, timesteps, context, guidance):
        """noisy [B, 4, h, w], conditioning [B, 5, h, w], timesteps [B], context [B, L, D], guidance [B] -> [B, 4, h, w]"""
        return self.told(guidance)(torch.cat([noisy, conditioning], dim=1), timesteps, context).sample


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="diffusers folder of the inpainting model")
    parser.add_argument("--latents", type=Path, required=True, help="what cache_latents.py wrote with its autoencoder")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--rank", type=int, default=0, help="of a LoRA; 0: the whole UNet learns")
    parser.add_argument("--guidance", type=float, nargs=2, default=(1, 2), help="the lowest and the highest scale")
    parser.add_argument("--teacher-steps", type=int, default=1, help="the model's own, for comparison; most have 20")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=8, help="samples per process")
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--warm-up", type=int, default=50)
    parser.add_argument("--cool-down", type=int, default=0, help="last steps, over which the learning rate falls to 0")
    parser.add_argument("--ema-decay", type=float, default=0.95)
    parser.add_argument("--timestep-exponent", type=float, default=HIGH_NOISE, help="that of the UNet's training; 1: uniform")
    parser.add_argument("--begin", type=float, default=0.3, help="share of samples that are noise alone; see above")
    parser.add_argument("--window", type=int, help="side, in cells, of the random window of each sample that is trained on")
    parser.add_argument("--prompt-dropout", type=float, default=0.15)
    parser.add_argument("--precision", choices=["no", "bf16", "fp16"], default="no")
    parser.add_argument("--checkpoint-every", type=int, default=200, help="steps between checkpoints, with their validation")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


@torch.no_grad()
def solved(model: BaseModel, noisy, conditioning, timesteps, context, guidance) -> torch.Tensor:
    """One DDIM step of the guided teacher, to `earlier(timesteps)`; noisy [B, 4, h, w] -> [B, 4, h, w]"""
    sample, empty = torch.cat([noisy, conditioning], dim=1), model.context("").expand(len(noisy), -1, -1)
    output = guided(model.unet, sample, timesteps, context, empty, guidance.view(-1, 1, 1, 1)).float()
    signal, spread = levels(model.scheduler, noisy, earlier(timesteps))
    predictions = (part(model.scheduler, output, noisy, timesteps) for part in (clean_estimate, noise_in))
    return sum(level * prediction for level, prediction in zip((signal, spread), predictions))


@torch.no_grad()
def validate(model: BaseModel, student: Student, held_out: Latents, arguments, run: Run, count: int = 8):
    """Fills `count` held-out samples, notes the mean error of the latents in their holes, and draws them."""
    guidance = sum(arguments.guidance) / 2
    chosen = np.linspace(0, len(held_out) - 1, count).astype(int)
    latents, conditioning, captions = held_out.batch(chosen)
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(0)).to(latents)
    contexts = [model.contexts(prompts) for prompts in (captions, [""] * count)]
    few, told = LCMScheduler.from_config(model.scheduler.config), student.told(latents.new_full((1,), guidance))
    inputs = noise, conditioning, *contexts
    fills = {"teacher": denoise(model.unet, model.scheduler, *inputs, guidance, arguments.teacher_steps)}
    for steps in STUDENT_STEPS:
        with torch.random.fork_rng():  # the sampler's own draws
            torch.manual_seed(0)
            fills[f"student_{steps}"] = denoise(told, few, *inputs, 1, steps)
    hole = conditioning[:, :1]
    errors = {name: float(((fill - latents).abs() * hole).sum() / (4 * hole.sum())) for name, fill in fills.items()}
    run.note({"step": run.step, **{f"validation_{name}": round(error, 4) for name, error in errors.items()}})
    rows = [conditioning[:, 1:], *(fill * hole + latents * (1 - hole) for fill in fills.values()), latents]
    pictures = [model.vae.decode(row / model.vae.config.scaling_factor).sample for row in rows]
    save_grid(run.grids / f"{run.step:06}.png", [list(to_pixels(row)) for row in pictures])


def main():
    arguments = parse_arguments()
    accelerator = begin(arguments.seed, arguments.precision)
    device = accelerator.device
    model = BaseModel(arguments.model, device)
    model.unet.to(memory_format=torch.channels_last)
    student = Student(model.unet, arguments.rank).to(device, memory_format=torch.channels_last)
    training = Latents(training_shards(arguments.latents), device)
    held_out = Latents([arguments.latents / VALIDATION], device)

    names, parameters = zip(*student.learning().items())
    optimizer = torch.optim.AdamW(parameters, arguments.learning_rate, betas=(0.9, 0.99), weight_decay=1e-3, fused=True)
    ema = EMAModel(parameters, decay=arguments.ema_decay)
    ema.to(device)
    run = Run(arguments.output, accelerator, arguments.steps, arguments.checkpoint_every)
    learner, optimizer = accelerator.prepare(student, optimizer)
    accelerator.register_for_checkpointing(ema)
    run.resume()

    def write():
        """What the model's user takes, after its validation."""
        validate(model, student, held_out, arguments, run)
        if arguments.rank:
            write_lora(arguments.output / "lcm-lora.safetensors", student.unet)
        else:
            student.unet.save_pretrained(arguments.output / "ema/unet")

    def averaged(*inputs):
        """The target's output."""
        return functional_call(student, dict(zip(names, ema.shadow_params)), inputs)

    for step in run.steps():
        run.set_learning_rates(optimizer, [arguments.learning_rate], arguments.warm_up, arguments.cool_down)
        random = generator(arguments.seed, step, accelerator.process_index)
        latents, conditioning, captions = training.batch(random.choice(len(training), arguments.batch))
        if arguments.window:
            latents, conditioning = windows(latents, conditioning, arguments.window, random)
        context = model.contexts(["" if random.random() < arguments.prompt_dropout else text for text in captions])
        guidance = torch.from_numpy(random.uniform(*arguments.guidance, arguments.batch)).to(latents)
        noises = torch.Generator().manual_seed(int(random.integers(2**63)))
        noisy, _, timesteps = noised(model.scheduler, latents, random, arguments.timestep_exponent, arguments.begin, noises,
                                     SKIP)

        def clean(network, noisy, timesteps):
            output = network(noisy, conditioning, timesteps, context, guidance).float()
            return consistent(noisy, clean_estimate(model.scheduler, output, noisy, timesteps), timesteps)

        with torch.no_grad(), accelerator.autocast():
            before = solved(model, noisy, conditioning, timesteps, context, guidance)
            target = clean(averaged, before, earlier(timesteps))
        with accelerator.autocast():
            result = clean(learner, noisy, timesteps)
        loss = weighted(huber(result - target).mean(1, keepdim=True), conditioning[:, :1])
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        ema.step(parameters)
        if run.finish_step({"loss": loss}):
            run.save(ema, parameters, write)


if __name__ == "__main__":
    main()
