"""What a foreign layer becomes: one or several nodes in a row. A table by the layer's type, filled by three files."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from runtime.graph import Json
from runtime.importing.values import Reading, Unknown


@dataclass(frozen=True, slots=True)
class Piece:
    """A node to draw. `parameters` leads from its tensors in torch to those of the layer, such as "weight" -> "W"."""

    kind: str
    settings: Mapping[str, Json] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    note: str = ""  # how it differs from the layer, as a sentence


Made = tuple[Piece, ...]
Maker = Callable[[Reading], Made]

MAKERS: dict[str, Maker] = {}
"""What makes nodes of a layer, by the layer's type. An empty tuple hands on what enters."""


def makes(*kinds: str) -> Callable[[Maker], Maker]:
    """Enter a maker for these types of layers."""

    def enter(maker: Maker) -> Maker:
        for kind in kinds:
            MAKERS[kind] = maker
        return maker

    return enter


def learning(reading: Reading, main: str = "W") -> dict[str, Json]:
    """The learning-rate factor of a layer, where it is not 1."""
    name = f"{main}.LRateMultiplier"
    factor = reading.number(name, 1.0) if reading.has(name) else 1.0
    return {} if factor == 1 else {"rate_factor": factor}


def plain(size: tuple[int, ...]) -> Json:
    """One number where all axes have the same, otherwise a list."""
    return size[0] if len(set(size)) == 1 else [*size]


def as_list(reading: Reading) -> Made:
    """A Flatten where an image enters, nothing where a list does."""
    return () if reading.shape is not None and len(reading.shape) == 1 else (Piece("flatten"),)


def as_shape(reading: Reading, name: str) -> Made:
    """A Reshape where the setting names more than one axis."""
    sizes = reading.sizes(name)
    return (Piece("reshape", {"shape": [*sizes]}),) if len(sizes) > 1 else ()


def product(sizes: tuple[int, ...]) -> int:
    """How many values there are; raises Unknown for sizes that are none."""
    if not sizes or min(sizes) < 1:
        raise Unknown(f"its size {'×'.join(map(str, sizes))} is none")
    return math.prod(sizes)
