"""Images and masks brought to another number of pixels over the same extent: linear with antialias, or nearest."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from runtime.modules.fit import Fit


def resampled(array: NDArray[Any], size: tuple[int, ...], mask: bool) -> NDArray[Any]:
    """An image (channels, *any) or a mask (*any) at `size`: the first and the last pixel keep their outer edges."""
    fit = Fit(size, "stretch")
    given = torch.from_numpy(np.ascontiguousarray(array))[None]
    fitted: NDArray[Any] = (fit.mask(given) if mask else fit(given))[0].numpy()
    return fitted
