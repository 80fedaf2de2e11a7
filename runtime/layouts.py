"""How the numbers of images lie in memory while a network works on them."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def pick_layout(network: nn.Module) -> torch.memory_format:
    """Channels last (all channels of a pixel together) for networks with 2-D convolutions, which gain from it.

    The numbers are the same; only rounding differs. Other networks keep the usual layout.
    """
    convolves = any(isinstance(module, nn.Conv2d | nn.ConvTranspose2d) for module in network.modules())
    volumes = any(tensor.dim() > 4 for tensor in (*network.parameters(), *network.buffers()))
    return torch.channels_last if convolves and not volumes else torch.contiguous_format


def laid_out_as(tensor: Tensor, other: Tensor) -> Tensor:
    """The same numbers, one after the other in memory as those of `other`, which has the same shape.

    The fused optimizers of PyTorch 2.13 walk through the memory of a trained number, its gradient and its momentum side
    by side and never ask for strides: of tensors that lie otherwise they pair the wrong elements, without a word.
    """
    strides = zip(tensor.shape, tensor.stride(), other.stride(), strict=True)
    if tensor.stride() == other.stride() or all(size == 1 or own == wanted for size, own, wanted in strides):
        return tensor
    return torch.empty_like(other, dtype=tensor.dtype).copy_(tensor)
