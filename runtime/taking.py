"""What makes one case, read from the settings of a source node, and written back into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

from nodes.signals import signals_text
from nodes.sources import patch_text, taken_text
from runtime.data.catalogue import DataError, FileKind
from runtime.data.taken import Patch, PatchUnit, Take, Taken
from runtime.graph import Json

_NAMES = (
    "take", "neighbours", "spacing", "patch", "patch_unit", "hit_radius", "leads", "rate", "stored_rate",
)  # fmt: skip


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
        taken = Taken(take, int(str(neighbours)), wanted, _patch_of(settings))  # type: ignore[arg-type]
    except ValueError as error:
        raise DataError(f"{neighbours} neighbours with a spacing of {spacing} mm do not fit; give numbers.") from error
    leads = settings.get("leads") or ()
    names = tuple(str(name).strip() for name in leads) if isinstance(leads, list | tuple) else ()
    return replace(
        taken, leads=names, rate_hz=_hertz(settings, "rate"), stored_rate_hz=_hertz(settings, "stored_rate")
    )  # fmt: skip


def _hertz(settings: Mapping[str, Json], name: str) -> float:
    given = settings.get(name) or 0.0
    try:
        rate = float(str(given))
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1e6:
        raise DataError(f"A sampling rate of {given} does not fit; give samples per second, or 0 for the one found.")
    return rate


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


def words_of(taken: Taken, points: bool = False) -> dict[str, str]:
    """What makes one case and, where `points` are the cases, the patches round them, in the words that are learned when
    a folder is read; "" for as found."""
    words = taken_text(taken.take, taken.neighbours, taken.spacing)
    if taken.leads or taken.rate_hz or taken.stored_rate_hz:
        words = signals_text(taken.leads, taken.rate_hz, taken.stored_rate_hz)
    patch = taken.patch
    return {"taken": words, "points": patch_text(patch.sides, patch.unit, patch.radius) if points else ""}


def as_settings(taken: Taken, kind: FileKind, points: bool = False) -> dict[str, Json]:
    """The settings of a source node whose folder was read in this form, and the form in words as learned; `points`:
    whether its cases are points."""
    words = words_of(taken, points)
    if kind == "signal":
        return {
            "leads": [*taken.leads], "rate": taken.rate_hz, "stored_rate": taken.stored_rate_hz,
            "taken": words["taken"],
        }  # fmt: skip
    made: dict[str, Json] = {"take": taken.take, "neighbours": taken.neighbours, "spacing": [*taken.spacing], **words}
    patch = taken.patch
    if points:
        made |= {"patch": [*patch.sides], "patch_unit": patch.unit, "hit_radius": patch.radius}
    return made
