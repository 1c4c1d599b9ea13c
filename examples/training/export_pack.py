#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Writes a model pack: autoencoder, UNet, text encoder, tokenizer and scheduler as a diffusers folder in float16.

    python export_pack.py --vae RUNS/vae/ema --unet RUNS/unet --data DATA --output plugin-manifest/models/mini

Besides, recommended.json and, with --data, the list of the photographs with their licences. ASUKA's parts come along with
--mae RUNS/mae/ema --alignment RUNS/alignment/ema --harmonizing-decoder RUNS/harmonizing_decoder/ema
"""
import argparse
import json
import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel

from recipes.parts import load_part, save_part

LIBRARIES = {
    "_class_name": "StableDiffusionInpaintPipeline", "_diffusers_version": "0.42.1",
    "scheduler": ["diffusers", "DDIMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"], "feature_extractor": [None, None], "safety_checker": [None, None],
    "requires_safety_checker": False,
}
FEW = {"steps": 1}  # more take the fill's colours away from the surroundings', the more the shorter the training was
SHARP = {"detail": "surroundings"}  # the model's own is blurred
TEXT = {"guidance": 1.5, **FEW, **SHARP}
TASK = {"guidance": 4, **FEW, **SHARP}  # train_task_prompt.py's guidance
PLAIN = {"decoder": "plain"}  # the harmonizing one's texture repeats in wide margins, and shows where all around is smooth
RECOMMENDED = {"native_size": 256, "operations": {
    "inpaint:sd-inpaint": TEXT, "inpaint:outpaint": TEXT | PLAIN, "inpaint:seele-remove": TASK, "inpaint:seele-complete": TASK}}
HARMONIZE = {"strength": 0.6, "steps": 20}  # train_harmonize.py's highest timestep
ASUKA = ("mae", "alignment", "harmonizing_decoder")
COMPUTED = ("pos_embed", "decoder_pos_embed")  # tables that need not be stored
LARGEST = {"Stable Diffusion": 40 * 2**20, "ASUKA": 30 * 2**20}


def write_half(source: Path, target: Path):
    """Copies a safetensors file in float16, with its metadata."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with safe_open(source, "pt") as file:
        save_file({name: file.get_tensor(name).half() for name in file.keys()}, target, metadata=file.metadata())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vae", type=Path, required=True, help="diffusers folder of the autoencoder")
    parser.add_argument("--unet", type=Path, required=True, help="output folder of train_inpainting.py")
    parser.add_argument("--scheduler", type=Path, default=Path(__file__).parent / "configs/mini/scheduler.json")
    parser.add_argument("--data", type=Path, help="what collect_photographs.py wrote, for the list of photographs")
    parser.add_argument("--task-prompts", type=Path, help="folder of the prompts of train_task_prompt.py and train_harmonize.py")
    parser.add_argument("--lora", type=Path, help="folder of the LoRA of train_harmonize.py")
    for part in ASUKA:
        parser.add_argument(f"--{part.replace('_', '-')}", type=Path, help=f"ema folder of train_{part}.py")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    output = arguments.output
    if output.exists() and any(output.iterdir()):
        raise SystemExit(f"{output} is not empty; parts that were trained on another UNet would stay in it")
    output.mkdir(parents=True, exist_ok=True)

    AutoencoderKL.from_pretrained(arguments.vae).half().save_pretrained(output / "vae")
    UNet2DConditionModel.from_pretrained(arguments.unet / "ema/unet").half().save_pretrained(output / "unet")
    CLIPTextModel.from_pretrained(arguments.unet / "ema/text_encoder").half().save_pretrained(output / "text_encoder")
    DDIMScheduler.from_config(DDIMScheduler._dict_from_json_file(arguments.scheduler)).save_pretrained(output / "scheduler")
    shutil.copytree(arguments.unet / "tokenizer", output / "tokenizer", dirs_exist_ok=True)
    for part in ASUKA:
        if folder := getattr(arguments, part):
            tensors, config = load_part(folder)
            save_part(output / part, {name: tensor.half() for name, tensor in tensors.items() if name not in COMPUTED}, config)
    for config in output.glob("*/config.json"):  # where the weights came from is nobody's business
        settings = json.loads(config.read_text())
        settings.pop("_name_or_path", None)
        config.write_text(json.dumps(settings, indent=2) + "\n")
    (output / "model_index.json").write_text(json.dumps(LIBRARIES, indent=2) + "\n")
    if arguments.task_prompts:
        for prompt in arguments.task_prompts.glob("*.safetensors"):
            write_half(prompt, output / "task_prompts" / prompt.name)
    if arguments.lora:
        write_half(arguments.lora / "harmonize.safetensors", output / "lora/harmonize.safetensors")
        RECOMMENDED["operations"]["inpaint:seele-harmonize"] = HARMONIZE
    if arguments.mae:
        RECOMMENDED["operations"]["inpaint:asuka-inpaint"] = FEW | SHARP | PLAIN
    (output / "recommended.json").write_text(json.dumps(RECOMMENDED, indent=2) + "\n")
    if arguments.data:
        shutil.copy(arguments.data / "photographs.csv", output / "photographs.csv")

    weights = list(output.rglob("*.safetensors"))
    sizes = dict.fromkeys(LARGEST, 0)
    for path in weights:
        sizes["ASUKA" if path.parent.name in ASUKA else "Stable Diffusion"] += path.stat().st_size
    for path in weights:
        broken = [name for name, tensor in load_file(path).items() if not torch.isfinite(tensor).all()]
        if broken:
            raise SystemExit(f"{path}: not finite in float16: {', '.join(broken)}")
    for what, size in sizes.items():
        if size > LARGEST[what]:
            raise SystemExit(f"the weights of {what} take {size / 2**20:.1f} MB, more than {LARGEST[what] / 2**20:.0f}")
    print(f"{output}: " + ", ".join(f"{size / 2**20:.1f} MB of {what}" for what, size in sizes.items()))


if __name__ == "__main__":
    main()
