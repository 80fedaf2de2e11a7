"""Candidates for small bright lesions: the brightest spots of a slice, found as a simple detector finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, maximum_filter

from runtime.data.practice_anatomy import Floats, Labels, Tissue

_FINE, _COARSE = 1.2, 4.0  # pixels: what is smoothed away, and what is taken for background
_APART = 7  # pixels: within this window only the brightest spot counts


@dataclass(frozen=True, slots=True)
class Spot:
    """The middle of a lesion and its radius, in pixels: x to the right, y down, 0 the middle of the first pixel."""

    x: float
    y: float
    radius: float


def spot_of(bright: Floats) -> Spot | None:
    """The lesion in a slice from the share of each pixel (rows, columns) that it fills; None where it fills none."""
    area = float(bright.sum())
    if bright.max() < 0.5 or area < 1:
        return None
    rows, columns = np.indices(bright.shape)
    middle = (bright * columns).sum() / area, (bright * rows).sum() / area
    return Spot(float(middle[0]), float(middle[1]), float(np.sqrt(area / np.pi)))


def brain(labels: Labels) -> Floats:
    """The share of each fine pixel that is brain: 1 inside, 0 outside."""
    return np.isin(labels, (Tissue.WHITE, Tissue.GREY, Tissue.DEEP_GREY, Tissue.CSF)).astype(np.float32)


def candidates(pixels: NDArray[np.integer[Any]], inside: NDArray[np.bool_], most: int) -> list[tuple[int, int]]:
    """The places (x, y) in the brain that are brightest against what lies round them, the brightest first, at most so
    many: the local maxima of a difference of two Gaussians (Marr and Hildreth 1980, doi 10.1098/rspb.1980.0020)."""
    image = np.where(inside, pixels, np.median(pixels[inside]) if inside.any() else 0.0)
    contrast = gaussian_filter(image, _FINE) - gaussian_filter(image, _COARSE)
    top = (contrast == maximum_filter(contrast, _APART)) & (contrast > 0) & inside
    rows, columns = np.nonzero(top)
    order = np.argsort(-contrast[rows, columns], kind="stable")[:most]
    return [(int(columns[place]), int(rows[place])) for place in order]
