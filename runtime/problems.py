"""What is wrong with a graph or its data, said so that the reader knows what to change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from runtime.paths import first_copies

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where it is (a node id, a setting or port name; "" when it concerns the whole) and why.

    `code` names the class of the fault for the program, which reads no message; "" where no remedy is known.
    """

    node: str
    field: str
    severity: Severity
    message: str
    code: str = ""


def once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems without those that a copy of a block repeats."""
    found = {(first_copies(one.node), one.field, one.message): one for one in reversed(list(problems))}
    return tuple(reversed(found.values()))


def quoted_list(names: Iterable[str]) -> str:
    """Names in quotes: “A”, “B” and “C”."""
    quoted = [f"“{name}”" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else "".join(quoted)
