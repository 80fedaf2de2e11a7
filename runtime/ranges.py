"""What a search may change: settings with the values that it may try. Part of the training settings of a project."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

Kind = Literal["number", "whole number", "choice"]
Choice = bool | int | float | str
MOST = 100


@dataclass(frozen=True, slots=True)
class Range:
    """A setting of a node (or of a block's use), or with an empty `node` one of the training settings."""

    node: str
    setting: str
    kind: Kind = "number"
    low: float = 0.0
    high: float = 1.0
    log: bool = False  # whether values are tried evenly by their order of magnitude
    choices: tuple[Choice, ...] = ()

    @property
    def key(self) -> str:
        """What the setting is called in a study."""
        return f"{self.node}.{self.setting}"


def read_ranges(read: object) -> tuple[Range, ...]:
    """The ranges in a list as JSON gives it. Raises ValueError, its text beginning with “search”, for what is none."""
    if not isinstance(read, list | tuple) or len(read) > MOST:
        raise ValueError(f"search is no list of at most {MOST} ranges")
    return tuple(one if isinstance(one, Range) else _range(one) for one in read)


def _range(entry: object) -> Range:
    if not isinstance(entry, Mapping):
        raise ValueError("search holds something that is no range")
    known = {field.name: entry[field.name] for field in fields(Range) if field.name in entry}
    known["choices"] = tuple(known.get("choices", ()))
    made = Range(**{"node": "", "setting": "", **known})
    for fault in faults_of_types(made):
        raise ValueError(f"search of {made.setting or 'nothing'}: {fault}")
    return made


def faults_of_types(one: Range) -> Iterator[str]:
    """What no range could hold."""
    if not isinstance(one.node, str) or not isinstance(one.setting, str) or not one.setting:
        yield "it names no setting"
    elif one.kind not in ("number", "whole number", "choice"):
        yield f"its kind is {one.kind}"
    elif not all(_is_number(value) for value in (one.low, one.high)) or not isinstance(one.log, bool):
        yield "its ends are no numbers"
    elif not all(isinstance(value, bool | int | float | str) for value in one.choices):
        yield "its choices are not plain values"


def faults_of(one: Range) -> Iterator[str]:
    """What of a range cannot be searched, one sentence each, without the name of the setting."""
    if one.kind == "choice":
        if len(set(one.choices)) < 2:
            yield "at least two different choices are needed"
    elif one.low > one.high:
        yield f"its lowest value {one.low:g} is above its highest {one.high:g}"
    elif one.log and one.low <= 0:
        yield f"values by order of magnitude begin above 0, not at {one.low:g}"
    elif one.kind == "whole number" and not (float(one.low).is_integer() and float(one.high).is_integer()):
        yield "its ends have to be whole numbers"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
