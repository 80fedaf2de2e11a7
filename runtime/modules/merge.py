"""Plain functions that merge branches of a network. Each takes a list of tensors (N, C, ...) and gives one tensor."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def add(tensors: Sequence[Tensor]) -> Tensor:
    """The sum, value by value."""
    total = tensors[0]
    for tensor in tensors[1:]:
        total = total + tensor
    return total


def multiply(tensors: Sequence[Tensor]) -> Tensor:
    """The product, value by value; an axis of size 1 is stretched."""
    product = tensors[0]
    for tensor in tensors[1:]:
        product = product * tensor
    return product


def average(tensors: Sequence[Tensor]) -> Tensor:
    """The mean, value by value."""
    return add(tensors) / len(tensors)


def maximum(tensors: Sequence[Tensor]) -> Tensor:
    """The biggest value of all, value by value."""
    biggest = tensors[0]
    for tensor in tensors[1:]:
        biggest = torch.maximum(biggest, tensor)
    return biggest


def minimum(tensors: Sequence[Tensor]) -> Tensor:
    """The smallest value of all, value by value."""
    smallest = tensors[0]
    for tensor in tensors[1:]:
        smallest = torch.minimum(smallest, tensor)
    return smallest
