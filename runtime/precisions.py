"""Which numbers a network computes with: 32 bits, or 16 where that gains."""

from __future__ import annotations

import torch

from runtime.analysis import Analysis
from runtime.graph import Precision

_LARGE = 2_000_000_000
"""Multiply-adds of a batch (forward) from which "auto" takes 16 bits on a GPU; smaller steps wait for launches."""


def pick_precision(wanted: Precision, device: torch.device, analysis: Analysis, batch: int) -> torch.dtype | None:
    """What layers compute with where it is safe (autocast); None for float32 everywhere.

    "auto" is float32 on the processor, and for small steps on a GPU; for larger ones bfloat16 where the GPU computes
    with it (compute capability 8.0 and above), float16 from 7.0, else float32.
    """
    if wanted != "auto":
        return {"float32": None, "bfloat16": torch.bfloat16, "float16": torch.float16}[wanted]
    if device.type != "cuda" or analysis.multiply_adds * batch < _LARGE:
        return None
    capability = torch.cuda.get_device_capability(device)
    if capability >= (8, 0):
        return torch.bfloat16
    return torch.float16 if capability >= (7, 0) else None
