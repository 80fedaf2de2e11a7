"""Images, masks and signals brought to another number of pixels or samples over the same extent.

Images: linear with antialias. Masks: nearest. Signals: a polyphase filter against aliasing (scipy.signal.resample_poly,
Kaiser window), the ends continued along the line from the first to the last sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from runtime.modules.fit import Fit


def resampled(array: NDArray[Any], size: tuple[int, ...], mask: bool) -> NDArray[Any]:
    """An image (channels, *any), a signal (leads, any) or a mask (*any) at `size`: the first and the last pixel keep
    their outer edges."""
    if not mask and array.ndim == 2:
        return _signal(array, size[0])
    fit = Fit(size, "stretch")
    given = torch.from_numpy(np.ascontiguousarray(array))[None]
    fitted: NDArray[Any] = (fit.mask(given) if mask else fit(given))[0].numpy()
    return fitted


def _signal(array: NDArray[Any], samples: int) -> NDArray[Any]:
    from scipy.signal import resample_poly  # takes a third of a second to import

    made = resample_poly(array.astype(np.float64), samples, array.shape[1], axis=1, padtype="line")
    return np.ascontiguousarray(made[:, :samples], np.float32)
