"""Patch discriminator and its losses (Isola et al. 2017; hinge form and adaptive weight as in Esser et al. 2021)."""
import torch
from torch import nn
from torch.nn import functional as F


class PatchDiscriminator(nn.Sequential):
    """[B, 3, H, W] -> [B, 1, H/8 - 2, W/8 - 2] scores, each of a patch of 46 x 46 pixels."""

    def __init__(self, width: int = 32):
        def block(cin: int, cout: int, stride: int):
            return [nn.Conv2d(cin, cout, 4, stride, 1, bias=False), nn.GroupNorm(8, cout), nn.LeakyReLU(0.2)]

        super().__init__(
            nn.Conv2d(3, width, 4, 2, 1), nn.LeakyReLU(0.2),
            *block(width, 2 * width, 2),
            *block(2 * width, 4 * width, 2),
            *block(4 * width, 4 * width, 1),
            nn.Conv2d(4 * width, 1, 4, 1, 1),
        )


def discriminator_loss(discriminator, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    return 0.5 * (F.relu(1 - discriminator(real)) + F.relu(1 + discriminator(fake.detach()))).mean()


def adaptive_weight(reconstruction_loss, adversarial_loss, last_layer: torch.Tensor) -> torch.Tensor:
    """Weight that makes both losses pull equally on the decoder's last layer."""
    (reconstruction,) = torch.autograd.grad(reconstruction_loss, last_layer, retain_graph=True)
    (adversarial,) = torch.autograd.grad(adversarial_loss, last_layer, retain_graph=True)
    return (reconstruction.norm() / (adversarial.norm() + 1e-6)).clamp(0, 100).detach()
