"""Small pictures for the screen: the only place where pixels become 8-bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from runtime.data.curves import curves

SIDE = 96  # pixels, the longer side at most


def thumbnail(
    array: NDArray[np.float32], window: tuple[float, float] | None = None, side: int = SIDE
) -> NDArray[np.uint8]:
    """A picture of `array` (channels, rows, columns), at most `side` pixels a side: (H, W), or (H, W, 3) for colour; of
    a signal (leads, samples), its curves.

    Dark and bright are the ends of `window` (centre, width), or else the 1st and 99th percentile. Other numbers of
    channels show the first one.
    """
    if array.ndim == 2:
        return curves(array, side, side)
    channels = array if array.shape[0] == 3 else array[:1]
    low, high = value_range(channels, window)
    # A value that is no number is shown as the darkest.
    grey = np.nan_to_num((channels - low) / max(high - low, 1e-12), nan=0.0, posinf=1.0, neginf=0.0)
    bytes_ = np.moveaxis((np.clip(grey, 0.0, 1.0) * 255 + 0.5).astype(np.uint8), 0, -1)
    image = Image.fromarray(bytes_ if bytes_.shape[-1] == 3 else bytes_[..., 0])
    scale = min(1.0, side / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return np.asarray(image.resize(size, Image.Resampling.BOX))


def value_range(
    channels: NDArray[np.float32], window: tuple[float, float] | None = None
) -> tuple[float, float]:
    """The values shown as dark and bright: the ends of the window (centre, width), else the 1st and 99th percentile."""
    if window is not None and window[1] >= 1:
        return window[0] - window[1] / 2, window[0] + window[1] / 2
    finite = channels[np.isfinite(channels)]
    if finite.size == 0:
        return 0.0, 1.0
    low, high = np.percentile(finite, (1, 99))
    return (float(low), float(high)) if high > low else (float(finite.min()), float(finite.max()))
