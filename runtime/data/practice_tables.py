"""Slices whose labels stand in a table: the place and size of a lesion, findings that are there or not, grades."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.practice_anatomy import HALF_VIEW, Floats, Head, Tissue, tissues
from runtime.data.practice_candidates import spot_of
from runtime.data.practice_lesion import make_lesion, share
from runtime.data.practice_scanner import FLAIR, PIXEL_MM, VIEW_MM, Scanner, acquire, halved, moved

UNIT_MM = VIEW_MM / (2 * HALF_VIEW)  # of one head unit

Drawn = tuple[NDArray[np.uint16], tuple[str, ...]]
Draw = Callable[[Head, float, Scanner, np.random.Generator], Drawn]

_OFTEN = 0.4  # how often each finding is there
_GHOST = 0.14  # of the signal, in each of two ghosts of a moving head
_GRADES: tuple[tuple[tuple[int, int], tuple[float, float]], ...] = (
    ((0, 0), (0, 0)), ((1, 3), (4, 6)), ((4, 7), (5, 8)), ((6, 9), (9, 15))
)  # fmt: skip
"""How many lesions a slice of each grade has, and their diameters in mm; both ends included."""


@dataclass(frozen=True, slots=True)
class TableOf:
    """The columns of one kind of table, and what draws a slice with its cells."""

    columns: tuple[str, ...]
    draw: Draw


def _size(head: Head, height: float, scanner: Scanner, rng: np.random.Generator) -> Drawn:
    """One lesion, and the diameter in mm of the circle that has its area."""
    bright = _lesion(head, height, rng, (4, 28))
    pixels = acquire(tissues(head, height), FLAIR, scanner, rng, bright)
    return pixels, (f"{_diameter_mm(bright, scanner):.2f}",)


def _place(head: Head, height: float, scanner: Scanner, rng: np.random.Generator) -> Drawn:
    """One lesion, its middle in mm from that of the first pixel, to the right and down, and its diameter."""
    bright = _lesion(head, height, rng, (8, 20))
    pixels = acquire(tissues(head, height), FLAIR, scanner, rng, bright)
    spot = spot_of(halved(moved(bright, scanner)))
    x, y = (0.0, 0.0) if spot is None else (spot.x, spot.y)
    return pixels, (f"{x * PIXEL_MM:.1f}", f"{y * PIXEL_MM:.1f}", f"{_diameter_mm(bright, scanner):.1f}")


def _findings(head: Head, height: float, scanner: Scanner, rng: np.random.Generator) -> Drawn:
    """Bright lesions, a dark cyst and ghosts of a head that moved: each there or not, whatever the others are."""
    lesion, cyst, motion = (bool(drawn) for drawn in rng.random(3) < _OFTEN)
    several = [_lesion(head, height, rng, (10, 18)) for _ in range(3)] if lesion else []
    bright = np.maximum.reduce(several) if several else None
    labels = tissues(head, height)
    if cyst:
        labels = np.where(_lesion(head, height, rng, (36, 48)) >= 0.5, np.uint8(Tissue.CSF), labels)
    pixels = acquire(labels, FLAIR, scanner, rng, bright)
    if motion:
        pixels = _ghosts(pixels, int(rng.integers(9, 20)))
    return pixels, tuple(str(int(there)) for there in (lesion, cyst, motion))


def _grade(head: Head, height: float, scanner: Scanner, rng: np.random.Generator) -> Drawn:
    """White-matter lesions from none (0) to many large ones (3), as Fazekas and others grade them (1987,
    doi 10.2214/ajr.149.2.351), here by how many there are and how large."""
    grade = int(rng.integers(0, len(_GRADES)))
    (fewest, most), diameters = _GRADES[grade]
    each = [_lesion(head, height, rng, diameters) for _ in range(int(rng.integers(fewest, most + 1)))]
    bright = np.maximum.reduce(each) if each else None
    return acquire(tissues(head, height), FLAIR, scanner, rng, bright), (str(grade),)


def _lesion(head: Head, height: float, rng: np.random.Generator, diameters_mm: tuple[float, float]) -> Floats:
    """How much of each fine pixel a lesion fills whose middle lies in this slice."""
    radius = float(rng.uniform(*diameters_mm)) / 2 / UNIT_MM
    return share(make_lesion(head, height, radius, rng, uneven=0.06), head, height)


def _diameter_mm(bright: Floats, scanner: Scanner) -> float:
    area_mm2 = float(halved(moved(bright, scanner)).sum()) * PIXEL_MM**2
    return float(2 * (area_mm2 / np.pi) ** 0.5)


def _ghosts(pixels: NDArray[np.uint16], rows: int) -> NDArray[np.uint16]:
    """The image with weak copies of itself above and below, as a periodic movement leaves them."""
    copies: NDArray[Any] = np.roll(pixels, rows, axis=0).astype(np.float32) + np.roll(pixels, -rows, axis=0)
    mixed = (1 - 2 * _GHOST) * pixels + _GHOST * copies
    return np.round(mixed).astype(np.uint16)


TABLES: Mapping[str, TableOf] = {
    "size": TableOf(("diameter_mm",), _size),
    "place": TableOf(("x_mm", "y_mm", "diameter_mm"), _place),
    "findings": TableOf(("lesion", "cyst", "motion"), _findings),
    "grades": TableOf(("grade",), _grade),
}
"""By the name of the practice data."""
