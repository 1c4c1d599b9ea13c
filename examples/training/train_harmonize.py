#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Learns local harmonization for a frozen inpainting model: a LoRA and a prompt together (Wang et al. 2024, SEELE).

    accelerate launch train_harmonize.py --model PACK --data DATA --output RUNS/seele

Pairs are made from photographs: the colours of a subject or of any region are shifted (recipes/harmonization.py). Loss: the
square error of the noise that the network predicts against noise + x - x*, for timesteps below --highest-timestep. Use the
result at a strength of --highest-timestep / 1000 at most.

Why 600, as measured with the first mini pack, a v model: in its own output the change x - x* counts 1 / alpha_t times, which
is 1.2 times at t = 200, 2.5 at 600 and 14 at the end, far from anything that it gave before. At low noise it finds the noise
badly (mean square error 0.95 at t = 10, 0.31 at 100, 0.18 at 200, 0.03 at 600, beside 0.59 for the change itself), so that
these timesteps teach little; they are drawn less often.

Writes RUNS/seele/lora/harmonize.safetensors (PEFT's names, as diffusers reads them) and the prompt,
RUNS/seele/task_prompts/harmonize.safetensors: the best ones on held-out pictures. The grids' rows: shifted colours,
harmonized, photograph (as the autoencoder decodes them).
The mini pack's attention is at 16 x 16 cells and coarser, and its first convolution has never seen what is in a hole, so that
the LoRA is in its convolutions too; a large model needs none there.
For Stable Diffusion 1.5 or 2: --attention-only --rank 16 --learning-rate 1e-4 --batch 32 --samples 40000
--timestep-exponent 1 and COCO's photographs.
"""
import argparse
from pathlib import Path

import numpy as np
import torch
from peft.utils import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file

from cache_latents import encode
from recipes.base_model import BaseModel, add_source_arguments, source_of
from recipes.data import generator, to_pixels, to_tensor
from recipes.grid import save_grid
from recipes.harmonization import PARTS, Harmonizer, difference_loss, harmonized, recoloured_sample
from recipes.learned_prompt import DESCRIPTIONS, LearnedPrompt, described, read_prompt, write_prompt
from recipes.lora import ATTENTION, CONVOLUTIONS, add_lora, write_lora
from recipes.masks import latent_mask
from recipes.objective import HIGH_NOISE, draw_timesteps
from recipes.run import Best, Run, begin
from recipes.task_samples import shards

BANDS = 3  # of timesteps, for the log


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="diffusers folder of the inpainting model")
    add_source_arguments(parser)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--lora", type=Path, help="go on from this LoRA, of --rank or a lower one")
    parser.add_argument("--prompt", type=Path, help="and from this prompt, of its length")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--attention-only", action="store_true", help="no LoRA in convolutions")
    parser.add_argument("--length", type=int, default=50, help="rows of the prompt")
    parser.add_argument("--samples", type=int, default=3000, help="encoded once, before the first step")
    parser.add_argument("--validation-samples", type=int, default=64)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=8, help="samples per process")
    parser.add_argument("--learning-rate", type=float, default=2e-3, help="of the LoRA")
    parser.add_argument("--prompt-learning-rate", type=float, default=5e-3)
    parser.add_argument("--warm-up", type=int, default=50)
    parser.add_argument("--cool-down", type=int, default=600, help="last steps, over which the learning rates fall to 0")
    parser.add_argument("--timestep-exponent", type=float, default=HIGH_NOISE, help="that of the UNet's training; 1: uniform")
    parser.add_argument("--highest-timestep", type=int, default=600)
    parser.add_argument("--mask-weight", type=float, default=4, help="of the subject's cells in the loss")
    parser.add_argument("--precision", choices=["no", "bf16", "fp16"], default="no")
    parser.add_argument("--checkpoint-every", type=int, default=200, help="steps between checkpoints, with their validation")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


class Pairs:
    """Encoded pairs of one or more shards, in a device's memory."""

    def __init__(self, files: list[Path], device):
        shards = [np.load(file) for file in files]
        self.right, self.shifted, self.masks = (
            torch.from_numpy(np.concatenate([shard[key] for shard in shards])).to(device) for key in ("right", "shifted", "masks"))

    def __len__(self) -> int:
        return len(self.right)

    def batch(self, chosen: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """x* [B, 4, h, w], x [B, 4, h, w], mask [B, 1, h, w]"""
        numbers = torch.from_numpy(chosen).to(self.right.device)
        right, shifted, masks = (tensor[numbers].float() for tensor in (self.right, self.shifted, self.masks))
        return right, shifted, masks.unsqueeze(1)


def cached(arguments, model: BaseModel, folder: Path) -> tuple[Pairs, Pairs]:
    """Training and held-out pairs, encoded where they are not yet."""
    source = source_of(arguments)

    def write(path: Path, keys, generators):
        draws = list(PARTS.values())
        pixels, subjects, shifted = zip(*(recoloured_sample(source, keys, random, draws[random.integers(len(draws))])
                                          for random in generators))
        right, shifted = (encode(model.vae, to_tensor(np.stack(pictures))) for pictures in (pixels, shifted))
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, right=right, shifted=shifted, masks=np.stack([latent_mask(subject) for subject in subjects]))
        partial.rename(path)

    training, held_out = shards(folder, source, arguments, write)
    return Pairs(training, model.unet.device), Pairs(held_out, model.unet.device)


@torch.no_grad()
def validate(model: BaseModel, harmonizer: Harmonizer, held_out: Pairs, arguments, device) -> dict:
    """Loss in each band of timesteps, with the same timesteps and noise each time, and the mean, on which the best is chosen."""
    edges = np.linspace(0, arguments.highest_timestep, BANDS + 1).astype(int)
    losses = {}
    for band in zip(edges, edges[1:]):
        random, noises, parts = generator(3, int(band[0])), torch.Generator().manual_seed(3), []
        for start in range(0, len(held_out), arguments.batch):
            right, shifted, mask = held_out.batch(np.arange(start, min(start + arguments.batch, len(held_out))))
            timesteps = torch.from_numpy(random.integers(*band, len(right))).to(device)
            noise = torch.randn(right.shape, generator=noises).to(device)
            noisy = model.scheduler.add_noise(shifted, noise, timesteps)
            output = harmonizer(noisy, mask, shifted, timesteps)
            parts.append(float(difference_loss(model.scheduler, output, noisy, noise, timesteps, shifted - right, mask,
                                               arguments.mask_weight)))
        losses[f"validation t {band[0]}-{band[1]}"] = round(float(np.mean(parts)), 6)
    return {"validation": round(float(np.mean(list(losses.values()))), 6), **losses}


@torch.no_grad()
def draw_grid(model: BaseModel, harmonizer: Harmonizer, held_out: Pairs, run: Run, strength: float, count: int = 4) -> float:
    """Harmonizes held-out pairs. Returns what is left of the error of the subject's mean latents, 1 where nothing was gained."""
    right, shifted, mask = held_out.batch(np.linspace(0, len(held_out) - 1, count).astype(int))
    results = [harmonized(harmonizer.unet, model.scheduler, source, part, harmonizer.prompt(source), strength, 10)
               for source, part in zip(shifted.split(1), mask.split(1))]
    result = torch.cat(results) * mask + shifted * (1 - mask)
    before, after = ((((latents - right) * mask).sum((2, 3)) / mask.sum((2, 3))).abs().mean() for latents in (shifted, result))
    rows = [model.vae.decode(part / model.vae.config.scaling_factor).sample for part in (shifted, result, right)]
    save_grid(run.grids / f"{run.step:06}.png", [list(to_pixels(row)) for row in rows])
    return float(after / before)


@torch.no_grad()
def carry_over(path: Path, unet):
    """An earlier LoRA into the adapter, as `write_lora` wrote it. Ranks that it did not have add nothing at first."""
    state, earlier = get_peft_model_state_dict(unet), load_file(path)
    for name, tensor in state.items():
        old = earlier[f"unet.{name}"]
        if "lora_A" in name:
            tensor[:len(old)] = old
        else:
            tensor[:, :old.shape[1]] = old
    set_peft_model_state_dict(unet, state)


def main():
    arguments = parse_arguments()
    accelerator = begin(arguments.seed, arguments.precision)
    device = accelerator.device
    model = BaseModel(arguments.model, device)
    folder = arguments.output / "harmonize"
    with accelerator.main_process_first(), accelerator.autocast():
        training, held_out = cached(arguments, model, folder / "latents")
    add_lora(model.unet, arguments.rank, ATTENTION if arguments.attention_only else ATTENTION + CONVOLUTIONS)
    if arguments.lora:
        carry_over(arguments.lora, model.unet)
    prompt = LearnedPrompt(read_prompt(arguments.prompt).to(device) if arguments.prompt else
                           described(model, DESCRIPTIONS["harmonize"], arguments.length))
    harmonizer = Harmonizer(model.unet, prompt)

    rates = (arguments.learning_rate, arguments.prompt_learning_rate)
    low_rank = [parameter for parameter in model.unet.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW([{"params": low_rank}, {"params": prompt.parameters()}], rates[0], weight_decay=0.01)
    run = Run(folder, accelerator, arguments.steps, arguments.checkpoint_every)
    best = Best()
    learner, optimizer = accelerator.prepare(harmonizer, optimizer)
    accelerator.register_for_checkpointing(best)
    run.resume()
    if run.step == 0:
        run.note({"step": 0, **validate(model, harmonizer, held_out, arguments, device)})

    for step in run.steps():
        run.set_learning_rates(optimizer, rates, arguments.warm_up, arguments.cool_down)
        random = generator(arguments.seed, step, accelerator.process_index)
        right, shifted, mask = training.batch(random.choice(len(training), arguments.batch))
        timesteps = (draw_timesteps(random, arguments.batch, arguments.timestep_exponent) * arguments.highest_timestep // 1000).to(device)
        noise = torch.randn_like(right)
        noisy = model.scheduler.add_noise(shifted, noise, timesteps)
        with accelerator.autocast():
            output = learner(noisy, mask, shifted, timesteps)
        loss = difference_loss(model.scheduler, output, noisy, noise, timesteps, shifted - right, mask, arguments.mask_weight)
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(harmonizer.learning().values(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if run.finish_step({"loss": loss}):
            measured = validate(model, harmonizer, held_out, arguments, device)
            improved = best.improved(measured["validation"])
            if accelerator.is_main_process:
                remaining = draw_grid(model, harmonizer, held_out, run, arguments.highest_timestep / 1000)
                run.note({"step": run.step, **measured, "colour error left": round(remaining, 4)})
                if improved:
                    write_lora(arguments.output / "lora/harmonize.safetensors", model.unet)
                    write_prompt(arguments.output / "task_prompts/harmonize.safetensors", prompt.context)
            run.checkpoint()
    accelerator.print(f"{arguments.output}/lora/harmonize.safetensors: held-out loss {best.loss:.5f}")


if __name__ == "__main__":
    main()
