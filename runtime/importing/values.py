"""Settings of foreign layers as values: numbers, sizes, arguments of a unit, arithmetic with the size that enters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nodes.spec import Shape
from runtime.expressions import MARK, WrongExpression, computed, names_in
from runtime.graph import Json
from runtime.importing.layers import Layer

_INPUT = re.compile(r"\*?\bInput\b(?:\s*\[\s*(\d+)\s*\])?")


class Unknown(Exception):
    """A setting cannot be made out; the text is a clause that says which and why."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What settings may name: the arguments of the unit that the layer lies in, with their values, and what enters."""

    arguments: Mapping[str, Json] = field(default_factory=dict)
    entering: Sequence[Shape | None] = ()
    untouched: bool = False  # whether only preparation lies between a data source and the layer
    names: bool = True  # whether arguments stay names in what is stored


class Reading:
    """The settings of one layer, read in its scope."""

    def __init__(self, layer: Layer, scope: Scope) -> None:
        self.layer = layer
        self.scope = scope

    @property
    def shape(self) -> Shape | None:
        """The size that enters at the first pin, if it is known."""
        return self.scope.entering[0] if self.scope.entering else None

    def has(self, name: str) -> bool:
        """Whether the layer has this setting, and it is not empty."""
        return bool(self.layer.text(name).strip())

    def word(self, name: str, otherwise: str = "") -> str:
        """The setting as a word in lower case."""
        return self.layer.text(name, otherwise).strip().casefold() or otherwise

    def value(self, name: str, otherwise: Json = None) -> Json:
        """The setting computed; raises Unknown."""
        if not self.has(name):
            return otherwise
        text = self._plain(name)
        try:
            return computed(MARK + text, self.scope.arguments)
        except WrongExpression:
            raise Unknown(f"{name} is “{self.layer.text(name)[:60]}”, which cannot be computed") from None

    def stored(self, name: str, otherwise: Json = None) -> Json:
        """The setting as a node keeps it: a value, or “=expression” where it names arguments. Raises Unknown."""
        value = self.value(name, otherwise)
        if not self.has(name):
            return value
        text = self._plain(name)
        named = self.scope.names and names_in(MARK + text) & set(self.scope.arguments)
        return MARK + text if named else value

    def whole(self, name: str, otherwise: int = 0) -> int:
        """The setting as a whole number. Raises Unknown."""
        value = self.value(name, otherwise)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise Unknown(f"{name} is “{self.layer.text(name)[:60]}”, where a whole number fits")
        return int(value)

    def number(self, name: str, otherwise: float = 0.0) -> float:
        """The setting as a number. Raises Unknown."""
        value = self.value(name, otherwise)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unknown(f"{name} is “{self.layer.text(name)[:60]}”, where a number fits")
        return float(value)

    def on(self, name: str, otherwise: bool = False) -> bool:
        """The setting as on or off."""
        return {"true": True, "1": True, "false": False, "0": False}.get(self.word(name), otherwise)

    def sizes(self, name: str, otherwise: Sequence[int] = ()) -> tuple[int, ...]:
        """The setting as whole numbers, one for each axis. Raises Unknown."""
        value = self.value(name, [*otherwise])
        listed = value if isinstance(value, list) else [value]
        if not all(isinstance(part, int) and not isinstance(part, bool) for part in listed):
            raise Unknown(f"{name} is “{self.layer.text(name)[:60]}”, where whole numbers fit")
        return tuple(part for part in listed if isinstance(part, int))

    def _plain(self, name: str, depth: int = 0) -> str:
        """The text with the sizes that enter in the place of “Input”, and without the marks of macros."""
        text = self.layer.text(name).strip().rstrip(",")
        other = text.removeprefix("*")
        if text.startswith("*") and other in self.layer.settings and other != name and depth < 4:
            return self._plain(other, depth + 1)
        text = re.sub(r"(^|[\s,(+\-/])\*(?=[A-Za-z_])", r"\1", text)
        return _INPUT.sub(self._size, text)

    def _size(self, found: re.Match[str]) -> str:
        if self.shape is None:
            raise Unknown(f"a setting asks for the size that enters “{self.layer.name}”, which is not known")
        if found[1] is None:
            return str(self.shape[0]) if len(self.shape) == 1 else f"({', '.join(map(str, self.shape))})"
        place = int(found[1])
        if place >= len(self.shape):
            raise Unknown(f"a setting asks for axis {place} of what enters “{self.layer.name}”, which has fewer")
        return str(self.shape[place])
