"""What the images were like that trained a model: a part of its contract, by which others are refused. No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Seen:
    """() and None where the images do not say, or not all of them: then nothing is asked of new images.

    `darkest` and `brightest` are how far the 1st and the 99th percentile of the pixels of an image went, in real units;
    `spacing_mm` from the finest to the coarsest distance of rows or columns.
    """

    images: int = 0  # that were looked at
    modalities: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()  # of DICOM files: "grey", "colour", "palette"
    spacing_mm: Range | None = None
    darkest: Range | None = None
    brightest: Range | None = None


def read_seen(raw: Mapping[str, Any]) -> Seen:
    """The record in what `asdict` gave. Raises TypeError, KeyError and ValueError for other things."""
    return Seen(
        int(raw["images"]), _names(raw["modalities"]), _names(raw["body_parts"]), _names(raw["colours"]),
        _range(raw["spacing_mm"]), _range(raw["darkest"]), _range(raw["brightest"]),
    )  # fmt: skip


def _names(raw: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in raw)


def _range(raw: Any) -> Range | None:
    if raw is None:
        return None
    low, high = (float(end) for end in raw)
    if not -math.inf < low <= high < math.inf:
        raise ValueError(f"{low} to {high} is no range")
    return low, high


def colour_of(photometric: str) -> str:
    """What a PhotometricInterpretation (DICOM PS3.3 C.7.6.3.1.2) means for a model: MONOCHROME1 is inverted when it is
    read, and every colour space becomes red, green and blue.
    """
    if not photometric:
        return ""
    if photometric.startswith("MONOCHROME"):
        return "grey"
    return "palette" if photometric.startswith("PALETTE") else "colour"
