#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Times PyTorch's or OpenVINO's float32 on FOLDER/model, or converts it to FOLDER/openvino; compare.py starts it.

    python peers.py torch FOLDER --size 512        (or openvino, or convert)

The last line of the output has the lesser of two turns of each part in seconds, as JSON. All parts are loaded first.
"""
import argparse
import json
import os
import time
from pathlib import Path

PARTS = {"text encoder": "text_encoder", "encode": "encoder", "UNet, two pictures (guidance)": "unet", "decode": "decoder"}


def inputs(model: Path, part: str, side: int) -> list:
    """Seeded arrays for a part, as [N, C, H, W] or [N, T, C]."""
    import numpy as np
    random, cells = np.random.default_rng(7), side // 8
    width = json.loads((model / "unet/config.json").read_text())["cross_attention_dim"]

    def normal(*shape):
        return random.standard_normal(shape, dtype=np.float32)

    return {"text_encoder": lambda: [random.integers(49408, size=(1, 77))],
            "encoder": lambda: [normal(1, 3, side, side).clip(-1, 1)],
            "unet": lambda: [normal(2, 9, cells, cells), np.array([501]), normal(2, 77, width)],
            "decoder": lambda: [normal(1, 4, cells, cells)]}[PARTS[part]]()


def torch_networks(model: Path) -> dict:
    """Returns {part: (module, function that calls it)}; the UNet is loaded first, which needs the least memory."""
    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextModel
    unet = UNet2DConditionModel.from_pretrained(model / "unet", torch_dtype=torch.float32).eval()
    vae = AutoencoderKL.from_pretrained(model / "vae", torch_dtype=torch.float32).eval()
    text = CLIPTextModel.from_pretrained(model / "text_encoder", dtype=torch.float32).eval()
    return dict(zip(PARTS, [
        (text, lambda tokens: text(tokens).last_hidden_state),
        (vae, lambda image: vae.encode(image).latent_dist.mean),
        (unet, lambda x, timestep, context: unet(x, timestep, context).sample),
        (vae, lambda latents: vae.decode(latents).sample)]))


def torch_calls(model: Path, side: int, threads: int) -> dict:
    """Returns {part: function without arguments}."""
    import torch
    torch.set_grad_enabled(False)
    torch.set_num_threads(threads)

    def call(part, function):
        tensors = [torch.from_numpy(array) for array in inputs(model, part, side)]
        return lambda: function(*tensors)

    return {part: call(part, function) for part, (_, function) in torch_networks(model).items()}


def convert(model: Path):
    """Writes FOLDER/openvino for pictures of any size, in float32: in float16 the timestep's constants would be rounded too."""
    import openvino
    import torch
    torch.set_grad_enabled(False)
    folder, unfinished = model.parent / "openvino", model.parent / "openvino-unfinished"
    for part, (module, function) in torch_networks(model).items():
        network = torch.nn.Module()
        network.module, network.forward = module, function
        example = tuple(torch.from_numpy(array) for array in inputs(model, part, 128))
        converted = openvino.convert_model(network, example_input=example)
        openvino.save_model(converted, unfinished / f"{PARTS[part]}.xml", compress_to_fp16=False)
    unfinished.rename(folder)


def openvino_calls(model: Path, side: int, threads: int) -> dict:
    """Returns {part: function without arguments}."""
    import openvino
    core = openvino.Core()
    settings = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}

    def call(part):
        arrays = inputs(model, part, side)
        network = core.read_model(model.parent / "openvino" / f"{PARTS[part]}.xml")
        network.reshape({index: list(array.shape) for index, array in enumerate(arrays)})
        request = core.compile_model(network, "CPU", settings).create_infer_request()
        return lambda: request.infer(arrays)

    return {part: call(part) for part in PARTS}


def time_here(calls: dict) -> dict:
    def once(call):
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    return {part: min(once(call), once(call)) for part, call in calls.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=("torch", "openvino", "convert"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=512)
    arguments = parser.parse_args()
    model, threads = arguments.folder / "model", len(os.sched_getaffinity(0))
    if arguments.task == "convert":
        convert(model)
    else:
        calls = {"torch": torch_calls, "openvino": openvino_calls}[arguments.task]
        print(json.dumps(time_here(calls(model, arguments.size, threads))))


if __name__ == "__main__":
    main()
