"""The drawing as plain frozen records: nodes, wires, and how to train."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Device = Literal["auto", "cpu", "cuda"]
SplitBy = Literal["patient", "image"]


@dataclass(frozen=True, slots=True)
class Node:
    """A node as drawn. `settings` are raw values, which may be wrong; `position` is in scene pixels, y downwards."""

    id: str
    type: str
    name: str
    settings: Mapping[str, Json] = field(default_factory=dict)
    position: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True, order=True)
class Wire:
    """From an output port of one node to an input port of another, all by name."""

    source: str
    output: str
    target: str
    input: str


@dataclass(frozen=True, slots=True)
class Training:
    """How the project is trained: what belongs to no single node."""

    epochs: int = 10
    batch: int = 32
    seed: int = 0
    device: Device = "auto"
    split: SplitBy = "patient"
    patience: int = 0  # epochs without improvement before stopping; 0 trains to the end
    watch: str = ""  # the metric that names the best epoch; "" is the validation loss


@dataclass(frozen=True, slots=True)
class Graph:
    """A snapshot of a document; node and wire order are the order of creation."""

    nodes: Mapping[str, Node] = field(default_factory=dict)
    wires: tuple[Wire, ...] = ()
    training: Training = field(default_factory=Training)

    def wires_into(self, node_id: str) -> tuple[Wire, ...]:
        """The wires that end in the node, oldest first."""
        return tuple(wire for wire in self.wires if wire.target == node_id)
