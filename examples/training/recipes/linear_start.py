# SPDX-License-Identifier: LGPL-3.0-or-later
"""A start for a fresh autoencoder or condition encoder: mean colours, carried along its linear path.

From random weights the small autoencoder took thousands of steps to find colours. Here every residual branch begins at 0
(as in Zhang et al. 2019, Fixup), and a few channels carry R, G, B, -R, -G, -B and two constants from end to end. The
constants keep the group norms' scale nearly fixed, and silu(x) - silu(-x) = x, so both norms let the colours pass. Asks
for groups of eight channels or more: in smaller ones the norms take the mean colour away.
"""
import torch
from diffusers import AutoencoderKL
from torch import nn

CARRIED = 8  # R, G, B, -R, -G, -B, constant, -constant
CONSTANT = 4.0
# luminance and two opponent colours, scaled to about unit variance, from R, G, B in -1..1
OPPONENTS = torch.tensor([[0.6, 0.6, 0.6], [1.5, 0.0, -1.5], [-1.0, 2.0, -1.0]])
POINT = torch.ones(1, 1)
SPREAD = -6.0  # of the posterior's log variance; at 0 the draw would drown the mean


def carry(layer: nn.Conv2d, matrix: torch.Tensor, kernel: torch.Tensor) -> None:
    """The first channels out are `matrix` times those in, spread over `kernel`; what else they read begins at 0."""
    outputs, inputs = matrix.shape
    layer.weight[:outputs] = 0
    layer.weight[:outputs, :inputs] = matrix[:, :, None, None] * kernel
    layer.bias[:outputs] = 0


def signs_of(colours: torch.Tensor) -> torch.Tensor:
    """[3, N] -> [CARRIED, N]: the colours, their negatives, and no input for the constants"""
    return torch.cat([colours, -colours, torch.zeros(2, colours.shape[1])])


def let_pass(norm: nn.GroupNorm) -> None:
    """Takes back the scale that the constants give to the carried channels' group."""
    width = norm.num_channels // norm.num_groups
    norm.weight[:CARRIED] = CONSTANT * (2 / width) ** 0.5


@torch.no_grad()
def begin_with_mean_colours(vae: AutoencoderKL) -> None:
    """Changes the weights of a fresh AutoencoderKL in place."""
    for name, layer in vae.named_modules():
        if name.endswith(("conv2", "to_out.0")):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
    centre = torch.zeros(3, 3)
    centre[1, 1] = 1
    mean = torch.zeros(3, 3)
    mean[:2, :2] = 0.25  # the downsampling convolutions are padded at the right and bottom only
    smooth = torch.tensor([1.0, 2.0, 1.0])
    smooth = smooth[:, None] * smooth / 16
    colours = torch.eye(3)
    constants = torch.tensor([CONSTANT, -CONSTANT])
    joined = torch.cat([colours, -colours, torch.zeros(3, 2)], 1)  # silu(x) - silu(-x) = x

    encoder, decoder, latents = vae.encoder, vae.decoder, vae.config.latent_channels
    carry(encoder.conv_in, signs_of(colours), centre)
    encoder.conv_in.bias[CARRIED - 2:CARRIED] = constants
    for block in encoder.down_blocks:
        carry_through(block.resnets, block.downsamplers, mean)
    quiet_neighbours(encoder.down_blocks[-1].resnets[0].conv_shortcut, encoder.conv_norm_out)
    let_pass(encoder.conv_norm_out)
    carry(encoder.conv_out, OPPONENTS @ joined, centre)
    encoder.conv_out.weight[latents:] *= 0.01
    encoder.conv_out.bias[latents:] = SPREAD
    carry(vae.quant_conv, torch.eye(2 * latents), POINT)
    carry(vae.post_quant_conv, torch.eye(latents), POINT)

    carry(decoder.conv_in, signs_of(torch.linalg.inv(OPPONENTS)), centre)
    decoder.conv_in.bias[CARRIED - 2:CARRIED] = constants
    for block in decoder.up_blocks:
        carry_through(block.resnets, block.upsamplers, smooth)
    quiet_neighbours(decoder.up_blocks[-1].resnets[0].conv_shortcut, decoder.conv_norm_out)
    let_pass(decoder.conv_norm_out)
    carry(decoder.conv_out, joined, centre)


@torch.no_grad()
def begin_with_known_colours(condition_encoder: nn.Module) -> None:
    """Changes the weights of a fresh condition encoder in place: at each level the carried channels are what a decoder
    that began with mean colours has there. What else it says begins near 0."""
    centre = torch.zeros(3, 3)
    centre[1, 1] = 1
    mean = torch.zeros(4, 4)
    mean[1:3, 1:3] = 0.25
    colours = torch.eye(3)
    joined = torch.cat([colours, -colours, torch.zeros(3, 2)], 1)  # relu(x) - relu(-x) = x
    for index, layer in enumerate(condition_encoder.layers):
        layer.weight[CARRIED:] *= 0.1
        nn.init.zeros_(layer.bias)
        carry(layer, signs_of(colours if index == 0 else joined), centre if index < 2 else mean)
        layer.bias[CARRIED - 2:CARRIED] = torch.tensor([CONSTANT, -CONSTANT])


def carry_through(resnets, samplers, kernel: torch.Tensor) -> None:
    """One level, whose samplers change the size with `kernel`."""
    for resnet in resnets:
        if resnet.conv_shortcut is not None:
            carry(resnet.conv_shortcut, torch.eye(CARRIED), POINT)
    for sampler in samplers or []:
        carry(sampler.conv, torch.eye(CARRIED), kernel)


def quiet_neighbours(layer: nn.Conv2d, norm: nn.GroupNorm) -> None:
    """The other channels of the carried ones' group begin at 0, so that only the constants set its scale."""
    others = slice(CARRIED, norm.num_channels // norm.num_groups)
    layer.weight[others] = 0
    layer.bias[others] = 0
