"""How the numbers of images lie in memory while a network works on them."""

from __future__ import annotations

import torch
from torch import nn


def pick_layout(network: nn.Module) -> torch.memory_format:
    """Channels last (all channels of a pixel together) for networks with 2-D convolutions, which gain from it.

    The numbers are the same; only rounding differs. Other networks keep the usual layout.
    """
    convolves = any(isinstance(module, nn.Conv2d | nn.ConvTranspose2d) for module in network.modules())
    volumes = any(tensor.dim() > 4 for tensor in (*network.parameters(), *network.buffers()))
    return torch.channels_last if convolves and not volumes else torch.contiguous_format
