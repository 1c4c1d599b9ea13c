# SPDX-License-Identifier: LGPL-3.0-or-later
"""ASUKA's decoder: Stable Diffusion's, with a branch that sees the known pixels (Zhu et al. 2023, Asymmetric VQGAN).

Submodules have diffusers' names; pictures are [B, C, H, W]. The tests of the Swift models have their reference from
`harmonized_decode`.
"""
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from diffusers.models.autoencoders.vae import MaskConditionDecoder
from torch import nn
from torch.nn import functional as F

from .parts import load_part


def harmonized_decode(decoder, z, image, mask, *, concat_mask: bool, area: bool) -> torch.Tensor:
    """The forward pass of diffusers' MaskConditionDecoder with ASUKA's two changes: the mask as a fourth input channel
    of the condition encoder, and masks brought to each level by area, where any hole counts."""
    masked = (1 - mask) * image
    condition = decoder.condition_encoder(torch.cat([masked, mask], 1) if concat_mask else masked)
    h = decoder.mid_block(decoder.conv_in(z))
    for block in decoder.up_blocks:
        m = F.interpolate(mask, h.shape[-2:], mode="area" if area else "nearest")
        m = (m > 0).float() if area else m
        h = block(h * m + condition[str(tuple(h.shape))] * (1 - m))
    h = h * mask + condition[str(tuple(h.shape))] * (1 - mask)
    return decoder.conv_out(F.silu(decoder.conv_norm_out(h)))


def mask_condition_decoder(latents: int, widths, layers: int, groups: int) -> MaskConditionDecoder:
    """With ASUKA's four channels of condition. widths: finest level first; layers: of an encoder's level, as in configurations"""
    decoder = MaskConditionDecoder(latents, 3, ("UpDecoderBlock2D",) * len(widths), tuple(widths), layers, norm_num_groups=groups)
    decoder.condition_encoder.layers[0] = nn.Conv2d(4, widths[0], 3, padding=1)
    return decoder


class HarmonizingDecoder(nn.Module):
    """config: `harmonizing_decoder/config.json` of a pack"""

    def __init__(self, config: dict):
        super().__init__()
        self.config = config
        channels = config["latent_channels"]
        self.decoder = mask_condition_decoder(
            channels, config["up_block_out_channels"], config["layers_per_up_block"], config["norm_num_groups"])
        self.post_quant_conv = nn.Conv2d(channels, channels, 1) if config["use_post_quant_conv"] else nn.Identity()

    @classmethod
    def from_autoencoder(cls, vae: AutoencoderKL):
        """Starts from a plain decoder; only the condition encoder is new."""
        c = vae.config
        model = cls({
            "up_block_out_channels": list(c.block_out_channels), "layers_per_up_block": c.layers_per_block,
            "latent_channels": c.latent_channels, "norm_num_groups": c.norm_num_groups, "scaling_factor": c.scaling_factor,
            "use_post_quant_conv": c.use_post_quant_conv, "condition_channels": 4, "mask_resampling": "area"})
        plain = {name: tensor for name, tensor in vae.state_dict().items() if name.startswith(("decoder.", "post_quant_conv."))}
        model.load_state_dict(model.state_dict() | plain)
        return model

    @classmethod
    def from_part(cls, folder: Path):
        tensors, config = load_part(folder)
        model = cls(config)
        model.load_state_dict(tensors)
        return model.eval().requires_grad_(False)

    def forward(self, latents: torch.Tensor, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """latents [B, C, H/8, W/8] (scaled), image [B, 3, H, W] in -1..1, not read where mask [B, 1, H, W] is 1 -> [B, 3, H, W]"""
        z = self.post_quant_conv(latents / self.config["scaling_factor"])
        return harmonized_decode(self.decoder, z, image, mask, concat_mask=True, area=True)
