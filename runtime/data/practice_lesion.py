"""Lesions in the white matter of a synthetic head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter

from runtime.data.practice_anatomy import GRID, HALF_VIEW, Floats, Head, Tissue, grid, tissues


@dataclass(frozen=True, slots=True)
class Lesion:
    """A deformed ball in head units; `height` is its middle."""

    across: float
    along: float
    height: float
    radius: float
    wobble: Floats  # unevenness of its edge, one value per fine pixel


def make_lesion(head: Head, height: float, radius: float, rng: np.random.Generator, uneven: float = 0.16) -> Lesion:
    """A lesion whose middle lies in the brain of the slice at `height`, away from its edge."""
    labels = tissues(head, height)
    inside = distance_transform_edt(np.isin(labels, (Tissue.WHITE, Tissue.GREY, Tissue.DEEP_GREY, Tissue.CSF)))
    x, y = grid(head)
    fits = (inside * _unit() > radius + 0.10) & (labels == Tissue.WHITE) & (np.abs(x) > radius * 0.8)
    places = np.argwhere(fits if fits.any() else inside > inside.max() * 0.7)
    row, column = places[rng.integers(len(places))]
    wobble = gaussian_filter(rng.standard_normal((GRID, GRID)), 7)
    return Lesion(float(x[row, column]), float(y[row, column]), height, radius, _scaled(wobble, uneven))


def _scaled(field: NDArray[np.float64], spread: float) -> Floats:
    return np.asarray(field / field.std() * spread, dtype=np.float32)


def _unit() -> float:
    """Head units per fine pixel."""
    return 2 * HALF_VIEW / GRID


def share(lesion: Lesion, head: Head, height: float) -> Floats:
    """How much of each fine pixel the lesion fills in the slice at `height`: 0 outside, 1 inside, soft at the edge."""
    x, y = grid(head)
    upward = (height - lesion.height) * 1.1
    distance = np.sqrt((x - lesion.across) ** 2 + (y - lesion.along) ** 2 + upward**2)
    edge = lesion.radius * (1 + lesion.wobble)
    return np.asarray(np.clip((edge - distance) / (1.5 * _unit()) + 0.5, 0, 1), dtype=np.float32)
