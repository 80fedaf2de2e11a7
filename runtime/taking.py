"""What makes one case, read from the settings of a source node, and written back into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

from nodes.signals import signals_text
from nodes.sources import taken_text
from runtime.data.catalogue import DataError, FileKind, Take, Taken
from runtime.graph import Json

_NAMES = ("take", "neighbours", "spacing", "leads", "rate", "stored_rate")


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
        taken = Taken(take, int(str(neighbours)), wanted)  # type: ignore[arg-type]
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


def taken_in(kind: object) -> Taken:
    """What makes one case, as a source of this kind asks for."""
    return taken_of({name: getattr(kind, name) for name in _NAMES if hasattr(kind, name)})


def words_of(taken: Taken) -> str:
    """What makes one case, in the words that are learned when a folder is read; "" for as found."""
    if taken.leads or taken.rate_hz or taken.stored_rate_hz:
        return signals_text(taken.leads, taken.rate_hz, taken.stored_rate_hz)
    return taken_text(taken.take, taken.neighbours, taken.spacing)


def as_settings(taken: Taken, kind: FileKind) -> dict[str, Json]:
    """The settings of a source node whose folder was read in this form, and the form in words as learned."""
    words = words_of(taken)
    if kind == "signal":
        return {"leads": [*taken.leads], "rate": taken.rate_hz, "stored_rate": taken.stored_rate_hz, "taken": words}
    return {"take": taken.take, "neighbours": taken.neighbours, "spacing": [*taken.spacing], "taken": words}
