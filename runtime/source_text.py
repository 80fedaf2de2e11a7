"""Pieces of Python source: names of calls, literals, indentation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from nodes.spec import Call

_WIDE = 110


def spelling(call: Call) -> str:
    """What is called, as source writes it."""
    if call.target.startswith("runtime.modules."):
        return call.target.rpartition(".")[2]
    return f"nn.{call.target.removeprefix('torch.nn.')}" if call.target.startswith("torch.nn.") else call.target


def called(name: str, parts: Sequence[str]) -> str:
    """A call, over several lines where it is long."""
    line = f"{name}({', '.join(parts)})"
    if len(line) <= _WIDE - 40:
        return line
    return "\n".join([f"{name}(", *(f"    {part}," for part in parts), ")"])


def arguments_of(arguments: Any) -> list[str]:
    """Arguments by name."""
    return [f"{name}={literal(value)}" for name, value in arguments.items()]


def literal(value: object) -> str:
    """A value as Python source; refuses what has no literal, such as an object."""
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, str):
        return f'"{value}"' if value.isprintable() and not {'"', "\\"} & set(value) else repr(value)
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    raise ValueError(f"{value!r} cannot be printed as source")


def one_line(text: str) -> str:
    """A user's text that may stand in a comment or a docstring: one line, no quotes or backslashes that end it."""
    shown = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    return shown.replace("\\", "/").replace('"', "'")


def numbers(sizes: Iterable[int]) -> str:
    """Sizes behind each other."""
    return ", ".join(map(str, sizes))


def indented(lines: Iterable[str], by: int) -> list[str]:
    """The lines further to the right."""
    return [" " * by + line if line else "" for whole in lines for line in whole.split("\n")]
