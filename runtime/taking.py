"""What makes one case, read from the settings of a source node, and written back into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from nodes.sources import patch_text, taken_text
from runtime.data.catalogue import DataError
from runtime.data.taken import Patch, PatchUnit, Take, Taken
from runtime.graph import Json

_NAMES = ("take", "neighbours", "spacing", "patch", "patch_unit", "hit_radius")


def taken_of(settings: Mapping[str, Json]) -> Taken:
    """What makes one case, as the settings of a source node say. Raises DataError for settings that do not fit."""
    usual = Taken()
    take, spacing = settings.get("take", usual.take), settings.get("spacing", ())
    neighbours = settings.get("neighbours", usual.neighbours)
    if take not in get_args(Take):
        raise DataError(f"“{take}” is no way to take cases; {', '.join(get_args(Take))} are.")
    sides = spacing if isinstance(spacing, list | tuple) else [spacing]
    try:
        wanted = tuple(float(str(side)) for side in sides)
        return Taken(take, int(str(neighbours)), wanted, _patch_of(settings))  # type: ignore[arg-type]
    except ValueError as error:
        raise DataError(f"{neighbours} neighbours with a spacing of {spacing} mm do not fit; give numbers.") from error


def _patch_of(settings: Mapping[str, Json]) -> Patch:
    """What is cut out round each point. Raises DataError."""
    usual = Patch()
    sides, unit = settings.get("patch", usual.sides), settings.get("patch_unit", usual.unit)
    radius = settings.get("hit_radius", usual.radius)
    if unit not in get_args(PatchUnit):
        raise DataError(f"“{unit}” is no unit of a patch; {' and '.join(get_args(PatchUnit))} are.")
    try:
        many = sides if isinstance(sides, list | tuple) else [sides]
        return Patch(tuple(float(str(side)) for side in many) or usual.sides, unit, float(str(radius)))  # type: ignore[arg-type]
    except ValueError as error:
        raise DataError(f"A patch of {sides} with a hit radius of {radius} does not fit; give numbers.") from error


def taken_in(kind: object) -> Taken:
    """What makes one case, as a source of this kind asks for."""
    return taken_of({name: getattr(kind, name) for name in _NAMES if hasattr(kind, name)})


def as_settings(taken: Taken, points: bool = False) -> dict[str, Json]:
    """The settings of a source node whose folder was read in this form, and the form in words as learned; `points`:
    whether its cases are points."""
    words = taken_text(taken.take, taken.neighbours, taken.spacing)
    made: dict[str, Json] = {
        "take": taken.take, "neighbours": taken.neighbours, "spacing": [*taken.spacing], "taken": words, "points": ""
    }  # fmt: skip
    patch = taken.patch
    if points:
        made |= {"patch": [*patch.sides], "patch_unit": patch.unit, "hit_radius": patch.radius}
        made["points"] = patch_text(patch.sides, patch.unit, patch.radius)
    return made
