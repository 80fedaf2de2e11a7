"""What an analysis says: records of order, shapes, counts, meanings and problems. No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from nodes.blocks import BlockUse
from nodes.roles import Activation, Task
from nodes.spec import Kind, NodeType, Shape, Value
from nodes.trained import Trained
from runtime.graph import MAIN, Graph, Node, Wire
from runtime.paths import ancestors, place_of
from runtime.problems import Problem

Geometry = Mapping[str, tuple[str, ...] | None]
"""For each source a tensor stems from: the nodes that moved its pixels on the way; None when branches disagree."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What leaves an output port."""

    kind: Kind
    value: Value
    geometry: Geometry = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a node: `type` is None for an unknown one; `inputs`, `outputs` hold what could be inferred."""

    node: Node
    type: NodeType | None
    inputs: Mapping[str, Value | tuple[Value, ...]] = field(default_factory=dict)
    outputs: Mapping[str, Flow] = field(default_factory=dict)
    parameters: int = 0
    multiply_adds: int = 0  # for one image
    came: tuple[Flow, ...] = field(default=(), repr=False)  # what arrived at the ports, in their order

    @property
    def frozen(self) -> bool:
        """Whether training leaves the node's numbers as they are."""
        return isinstance(self.type, (Trained, BlockUse)) and self.type.frozen

    def frozen_in(self, epoch: float) -> bool:
        """Whether an epoch, counted from 1, leaves the node's numbers as they are."""
        return self.frozen or (isinstance(self.type, Trained) and epoch <= self.type.frozen_epochs)

    @property
    def values(self) -> int:
        """How many numbers leave the node for one image, through all its ports for tensors."""
        shapes = (flow.value for flow in self.outputs.values() if flow.kind is Kind.TENSOR)
        return sum(math.prod(shape) for shape in shapes if isinstance(shape, tuple))

    @property
    def shape(self) -> Shape | None:
        """The shape of the first tensor that leaves the node."""
        shapes = (flow.value for flow in self.outputs.values() if flow.kind is Kind.TENSOR)
        return next((value for value in shapes if isinstance(value, tuple)), None)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an output node returns: how raw scores become its answer, for which task, and the names of its channels."""

    activation: Activation = "identity"
    task: Task | None = None
    classes: tuple[str, ...] = ()
    units: tuple[str, ...] = ()  # of numbers


@dataclass(frozen=True)
class Analysis:
    """The derived facts of one graph."""

    graph: Graph
    order: tuple[str, ...]
    facts: Mapping[str, Facts]
    problems: tuple[Problem, ...]
    meanings: Mapping[str, Meaning]
    trained: Mapping[str, tuple[str, ...]]  # optimizer id -> the nodes it updates, in order
    frozen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # likewise those it would, were they not frozen
    sheet: str = MAIN  # of a view of one sheet: which one
    path: str | None = ""  # of such a view: the use of a block that is looked into, None where none shows the sheet
    into: Mapping[str, list[Wire]] = field(default_factory=dict, repr=False)  # for each node, the sound wires into it

    @property
    def drawn(self) -> Graph:
        """The graph as drawn, with its blocks; `graph` is what runs."""
        return self.graph.opened.drawn if self.graph.opened is not None else self.graph.whole or self.graph

    @property
    def shares(self) -> Mapping[str, str]:
        """The nodes that use the weights of another node."""
        return self.graph.opened.shares if self.graph.opened is not None else {}

    @property
    def parameters(self) -> int:
        """All trained numbers; weights that several nodes share count once."""
        return sum(facts.parameters for node_id, facts in self.facts.items() if node_id not in self.shares)

    def title(self, node_id: str) -> str:
        """The node's name behind the names of the blocks that it lies in: “Stage 1 / Convolution”."""
        opened, names = self.graph.opened, []
        for path in ancestors(node_id):
            use = opened.uses.get(path) if opened is not None else None
            names.append(use.node.name + (f" ({use.copy + 1})" if use.copies > 1 else "") if use is not None else path)
        node = self.graph.nodes.get(node_id) or self.drawn.nodes.get(place_of(node_id)[1])
        return " / ".join([*names, node.name if node is not None else node_id])

    @property
    def multiply_adds(self) -> int:
        """All products that are summed for one image, by convolutions and Dense; one pass forwards."""
        return sum(facts.multiply_adds for facts in self.facts.values())

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the graph from being compiled."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    def of_type(self, base: type[NodeType]) -> tuple[str, ...]:
        """The ids of the nodes of this type or a subtype, in order."""
        return tuple(node_id for node_id in self.order if isinstance(self.facts[node_id].type, base))
