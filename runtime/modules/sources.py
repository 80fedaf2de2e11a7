"""Sources that need no file: their values are made beside a batch of something else."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn


class Constant(nn.Module):
    """`like` (N, ...) -> (N, *shape) float32, everywhere `value`."""

    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, shape: tuple[int, ...], value: float) -> None:
        super().__init__()
        self.shape = tuple(shape)
        self.value = float(value)

    def forward(self, like: Tensor) -> Tensor:
        return torch.full((like.shape[0], *self.shape), self.value, dtype=torch.float32, device=like.device)


class Noise(nn.Module):
    """`like` (N, ...) -> (N, *shape) float32, drawn anew each time from the normal distribution (mean 0, spread 1)."""

    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = tuple(shape)

    def forward(self, like: Tensor) -> Tensor:
        return torch.randn((like.shape[0], *self.shape), dtype=torch.float32, device=like.device)
