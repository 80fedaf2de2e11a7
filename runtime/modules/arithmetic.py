"""Plain arithmetic on tensors of any shape."""

from __future__ import annotations

from torch import Tensor


def scaled(image: Tensor, factor: float, offset: float) -> Tensor:
    """factor · image + offset, value by value."""
    return image * factor + offset
