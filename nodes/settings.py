"""Settings of a node: their declaration, and the reading of values that a person or a file may have got wrong."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, get_args, get_origin

Size = int | tuple[int, ...]
"""One number for all axes, or one for each: 3 or (3, 3)."""

_LONGEST_TEXT = 10_000
_BIGGEST = 1e12


class Form(Enum):
    """What kind of value a setting holds, and so which field the inspector shows."""

    INTEGER = "a whole number"
    NUMBER = "a number"
    SWITCH = "on or off"
    TEXT = "text"
    CHOICE = "one of the choices"
    SIZE = "a whole number, or one for each axis such as 3×3"
    NAMES = "a list of names"
    INTEGERS = "a list of whole numbers"
    NUMBERS = "a list of numbers"
    FOLDER = "a folder"
    FILE = "a file"
    PART = "the name of a frame or block"


class WrongValue(ValueError):
    """A setting's value does not fit; the text says what came and what fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One declared setting of a node type. `name` is the Python name; `label` is what people read."""

    name: str
    form: Form
    default: Any
    help: str
    label: str
    low: float | None = None
    high: float | None = None
    multiple: int = 1  # of which whole numbers have to be multiples
    choices: tuple[str, ...] = ()
    unit: str = ""
    brief: bool = False
    learned: bool = False
    folded: bool = False

    def read(self, raw: object) -> Any:
        """The value of `raw` (as JSON or a text field gives it); raises WrongValue in words for the user."""
        value = _READERS[self.form](self, raw)
        for number in value if isinstance(value, tuple) else (value,):
            self._bounded(number)
        return value

    def _bounded(self, number: object) -> None:
        if not isinstance(number, int | float) or isinstance(number, bool):
            return
        if self.low is not None and number < self.low:
            raise WrongValue(f"{self.label} is {_plain(number)}; {_plain(self.low)} or more fits.")
        if self.high is not None and number > self.high:
            raise WrongValue(f"{self.label} is {_plain(number)}; {_plain(self.high)} or less fits.")
        if self.multiple > 1 and number % self.multiple:
            below = int(number // self.multiple) * self.multiple
            fits = " or ".join(str(one) for one in (below, below + self.multiple) if one >= (self.low or 1))
            raise WrongValue(f"{self.label} is {_plain(number)}; a multiple of {self.multiple} fits, such as {fits}.")

    def wrong(self, raw: object) -> WrongValue:
        """The complaint about a value of the wrong form."""
        came = f"“{raw}”" if isinstance(raw, str) else str(raw)
        fits = f"one of {', '.join(self.choices)}" if self.choices else self.form.value
        return WrongValue(f"{self.label} is {came[:80]}; {fits} fits.")


def setting(
    default: Any,
    help: str,
    *,
    label: str = "",
    low: float | None = None,
    high: float | None = None,
    multiple: int = 1,
    form: Form | None = None,
    unit: str = "",
    brief: bool = False,
    learned: bool = False,
    folded: bool = False,
) -> Any:
    """Declare a setting of a node type: its default, two plain sentences of help, and what values fit.

    `brief` settings are shown on the node itself; `learned` ones are read from the data and not edited by hand;
    `folded` ones are rarely needed: they come last, in a part of the form that is opened when they are wanted.
    """
    extra = {"help": help, "label": label, "low": low, "high": high, "multiple": multiple, "form": form}
    extra |= {"unit": unit, "brief": brief, "learned": learned, "folded": folded}
    return dataclasses.field(default=default, metadata=extra)


def declared(field: dataclasses.Field[Any], hint: object) -> Setting:
    """The Setting that a dataclass field with this type hint declares."""
    extra = dict(field.metadata)
    choices = tuple(str(choice) for choice in get_args(hint)) if get_origin(hint) is Literal else ()
    form = extra.pop("form") or (Form.CHOICE if choices else _FORMS[hint])
    label = extra.pop("label") or field.name.replace("_", " ").capitalize()
    return Setting(name=field.name, form=form, default=field.default, label=label, choices=choices, **extra)


def _plain(number: float) -> str:
    return f"{number:g}" if isinstance(number, float) else str(number)


def _integer(setting: Setting, raw: object) -> int:
    if isinstance(raw, str) and re.fullmatch(r"\s*[+-]?\d{1,15}\s*", raw):
        return int(raw)
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < _BIGGEST:
        return int(raw)
    if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < _BIGGEST:
        return raw
    raise setting.wrong(raw)


def _number(setting: Setting, raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise setting.wrong(raw)
    try:
        value = float(raw.replace(",", ".")) if isinstance(raw, str) else float(raw)
    except (ValueError, OverflowError):
        raise setting.wrong(raw) from None
    if not math.isfinite(value):
        raise setting.wrong(raw)
    return value


def _switch(setting: Setting, raw: object) -> bool:
    if not isinstance(raw, bool):
        raise setting.wrong(raw)
    return raw


def _text(setting: Setting, raw: object) -> str:
    if not isinstance(raw, str) or len(raw) > _LONGEST_TEXT:
        raise setting.wrong(raw)
    return raw


def _choice(setting: Setting, raw: object) -> str:
    if raw not in setting.choices:
        raise setting.wrong(raw)
    return str(raw)


def _parts(raw: object) -> Iterable[object] | None:
    if isinstance(raw, str):
        return [part for part in re.split(r"[×xX,;\s]+", raw.strip()) if part]
    return raw if isinstance(raw, list | tuple) else None


def _size(setting: Setting, raw: object) -> Size:
    parts = _parts(raw)
    if parts is None:
        return _integer(setting, raw)
    numbers = tuple(_integer(setting, part) for part in parts)
    if not 1 <= len(numbers) <= 3:
        raise setting.wrong(raw)
    return numbers[0] if len(numbers) == 1 else numbers


def _names(setting: Setting, raw: object) -> tuple[str, ...]:
    parts = [part.strip() for part in raw.split(",")] if isinstance(raw, str) else raw
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise setting.wrong(raw)
    return tuple(part for part in parts if part)


def _integers(setting: Setting, raw: object) -> tuple[int, ...]:
    parts = _parts(raw)
    return tuple(_integer(setting, part) for part in ([raw] if parts is None else parts))


def _numbers(setting: Setting, raw: object) -> tuple[float, ...]:
    parts = re.split(r"[;\s]+|,(?=\s)|,", raw.strip()) if isinstance(raw, str) else raw
    listed = parts if isinstance(parts, list | tuple) else [parts]
    return tuple(_number(setting, part) for part in listed if part != "")


_READERS = {
    Form.INTEGER: _integer,
    Form.NUMBER: _number,
    Form.SWITCH: _switch,
    Form.TEXT: _text,
    Form.CHOICE: _choice,
    Form.SIZE: _size,
    Form.NAMES: _names,
    Form.INTEGERS: _integers,
    Form.NUMBERS: _numbers,
    Form.FOLDER: _text,
    Form.FILE: _text,
    Form.PART: _text,
}
_FORMS: dict[object, Form] = {
    int: Form.INTEGER,
    float: Form.NUMBER,
    bool: Form.SWITCH,
    str: Form.TEXT,
    Size: Form.SIZE,
    tuple[str, ...]: Form.NAMES,
    tuple[int, ...]: Form.INTEGERS,
    tuple[float, ...]: Form.NUMBERS,
}
