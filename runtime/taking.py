"""What makes one case, read from the settings of a source node, and written back into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from nodes.sources import taken_text
from runtime.data.catalogue import DataError, Take, Taken
from runtime.graph import Json

_NAMES = ("take", "neighbours", "spacing")


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
        return Taken(take, int(str(neighbours)), wanted)  # type: ignore[arg-type]
    except ValueError as error:
        raise DataError(f"{neighbours} neighbours with a spacing of {spacing} mm do not fit; give numbers.") from error


def taken_in(kind: object) -> Taken:
    """What makes one case, as a source of this kind asks for."""
    return taken_of({name: getattr(kind, name) for name in _NAMES if hasattr(kind, name)})


def as_settings(taken: Taken) -> dict[str, Json]:
    """The settings of a source node whose folder was read in this form, and the form in words as learned."""
    words = taken_text(taken.take, taken.neighbours, taken.spacing)
    return {"take": taken.take, "neighbours": taken.neighbours, "spacing": [*taken.spacing], "taken": words}
