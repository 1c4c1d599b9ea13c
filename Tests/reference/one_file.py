#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Joins a diffusers folder of full_size.py into one checkpoint with the original Stable Diffusion names.

    python one_file.py FOLDER/model FILE.safetensors
"""
import argparse
import re
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
          "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}
OPENCLIP = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "self_attn.out_proj": "attn.out_proj", "mlp.fc1": "mlp.c_fc",
            "mlp.fc2": "mlp.c_proj"}


def unet_name(name: str) -> str:
    def resnet(rest: str) -> str:
        layer, kind = rest.split(".")
        return f"{RESNET[layer]}.{kind}"

    for old, new in {"time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2", "conv_norm_out": "out.0",
                     "conv_out": "out.2", "conv_in": "input_blocks.0.0"}.items():
        if name.startswith(old + "."):
            return new + name[len(old):]
    if match := re.match(r"mid_block\.(resnets|attentions)\.(\d)\.(.*)", name):
        kind, index, rest = match.groups()
        return f"middle_block.{2 * int(index)}.{resnet(rest)}" if kind == "resnets" else f"middle_block.1.{rest}"
    if match := re.match(r"down_blocks\.(\d)\.(resnets|attentions|downsamplers)\.(\d)\.(.*)", name):
        block, kind, index, rest = match.groups()
        place = 3 * int(block) + 1 + int(index)
        if kind == "downsamplers":
            return f"input_blocks.{3 * int(block) + 3}.0.op.{rest.removeprefix('conv.')}"
        return f"input_blocks.{place}.0.{resnet(rest)}" if kind == "resnets" else f"input_blocks.{place}.1.{rest}"
    block, kind, index, rest = re.match(r"up_blocks\.(\d)\.(resnets|attentions|upsamplers)\.(\d)\.(.*)", name).groups()
    if kind == "upsamplers":
        return f"output_blocks.{3 * int(block) + 2}.{1 if block == '0' else 2}.{rest}"
    place = 3 * int(block) + int(index)
    return f"output_blocks.{place}.0.{resnet(rest)}" if kind == "resnets" else f"output_blocks.{place}.1.{rest}"


def autoencoder_name(name: str) -> str:
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda match: f"mid.block_{int(match[1]) + 1}", name)
    for old, new in {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}.items():
        name = name.replace(f"mid_block.attentions.0.{old}.", f"mid.attn_1.{new}.")
    name = re.sub(r"down_blocks\.(\d)\.resnets", r"down.\1.block", name)
    name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(r"up_blocks\.(\d)\.resnets", lambda match: f"up.{3 - int(match[1])}.block", name)
    name = re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda match: f"up.{3 - int(match[1])}.upsample", name)
    return name.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")


def open_clip(text: dict) -> dict:
    """OpenCLIP's names, the projections joined, and one layer more, which Stable Diffusion 2 does not use."""
    prefix, result = "cond_stage_model.model.", {}
    layers = 1 + max(int(name.split(".")[2]) for name in text if name.startswith("encoder.layers."))
    for index in range(layers + 1):
        old, new = f"encoder.layers.{min(index, layers - 1)}.", f"{prefix}transformer.resblocks.{index}."
        for kind in ("weight", "bias"):
            for theirs, ours in OPENCLIP.items():
                result[f"{new}{ours}.{kind}"] = text[f"{old}{theirs}.{kind}"].clone()
            result[f"{new}attn.in_proj_{kind}"] = torch.cat([text[f"{old}self_attn.{part}_proj.{kind}"] for part in "qkv"])
    result[prefix + "token_embedding.weight"] = text["embeddings.token_embedding.weight"]
    result[prefix + "positional_embedding"] = text["embeddings.position_embedding.weight"]
    result |= {f"{prefix}ln_final.{kind}": text[f"final_layer_norm.{kind}"] for kind in ("weight", "bias")}
    result[prefix + "text_projection"] = torch.zeros(4, 4)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()
    unet = load_file(arguments.model / "unet/diffusion_pytorch_model.safetensors")
    vae = load_file(arguments.model / "vae/diffusion_pytorch_model.safetensors")
    text = {name.removeprefix("text_model."): tensor
            for name, tensor in load_file(arguments.model / "text_encoder/model.safetensors").items()}
    joined = {"model.diffusion_model." + unet_name(name): tensor for name, tensor in unet.items()}
    for name, tensor in vae.items():
        original = "first_stage_model." + autoencoder_name(name)
        joined[original] = tensor[..., None, None].contiguous() if "attn_1" in original and tensor.ndim == 2 else tensor
    if text["final_layer_norm.weight"].numel() >= 1024:
        joined |= open_clip(text)
    else:
        joined |= {"cond_stage_model.transformer.text_model." + name: tensor for name, tensor in text.items()}
    joined["betas"] = torch.zeros(1000)
    save_file(joined, arguments.file)


if __name__ == "__main__":
    main()
