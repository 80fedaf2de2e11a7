"""Arithmetic on every value by itself."""

from __future__ import annotations

from torch import Tensor


def scaled(image: Tensor, factor: float, offset: float) -> Tensor:
    """factor × value + offset, in the shape of `image` (N, ...)."""
    return image * factor + offset
