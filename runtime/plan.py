"""Which nodes run, in which order, on what: the one plan that compile builds and source export prints. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nodes.roles import DataSource, Fitting, Loss, Metric, Output, feed_of
from nodes.spec import Call, Kind, NodeType
from runtime.analysis import Analysis
from runtime.delivered import as_delivered
from runtime.errors import GraphError
from runtime.mask_paths import mask_paths
from runtime.problems import Problem

Place = tuple[str, str]
"""Where a tensor arises: a node id and the name of its output port."""


@dataclass(frozen=True, slots=True)
class Work:
    """One node to run: its call, where its inputs arise, what it gives, and the sources whose masks it moves."""

    node: str
    call: Call
    takes: tuple[Place, ...]
    gives: tuple[Place, ...]
    moves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FittedSize:
    """A step that brings images to a fixed size: pixels for each axis, and the rule."""

    size: tuple[int, ...]
    rule: Fitting


@dataclass(frozen=True)
class Plan:
    """The nodes to run in order. `inputs` are the fed sources, `feeds` their images; `kept` is asked for later."""

    inputs: tuple[str, ...]
    feeds: tuple[Place, ...]
    work: tuple[Work, ...]
    kept: tuple[Place, ...]
    outputs: Mapping[str, Place]  # output node -> the tensor it returns
    left_out: tuple[str, ...] = ()  # nodes that are no part of the model that is given away


def plan_of(analysis: Analysis, deployed: bool = False) -> Plan:
    """The plan of a sound graph. Raises GraphError with every problem of an unsound one.

    For training all that outputs, losses and metrics need is run, and what nodes that simulate poorer images give is
    kept too: it is what an answer has to be better than. Deployed, only what outputs need is run, without these nodes
    and those that act in training only.
    """
    if analysis.errors:
        raise GraphError(analysis.errors)
    return _Planner(as_delivered(analysis) if deployed else analysis, deployed).run()


class _Planner:
    def __init__(self, analysis: Analysis, deployed: bool) -> None:
        self.analysis = analysis
        self.deployed = deployed
        self.left_out = tuple(node_id for node_id in analysis.order if self._is_left_out(node_id))
        self.passed: dict[Place, Place] = {}  # outputs of nodes left out -> what entered them

    def run(self) -> Plan:
        ends = self.analysis.of_type(Output)
        if not self.deployed:
            ends += self.analysis.of_type(Loss) + self.analysis.of_type(Metric)
        left_out = self.left_out
        for node_id in left_out:
            self.passed[node_id, self._type(node_id).outputs[0].name] = self._takes(node_id)[0]
        kept = tuple(dict.fromkeys(place for end in ends for place in self._takes(end)))
        if not kept:
            raise GraphError([Problem("", "", "error", _NOTHING)])
        needed = self._needed(kept)
        kept += tuple(place for place in self._poorer(needed) if place not in kept)
        outputs = {end: self._takes(end)[0] for end in self.analysis.of_type(Output)}
        moves = {} if self.deployed else _moves(self.analysis)
        inputs = tuple(node_id for node_id in self.analysis.order if node_id in needed and self._is_fed(node_id))
        if not inputs:
            raise GraphError([Problem("", "", "error", _NO_INPUT)])
        feeds = tuple((node_id, self._type(node_id).outputs[0].name) for node_id in inputs)
        runs = [node_id for node_id in self.analysis.order if node_id in needed and not self._is_fed(node_id)]
        work = tuple(self._work(node_id, feeds[0], moves.get(node_id, ())) for node_id in runs)
        return Plan(inputs, feeds, work, kept, outputs, left_out)

    def _type(self, node_id: str) -> NodeType:
        found = self.analysis.facts[node_id].type
        if found is None:
            raise GraphError([Problem(node_id, "", "error", "The type of this node is not known.")])
        return found

    def _is_left_out(self, node_id: str) -> bool:
        kind = self._type(node_id)
        return self.deployed and (kind.training_only or kind.simulates)

    def _poorer(self, needed: set[str]) -> list[Place]:
        """What nodes that simulate poorer images give."""
        nodes = [node_id for node_id in self.analysis.order if node_id in needed and node_id not in self.left_out]
        return [(one, self._type(one).outputs[0].name) for one in nodes if self._type(one).simulates]

    def _is_fed(self, node_id: str) -> bool:
        return feed_of(self._type(node_id)) is not None

    def _takes(self, node_id: str) -> tuple[Place, ...]:
        """Where the tensors that enter the node arise, in port order, wires of one port oldest first."""
        places = []
        wires = self.analysis.graph.wires_into(node_id)
        for port in self._type(node_id).inputs:
            places += [(wire.source, wire.output) for wire in wires if wire.input == port.name]
        return tuple(self._through(place) for place in places if self._is_tensor(place))

    def _through(self, place: Place) -> Place:
        while place in self.passed:
            place = self.passed[place]
        return place

    def _is_tensor(self, place: Place) -> bool:
        return self.analysis.facts[place[0]].outputs[place[1]].kind is Kind.TENSOR

    def _needed(self, kept: tuple[Place, ...]) -> set[str]:
        needed: set[str] = set()
        waiting = [node_id for node_id, _ in kept]
        while waiting:
            node_id = waiting.pop()
            if node_id not in needed:
                needed.add(node_id)
                waiting += [source for source, _ in self._takes(node_id)]
        return needed

    def _work(self, node_id: str, feed: Place, moves: tuple[str, ...]) -> Work:
        """A constant has no inputs: it is given a fed tensor, from which it learns the size of the batch."""
        kind = self._type(node_id)
        gives = tuple((node_id, port.name) for port in kind.outputs if port.kind is Kind.TENSOR)
        call = kind.call(**self.analysis.facts[node_id].inputs)
        return Work(node_id, call, self._takes(node_id) or (feed,), gives, moves)


def fits_of(analysis: Analysis, source: str, path: tuple[str, ...] = ()) -> tuple[FittedSize, ...]:
    """The steps that bring images of a data source to their size: its own, then those of the nodes on `path`."""
    steps = []
    for node_id in (source, *path):
        kind = analysis.facts[node_id].type
        shape = analysis.facts[node_id].shape
        if kind is None or shape is None or kind.training_only:
            continue
        if isinstance(kind, DataSource) and kind.tabular:
            continue
        if isinstance(kind, DataSource) or hasattr(kind, "fit"):
            steps.append(FittedSize(shape[1:], getattr(kind, "fit", "stretch")))
    return tuple(steps)


def _moves(analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """For each node that moves pixels on the way to a comparison with a mask: the sources whose masks move along."""
    into = {node_id: list(analysis.graph.wires_into(node_id)) for node_id in analysis.order}
    paths = mask_paths(analysis.graph.nodes, into, analysis.facts)
    moves: dict[str, tuple[str, ...]] = {}
    for source, path in paths.items():
        for node_id in path:
            moves[node_id] = (*moves.get(node_id, ()), source)
    return moves


_NOTHING = "Nothing in this graph is an output, a loss or a metric, so there is nothing to compute; add an Output."
_NO_INPUT = "No image or input reaches an output of this graph; draw a wire from a source."
