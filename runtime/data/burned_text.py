"""Whether letters are likely burned into the border of an image. "Likely" is meant: it overlooks text, and may err.

Letters are drawn in one bright value on an even ground. In each border band (an eighth of the height above and below,
a quarter of the width left and right, where names and measures are printed) the test looks for rows with several short
bright strokes: a stroke is a run of pixels near the brightest value of the whole image, at most 1/40 of the width long,
with dark, even ground before and after it. At least five rows in a stretch of at most sixteen have to hold four strokes
or more, while
at most a third of the stretch is bright: noise has no even ground, and anatomy no rows of short strokes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BRIGHT = 0.85  # of the range from the darkest to the brightest value
_DARK = 0.35
_BAND = 8  # the border is 1/8 of the image on each side
_STROKES = 4
_ROWS = 5
_STRETCH = 16
_SMALLEST = 64  # pixels a side, below which letters cannot be told from anything else


def text_likely(image: NDArray[np.float32]) -> bool:
    """Whether an image (rows, columns) likely has text in its border."""
    rows, columns = image.shape
    low, high = float(image.min()), float(image.max())
    if min(rows, columns) < _SMALLEST or not high > low:
        return False
    scaled = (image - low) / (high - low)
    top, side = rows // _BAND, columns // _BAND
    bands = (scaled[:top], scaled[-top:], scaled[top:-top, : 2 * side], scaled[top:-top, -2 * side :])
    longest = max(2, columns // 40)
    return any(_has_text(band, longest) for band in bands)


def _has_text(band: NDArray[np.float32], longest: int) -> bool:
    strokes = _strokes(band, longest)
    enough = strokes >= _STROKES
    bright = (band >= _BRIGHT).mean(1)
    for start in range(max(1, len(enough) - _STRETCH + 1)):
        stretch = slice(start, start + _STRETCH)
        if enough[stretch].sum() >= _ROWS and bright[stretch].mean() <= 1 / 3:
            return True
    return False


def _strokes(band: NDArray[np.float32], longest: int) -> NDArray[np.int64]:
    """How many strokes each row holds."""
    counts = np.zeros(len(band), np.int64)
    bright, dark = band >= _BRIGHT, band <= _DARK
    for row in np.flatnonzero(bright.any(1)):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], bright[row], [False])).astype(np.int8)))
        starts, ends = edges[::2], edges[1::2]
        short = ends - starts <= longest
        before = np.maximum(starts - 2, 0)
        after = np.minimum(ends + 1, band.shape[1] - 1)
        counts[row] = int((short & dark[row, before] & dark[row, after]).sum())
    return counts
