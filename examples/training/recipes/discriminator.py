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


class Adversary:
    """A discriminator that learns beside a decoder, from step `begin` on; before that it does nothing."""

    def __init__(self, accelerator, learning_rate: float, weight: float, begin: int):
        discriminator = PatchDiscriminator()
        optimizer = torch.optim.AdamW(discriminator.parameters(), learning_rate, betas=(0.5, 0.9), fused=True)
        self.discriminator, self.optimizer = accelerator.prepare(discriminator, optimizer)
        self.accelerator, self.weight, self.begin = accelerator, weight, begin

    def pull(self, step: int, outputs: torch.Tensor, reconstruction_loss, last_layer: torch.Tensor, losses: dict):
        """What to add to the decoder's loss; both parts pull at `last_layer` in the proportion `weight`. Notes its own in `losses`."""
        if step < self.begin:
            return 0
        losses["adversarial"] = -self.discriminator(outputs).mean()
        return self.weight * adaptive_weight(reconstruction_loss, losses["adversarial"], last_layer) * losses["adversarial"]

    def learn(self, step: int, real: torch.Tensor, fake: torch.Tensor, losses: dict):
        """One step of the discriminator, after the decoder's; images [B, 3, H, W]. Notes its loss in `losses`."""
        if step < self.begin:
            return
        self.optimizer.zero_grad()
        losses["discriminator"] = 0.5 * (F.relu(1 - self.discriminator(real)) + F.relu(1 + self.discriminator(fake.detach()))).mean()
        self.accelerator.backward(losses["discriminator"])
        self.optimizer.step()


def adaptive_weight(reconstruction_loss, adversarial_loss, last_layer: torch.Tensor) -> torch.Tensor:
    """Weight that makes both losses pull equally on the decoder's last layer."""
    (reconstruction,) = torch.autograd.grad(reconstruction_loss, last_layer, retain_graph=True)
    (adversarial,) = torch.autograd.grad(adversarial_loss, last_layer, retain_graph=True)
    return (reconstruction.norm() / (adversarial.norm() + 1e-6)).clamp(0, 100).detach()
