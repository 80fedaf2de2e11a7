"""Unpooling by positions: the reverse of a max pooling."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

_POOLINGS = {
    1: functional.max_pool1d_with_indices,
    2: functional.max_pool2d_with_indices,
    3: functional.max_pool3d_with_indices,
}

_LARGEST = {1: functional.max_pool1d, 2: functional.max_pool2d, 3: functional.max_pool3d}
_MEANS = {1: functional.avg_pool1d, 2: functional.avg_pool2d, 3: functional.avg_pool3d}
_LEAST = 1e-6
"""What is nearer than this is nearly equal in any case, also where all is 0; half precision knows it."""


class MaxUnpooling(nn.Module):
    """Lays the values of `image` (N, C, *small) where max pooling finds the strongest of `before` (N, C, *size).

    Neighbours in a window that are nearly as strong get a part of the value: weights fall in a straight line from 1 at
    the strongest to 0 at what is weaker by `near` of the mean strength of the case, and are divided by their sum. So
    the answer is continuous in `before`, and what computes with other last digits answers alike. With `near` 0 the
    strongest alone gets it, the first of equals, as in `torch.nn.functional.max_unpool2d`. No gradient flows into
    `before`.
    """

    def __init__(self, kernel: Sequence[int], near: float = 0.0) -> None:
        super().__init__()
        self.kernel, self.near = tuple(kernel), near

    def forward(self, image: Tensor, before: Tensor) -> Tensor:
        """The image (N, C, *size), 0 where nothing is laid. Raises ValueError for sizes that do not belong together."""
        small = [side // window for side, window in zip(before.shape[2:], self.kernel, strict=True)]
        if list(image.shape[1:]) != [before.shape[1], *small]:
            raise ValueError(f"pooling gives {(before.shape[1], *small)}, and {tuple(image.shape[1:])} came")
        return self._shared(image, before, small) if self.near else self._laid(image, before)

    def _laid(self, image: Tensor, before: Tensor) -> Tensor:
        _, positions = _POOLINGS[len(self.kernel)](before, self.kernel, self.kernel)
        empty = torch.zeros_like(before).flatten(2)
        return empty.scatter(2, positions.flatten(2), image.flatten(2)).reshape(before.shape)

    def _shared(self, image: Tensor, before: Tensor, small: Sequence[int]) -> Tensor:
        inner = before.detach()
        for axis, (count, window) in enumerate(zip(small, self.kernel, strict=True), start=2):
            inner = inner.narrow(axis, 0, count * window)
        largest, mean = _LARGEST[len(small)], _MEANS[len(small)]
        strength = inner.abs().mean(list(range(1, inner.dim())), keepdim=True)
        within = (strength * self.near).clamp(min=_LEAST)
        weaker = self._spread(largest(inner, self.kernel), inner) - inner
        weights = functional.relu(1 - weaker / within)
        laid = weights * self._spread(image / (mean(weights, self.kernel) * math.prod(self.kernel)), inner)
        rest = [side - used for side, used in zip(before.shape[2:], inner.shape[2:], strict=True)]
        return functional.pad(laid, [part for more in reversed(rest) for part in (0, more)])

    def _spread(self, small: Tensor, like: Tensor) -> Tensor:
        """Each value on all places of its window."""
        return functional.interpolate(small, size=like.shape[2:], mode="nearest")
