"""Learned kernels as pictures of two axes. No torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runtime.looking.record import Record


def flat_kernels(record: Record) -> NDArray[np.float32]:
    """(kernels, rows, columns): the mean over the input channels; of volumes the middle slice, and of signals the row
    over and over, so that each number is a column."""
    own = record.arrays["kernels"].mean(axis=1)
    if own.ndim == 2:
        return np.asarray(np.repeat(own[:, None], own.shape[1], axis=1))
    own = own.reshape(len(own), -1, *own.shape[-2:])
    return np.asarray(own[:, own.shape[1] // 2])
