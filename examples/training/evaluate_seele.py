#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Measures a pack's task prompts and harmonization on held-out photographs: does each do what it says?

    python evaluate_seele.py --data DATA --pack PACK --output RUNS/evaluation-seele --count 48

Writes TASK.md, TASK.json and contact sheets TASK-0.png, ... for each task. The fills are the operations' own, through the
installed tool, all with color-match, the model's own detail (--detail) and without growing the hole. Each learned prompt is
compared with the empty prompt and the word "background" on inpaint:sd-inpaint, with the same holes and noise. The measures
(recipes/measures.py):

    remove      how much more the fill is like the subject than like its surroundings, by features and by mean colour, and
                its novelty, the mean distance of its features to the nearest of the known picture: all the lower the better
    complete    a part of a textured subject is hidden: PSNR of the hole, feature distance, and the same two likenesses,
                the higher the better; besides, how far the fills of complete and remove differ
    harmonize   a subject, and in a second table a region of any outline, has shifted colours: error of its mean colour against
                the photograph, in 8-bit steps, and SSIM of the gradient's size in and around it, against the input and
                against the photograph
"""
import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler
from safetensors.torch import load_file
from skimage.metrics import structural_similarity
from tqdm import tqdm

from evaluate import measure
from recipes.data import generator, to_pixels, to_tensor
from recipes.fills import Pack
from recipes.harmonization import PARTS, harmonized, recoloured_sample, resampled
from recipes.learned_prompt import read_prompt
from recipes.masks import latent_mask
from recipes.measures import colour_error, colour_lean, gradient_size, hole_psnr, lean, novelty
from recipes.perceptual import VGGTrunk
from recipes.product import Product
from recipes.subjects import SegmentedCrops
from recipes.tables import means, write_sheets, write_table
from recipes.task_masks import completion, dilated
from recipes.task_samples import picture_with_subject

STAGE, CELL = 2, 4  # VGG's third stage: 256 features for each 4 x 4 pixels
TEXTURED = 12  # standard deviation of the brightness inside a subject from which it counts as textured
GRADIENT_RANGE = 128  # of the gradient's size, for SSIM


class Features:
    """VGG features of pictures, and masks at their size."""

    def __init__(self):
        self.trunk = VGGTrunk()

    @torch.no_grad()
    def of(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 [H, W, 3] -> [256, H/4, W/4]"""
        return self.trunk(to_tensor(pixels[None]))[STAGE][0].numpy()

    @staticmethod
    def cells(mask: np.ndarray) -> np.ndarray:
        """bool [H, W] -> bool [H/4, W/4]: cells of which the mask has half; those it touches where there is none."""
        height, width = mask.shape
        shares = mask.reshape(height // CELL, CELL, width // CELL, CELL).mean((1, 3))
        return shares >= 0.5 if (shares >= 0.5).any() else shares > 0


def ring(subject: np.ndarray) -> np.ndarray:
    """The subject's surroundings: 5 to 24 pixels from its edge"""
    return dilated(subject, 24) & ~dilated(subject, 4)


def likenesses(features: Features, fill, picture, hole, subject, surroundings) -> dict:
    masks = hole, subject, surroundings
    by_features = lean(features.of(fill), features.of(picture), *map(features.cells, masks))
    return {"like the subject": by_features, "colour of the subject": colour_lean(fill, picture, *masks)}


def compare(task: str, cases, methods: dict, measure_fill, output: Path) -> list[dict]:
    """Fills every case (picture, hole, subject) by every method; writes the table and the sheets. Returns each case's fills."""
    scores, rows, fills_of_cases = {name: [] for name in methods}, [], []
    for picture, hole, subject in tqdm(cases, desc=task):
        fills = {name: method(picture, hole) for name, method in methods.items()}
        for name, fill in fills.items():
            scores[name].append(measure_fill(fill, picture, hole, subject))
        fills_of_cases.append(fills)
        rows.append([np.where(hole[..., None], np.uint8(128), picture), *fills.values(), picture])
    text = write_table(output / task, means(scores))
    write_sheets(output / task, rows)
    print(f"{task}; columns of the sheets: hole, {', '.join(methods)}, photograph\n{text}")
    return fills_of_cases


def fills_of(arguments, **methods) -> dict:
    """{name: (picture, hole) -> fill}; methods: by name, an operation with its properties"""
    product = Product(arguments.tool, arguments.pack)

    def method(operation, properties):
        return lambda picture, hole: product.run(
            operation, picture, hole, grow=0, color_match="true", decoder="plain", detail=arguments.detail,
            **properties)

    return {name: method(operation, properties) for name, (operation, properties) in methods.items()}


EMPTY, BACKGROUND = ("sd-inpaint", {}), ("sd-inpaint", {"prompt": "background"})
REMOVE, COMPLETE = ("seele-remove", {}), ("seele-complete", {})


def remove(source, features: Features, arguments):
    cases = []
    for number in range(arguments.count):
        picture, subject = picture_with_subject(source, source.validation, generator(6, number))
        cases.append((picture, dilated(subject), subject))

    def measured(fill, picture, hole, subject):
        novel = novelty(features.of(fill), features.of(picture), features.cells(subject), features.cells(~dilated(hole)))
        return {**likenesses(features, fill, picture, hole, subject, ring(subject)), "novelty": novel}

    methods = fills_of(arguments, empty=EMPTY, background=BACKGROUND, learned=REMOVE)
    compare("remove", cases, {**methods, "not removed": lambda picture, hole: picture}, measured, arguments.output)


def textured_case(source, number: int):
    """A picture, a hole in its textured subject, and the part of the subject that is still visible"""
    random = generator(7, number)
    while True:
        picture, subject = picture_with_subject(source, source.validation, random)
        hole = completion(subject, random)
        if hole is not None and (picture[subject] @ (0.299, 0.587, 0.114)).std() >= TEXTURED and (subject & ~hole).mean() > 0.01:
            return picture, hole, subject


def complete(source, features: Features, arguments):
    def measured(fill, picture, hole, subject):
        distance = measure(features.trunk, fill, picture, hole)["feature distance"]
        return {"hole PSNR": hole_psnr(fill, picture, hole), "feature distance": distance,
                **likenesses(features, fill, picture, hole, subject & ~hole, ring(subject))}

    methods = fills_of(arguments, empty=EMPTY, background=BACKGROUND, remove=REMOVE, complete=COMPLETE)
    cases = [textured_case(source, number) for number in range(arguments.count)]
    fills = compare("complete", cases, methods, measured, arguments.output)
    apart, nearer = [], []
    for case, (picture, hole, subject) in zip(fills, cases):
        apart.append(np.abs(case["complete"][hole].astype(float) - case["remove"][hole]).mean())
        leans = [colour_lean(case[name], picture, hole, subject & ~hole, ring(subject)) for name in ("complete", "remove")]
        nearer.append(leans[0] > leans[1])
    text = (f"The fills of complete and remove differ by {np.mean(apart):.1f} 8-bit steps in the hole; "
            f"complete's is nearer to the subject's colour in {np.mean(nearer):.0%} of the cases.")
    with open(arguments.output / "complete.md", "a") as file:
        file.write(f"\n{text}\n")
    print(text)


def gradient_similarity(a: np.ndarray, b: np.ndarray, mask: np.ndarray) -> float:
    """Mean SSIM of the gradients' sizes inside a mask; 1 where all edges are the same."""
    _, similarity = structural_similarity(gradient_size(a), gradient_size(b), data_range=GRADIENT_RANGE, full=True)
    return float(similarity[mask].mean())


@torch.no_grad()
def harmonize(source, features: Features, arguments):
    """Through PyTorch. LoRA and prompt are those that were trained together; "alone" leaves the other one out."""
    pack = Pack(arguments.pack, arguments.steps)
    scheduler = DDIMScheduler.from_pretrained(arguments.pack / "scheduler")
    pack.unet.load_lora_adapter(load_file(arguments.pack / "lora/harmonize.safetensors"), prefix="unet")
    learned = read_prompt(arguments.pack / "task_prompts/harmonize.safetensors")
    contexts = {name: pack.context(prompt) for name, prompt in (("learned", learned), ("empty", ""))}
    scale = pack.vae.config.scaling_factor

    def decoded(latents):
        return pack.vae.decode(latents / scale).sample[0]

    def method(way, context, with_lora=True, change_only=True):
        """change_only: adds the decoded picture's change to the picture, so that the autoencoder blurs nothing"""
        def run(picture, subject):
            image = to_tensor(picture)
            latents = pack.vae.encode(image[None]).latent_dist.mean * scale
            mask = torch.from_numpy(latent_mask(subject))[None, None].float()
            (pack.unet.enable_lora if with_lora else pack.unet.disable_lora)()
            result = decoded(way(pack.unet, scheduler, latents, mask, contexts[context], arguments.strength, arguments.steps))
            result = image + result - decoded(latents) if change_only else result
            return np.where(subject[..., None], to_pixels(result), picture)
        return run

    methods = {
        "before": lambda picture, subject: picture,
        "LoRA and prompt": method(harmonized, "learned"),
        "LoRA and prompt, decoded": method(harmonized, "learned", change_only=False),
        "LoRA alone": method(harmonized, "empty"),
        "prompt alone": method(harmonized, "learned", with_lora=False),
        "plain sampling": method(resampled, "learned"),
        "plain sampling, decoded": method(resampled, "learned", change_only=False),
    }
    for part, draw in PARTS.items():
        compare_harmonized(f"harmonize-{part}", source, draw, methods, arguments)


def compare_harmonized(name: str, source, draw, methods: dict, arguments):
    """Table and sheets for recoloured parts of one kind."""
    scores, rows = {method: [] for method in methods}, []
    for number in tqdm(range(arguments.count), desc=name):
        random = generator(9, number)
        truth, subject, shifted = recoloured_sample(source, source.validation, random, draw)
        results = {method: run(shifted, subject) for method, run in methods.items()}
        near = dilated(subject, 4)
        for method, result in results.items():
            scores[method].append({"colour error": colour_error(result, truth, subject),
                                   "gradient SSIM, input": gradient_similarity(result, shifted, near),
                                   "gradient SSIM, photograph": gradient_similarity(result, truth, near)})
        rows.append([*results.values(), truth])
    text = write_table(arguments.output / name, means(scores))
    write_sheets(arguments.output / name, rows)
    print(f"{name}; columns of the sheets: {', '.join(methods)}, photograph\n{text}")


TASKS = {"remove": remove, "complete": complete, "harmonize": harmonize}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True, help="with task_prompts/ and lora/")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--count", type=int, default=48, help="held-out pictures for each task")
    parser.add_argument("--detail", default="model", choices=("model", "surroundings"), help="of removing and completing")
    parser.add_argument("--tool", default="inpaint")
    parser.add_argument("--steps", type=int, default=20, help="of harmonize")
    parser.add_argument("--strength", type=float, default=0.6, help="of harmonize")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    source, features = SegmentedCrops(arguments.data), Features()
    for task in arguments.tasks:
        TASKS[task](source, features, arguments)


if __name__ == "__main__":
    main()
