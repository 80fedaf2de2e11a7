"""Noise that is added to images on purpose."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from torch import Tensor, nn


class AddNoise(nn.Module):
    """The image (any shape) with noise of a standard deviation, drawn anew each time, in eval mode too.

    "gaussian": x + n; "rician": √((x + n)² + m²) with two independent draws, the magnitude of a complex signal.
    """

    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, noise: Literal["gaussian", "rician"], spread: float) -> None:
        super().__init__()
        self.noise = noise
        self.spread = float(spread)

    def extra_repr(self) -> str:
        return f"noise={self.noise!r}, spread={self.spread:g}"

    def forward(self, image: Tensor) -> Tensor:
        real = image.float() + self.spread * torch.randn_like(image, dtype=torch.float32)
        if self.noise == "gaussian":
            return real
        return torch.hypot(real, self.spread * torch.randn_like(real))
