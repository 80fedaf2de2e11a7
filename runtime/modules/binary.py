"""Layers with weights of +1 and −1 (BinaryConnect; Courbariaux et al., 2015; arXiv:1511.00363)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def binary(weight: Tensor) -> Tensor:
    """+1 where the weight is 0 or above, −1 below; gradients go straight through to the weight itself."""
    signs = torch.where(weight >= 0, 1.0, -1.0).to(weight.dtype)
    return signs + (weight - weight.detach())


class BinaryLinear(nn.Linear):
    """(N, in_features) -> (N, out_features)."""

    def forward(self, features: Tensor) -> Tensor:
        """The weighted sums with the signs of the weights."""
        return functional.linear(features, binary(self.weight), self.bias)


class BinaryConv1d(nn.Conv1d):
    """(N, C, length) -> (N, filters, length)."""

    def forward(self, image: Tensor) -> Tensor:
        """The convolution with the signs of the weights."""
        found: Tensor = self._conv_forward(image, binary(self.weight), self.bias)
        return found


class BinaryConv2d(nn.Conv2d):
    """(N, C, H, W) -> (N, filters, H, W)."""

    def forward(self, image: Tensor) -> Tensor:
        """The convolution with the signs of the weights."""
        found: Tensor = self._conv_forward(image, binary(self.weight), self.bias)
        return found


class BinaryConv3d(nn.Conv3d):
    """(N, C, D, H, W) -> (N, filters, D, H, W)."""

    def forward(self, image: Tensor) -> Tensor:
        """The convolution with the signs of the weights."""
        found: Tensor = self._conv_forward(image, binary(self.weight), self.bias)
        return found
