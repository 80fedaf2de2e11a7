"""ResNet-18 written in PyTorch alone, with the names and the mathematics of torchvision's."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class _Unit(nn.Module):
    def __init__(self, into: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(into, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        around = (nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out)) if into != out else ()
        self.downsample = nn.Sequential(*around)

    def forward(self, image: Tensor) -> Tensor:
        learned = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(image)))))
        return torch.relu(learned + self.downsample(image))


class ResNet18(nn.Module):
    """For colour images (N, 3, H, W); scores (N, classes)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        maps = (64, 64, 128, 256, 512)
        for stage in range(1, 5):
            first = _Unit(maps[stage - 1], maps[stage], 1 if stage == 1 else 2)
            self.add_module(f"layer{stage}", nn.Sequential(first, _Unit(maps[stage], maps[stage], 1)))
        self.fc = nn.Linear(512, classes)

    def forward(self, image: Tensor) -> Tensor:
        image = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(image))), 3, 2, 1)
        for stage in range(1, 5):
            image = self.get_submodule(f"layer{stage}")(image)
        return self.fc(image.mean((2, 3)))


def with_random_numbers(network: nn.Module, seed: int) -> nn.Module:
    """All numbers drawn anew, running statistics too, so that none is as it begins; in eval mode."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if name.endswith("running_var") or ("bn" in name and name.endswith("weight")):
                tensor.copy_(0.5 + torch.rand(tensor.shape, generator=generator))
            elif tensor.is_floating_point():
                wide = tensor[0].numel() if tensor.dim() > 1 else 4
                tensor.copy_(torch.randn(tensor.shape, generator=generator) * (2 / wide) ** 0.5)
    return network.eval()
