"""Whether a map depends on what was learned: it is compared with that of the same network with random weights.

Adebayo et al. 2018, Sanity checks for saliency maps (arXiv 1810.03292). No torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Verdict = Literal["depends", "partly", "alike", "unknown"]

ALIKE = 0.7  # mean rank correlation from which a map is said not to depend on the weights
PARTLY = 0.4
_SIDE = 7  # pixels of the window in which structure is compared
_FIRST, _SECOND = 0.01**2, 0.03**2  # constants of SSIM for values from 0 to 1


@dataclass(frozen=True, slots=True)
class Sanity:
    """How like the maps of random networks are to the map: means over the random networks, None where not defined."""

    verdict: Verdict
    rank_correlation: float | None  # Spearman's, of the strengths, -1 to 1
    structure: float | None  # SSIM of the strengths scaled to 0 to 1
    networks: int
    sentence: str


def check(found: Floats, random: Sequence[Floats]) -> Sanity:
    """Compare a map with those of networks with random weights; each (*size), of the same size."""
    strength = np.abs(found)
    if not strength.max() > strength.min():
        return Sanity("unknown", None, None, len(random), _EMPTY)
    others = [np.abs(one) for one in random]
    ranks = [rank_correlation(strength, one) for one in others if one.max() > one.min()]
    alike = [structural_similarity(_scaled(strength), _scaled(one)) for one in others if one.max() > one.min()]
    if not ranks:
        return Sanity("depends", None, None, len(random), _NONE_THERE)
    rank, structure = float(np.mean(ranks)), float(np.mean(alike))
    verdict: Verdict = "alike" if rank >= ALIKE else "partly" if rank >= PARTLY else "depends"
    return Sanity(verdict, rank, structure, len(random), _SENTENCES[verdict].format(rank))


def rank_correlation(first: Floats, second: Floats) -> float:
    """Spearman's rank correlation of two maps; neither may be constant."""
    from scipy.stats import spearmanr

    return float(spearmanr(first.ravel(), second.ravel()).statistic)


def structural_similarity(first: Floats, second: Floats) -> float:
    """Mean SSIM of two maps with values from 0 to 1 (Wang et al. 2004, doi 10.1109/TIP.2003.819861), uniform window."""
    from scipy.ndimage import uniform_filter

    one, two = first.astype(np.float64), second.astype(np.float64)
    size = tuple(min(_SIDE, side) for side in one.shape)
    mean_one, mean_two = uniform_filter(one, size), uniform_filter(two, size)
    spread_one = uniform_filter(one * one, size) - mean_one**2
    spread_two = uniform_filter(two * two, size) - mean_two**2
    together = uniform_filter(one * two, size) - mean_one * mean_two
    above = (2 * mean_one * mean_two + _FIRST) * (2 * together + _SECOND)
    below = (mean_one**2 + mean_two**2 + _FIRST) * (spread_one + spread_two + _SECOND)
    return float((above / below).mean())


def _scaled(strength: Floats) -> Floats:
    low, high = strength.min(), strength.max()
    scaled: Floats = (strength - low) / (high - low)
    return scaled


_EMPTY = "The map is the same everywhere, so it says nothing about this case, and there is nothing to check."
_NONE_THERE = "Networks with random weights give an empty map, so this map depends on what was learned."
_SENTENCES = {
    "depends": "The map depends on what was learned: with random weights it looks different (rank correlation "
    "{0:.2f}).",
    "partly": "Part of the map is there without any learning: with random weights it looks similar (rank correlation "
    "{0:.2f}). Trust only what the random map beside it does not show.",
    "alike": "The map hardly depends on what was learned: with random weights it looks almost the same (rank "
    "correlation {0:.2f}). It shows the image, not the reasons of the network; choose another method.",
}
