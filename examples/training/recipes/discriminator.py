# SPDX-License-Identifier: LGPL-3.0-or-later
"""A discriminator on the features of a frozen VGG16, and its losses (projected GAN, Sauer et al. 2021; hinge form; adaptive
weight as in Esser et al. 2021). From pixels one would take tens of thousands of steps to see what these features show.
"""
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from .perceptual import STAGES, directions


class FeatureDiscriminator(nn.ModuleList):
    """A small head for each stage's features [B, C, h, w] -> scores [B, 1, h, w], of patches that grow with the stage."""

    def __init__(self, stages: int, width: int = 64):
        super().__init__(nn.Sequential(
            spectral_norm(nn.Conv2d(widths[-1], width, 1)), nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(width, width, 3, padding=1)), nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(width, 1, 3, padding=1))) for widths in STAGES[:stages])

    def forward(self, features: list[torch.Tensor]) -> list[torch.Tensor]:
        """features: of VGGTrunk, of which only the directions count"""
        return [head(direction * direction.shape[1] ** 0.5) for head, direction in zip(self, directions(features))]


class Adversary:
    """A discriminator that learns beside a decoder, from step `begin` on; before that it does nothing.

    It sees a VGGTrunk's features of both pictures. Where only holes are made up, `masks` [B, 1, H, W] of the pictures say
    where they are: patches count by their share of hole.
    """

    def __init__(self, accelerator, stages: int, learning_rate: float, weight: float, begin: int):
        discriminator = FeatureDiscriminator(stages)
        optimizer = torch.optim.AdamW(discriminator.parameters(), learning_rate, betas=(0.5, 0.9), fused=True)
        self.discriminator, self.optimizer = accelerator.prepare(discriminator, optimizer)
        self.accelerator, self.weight, self.begin = accelerator, weight, begin

    def pull(self, step: int, fake, reconstruction_loss, last_layer: torch.Tensor, losses: dict, masks=None):
        """What to add to the decoder's loss; both parts pull at `last_layer` in the proportion `weight`. Notes its own in `losses`."""
        if step < self.begin:
            return 0
        losses["adversarial"] = -mean_of_patches(self.discriminator(fake), masks)
        return self.weight * adaptive_weight(reconstruction_loss, losses["adversarial"], last_layer) * losses["adversarial"]

    def learn(self, step: int, real, fake, losses: dict, masks=None):
        """One step of the discriminator, after the decoder's. Notes its loss in `losses`."""
        if step < self.begin:
            return
        self.optimizer.zero_grad()
        real, fake = (self.discriminator([feature.detach() for feature in features]) for features in (real, fake))
        hinge = [F.relu(1 - a) + F.relu(1 + b) for a, b in zip(real, fake)]
        losses["discriminator"] = 0.5 * mean_of_patches(hinge, masks)
        self.accelerator.backward(losses["discriminator"])
        self.optimizer.step()


def mean_of_patches(maps: list[torch.Tensor], masks: torch.Tensor | None) -> torch.Tensor:
    """Of all maps [B, 1, h, w], each value by its patch's share of hole, if there are masks [B, 1, H, W]."""
    if masks is None:
        return sum(values.mean() for values in maps) / len(maps)
    shares = [F.adaptive_avg_pool2d(masks, values.shape[-2:]) for values in maps]
    return sum((values * share).sum() / share.sum() for values, share in zip(maps, shares)) / len(maps)


def adaptive_weight(reconstruction_loss, adversarial_loss, last_layer: torch.Tensor) -> torch.Tensor:
    """Weight that makes both losses pull equally on the decoder's last layer."""
    (reconstruction,) = torch.autograd.grad(reconstruction_loss, last_layer, retain_graph=True)
    (adversarial,) = torch.autograd.grad(adversarial_loss, last_layer, retain_graph=True)
    return (reconstruction.norm() / (adversarial.norm() + 1e-6)).clamp(0, 100).detach()
