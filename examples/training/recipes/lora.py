# SPDX-License-Identifier: LGPL-3.0-or-later
"""LoRAs (Hu et al. 2022) of a UNet, as PEFT's adapters."""
from pathlib import Path

from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file
from torch import nn

# the layers that may have one
ATTENTION = ["to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj"]
CONVOLUTIONS = ["conv_in", "conv1", "conv2", "conv_shortcut", "proj_in", "proj_out", "conv"]


def add_lora(unet: nn.Module, rank: int, layers: list[str]):
    """One that adds nothing at first; alpha is the rank."""
    unet.add_adapter(LoraConfig(r=rank, lora_alpha=rank, init_lora_weights="gaussian", target_modules=layers))


def write_lora(path: Path, unet: nn.Module):
    """PEFT's names: unet.PATH.lora_A.weight [rank, in], unet.PATH.lora_B.weight [out, rank]; alpha is the rank."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = get_peft_model_state_dict(unet).items()
    save_file({f"unet.{name}": tensor.detach().float().cpu().contiguous() for name, tensor in tensors}, path)


class Learner(nn.Module):
    """A model of which a part may be frozen. Its state is what learns."""

    def learning(self) -> dict[str, nn.Parameter]:
        return {name: parameter for name, parameter in self.named_parameters() if parameter.requires_grad}

    def state_dict(self, *arguments, **settings):
        learning, state = self.learning(), super().state_dict(*arguments, **settings)
        for name in state.keys() - learning.keys():
            del state[name]
        return state

    def load_state_dict(self, state, strict=True, assign=False):
        result = super().load_state_dict(state, strict=False, assign=assign)
        missing = set(self.state_dict()) - set(state)
        if strict and (missing or result.unexpected_keys):
            raise RuntimeError(f"not this model's state: {sorted(missing)[:3]} missing, {result.unexpected_keys[:3]} unexpected")
        return type(result)([], [])
