"""Blocks opened: every use of a block gives way to copies of what it holds. What runs is always the opened graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from nodes.blocks import OF_EVERY_USE, Argument, BlockPort, BlockUse
from nodes.remarks import Remark
from nodes.spec import REGISTRY, Kind, NodeType, Port
from nodes.trained import Trained
from runtime.drawing_arguments import drawing_arguments
from runtime.expressions import WrongExpression, computed, is_expression
from runtime.graph import MAIN, Graph, Json, Node, Opened, Use, Wire
from runtime.paths import COPY, INSIDE
from runtime.problems import Problem
from runtime.sharing import shared_weights

MOST_NODES = 20_000
"""More nodes than this are taken for a mistake in the numbers of repeats."""

Pace = tuple[float, int]
"""What the uses around a node make of its learning: a factor of its rate, and epochs that it is frozen for at first."""

Place = tuple[str, str]
"""Where a value arises: a node and its output port. For a port of a block: the port's node and ""."""


def opened(graph: Graph) -> Graph:
    """The graph without blocks, remarks and computed settings; what cannot be opened is told in `opened.told`.

    A graph that is open already, and one that has nothing to open, keep their nodes as they are.
    """
    if graph.opened is not None:
        return graph
    if graph.blocks or any(_is_special(node) for node in graph.nodes.values()):
        return _Opener(graph).run()
    return replace(graph, opened=Opened(graph))


def _is_special(node: Node) -> bool:
    return node.type in _SPECIAL or any(is_expression(raw) for raw in node.settings.values())


class _Opener:
    def __init__(self, graph: Graph) -> None:
        self.drawn = graph
        self.sheets: dict[str, list[Node]] = defaultdict(list)
        for node in graph.nodes.values():
            self.sheets[node.sheet].append(node)
        self.wires: dict[str, list[Wire]] = defaultdict(list)
        for wire in graph.wires:
            known = graph.nodes.get(wire.target) or graph.nodes.get(wire.source)
            self.wires[known.sheet if known else MAIN].append(wire)
        self.nodes: dict[str, Node] = {}
        self.joined: list[Wire] = []  # wires whose ends may still be ports of blocks
        self.entering: dict[str, list[Place]] = {}  # port of a use, opened -> what enters it
        self.uses: dict[str, Use] = {}
        self.told: list[Problem] = []
        self.loops: set[str] = set()

    def run(self) -> Graph:
        given, wrong = drawing_arguments(self.sheets[MAIN])
        self.told += wrong
        self._sheet(MAIN, MAIN, given, (), (1.0, 0))
        ends = {port: self._origin((port, "")) for port in self.entering}
        wires, unfed = self._spliced(ends)
        shares = shared_weights(self.uses, self.nodes)
        layout = Opened(self.drawn, self.uses, ends, shares, frozenset(unfed), tuple(self.told))
        return Graph(self.nodes, wires, self.drawn.training, opened=layout)

    def _tell(self, node_id: str, field: str, message: str, code: str) -> None:
        self.told.append(Problem(node_id, field, "error", message, code))

    def _sheet(self, sheet: str, path: str, values: Mapping[str, Json], within: tuple[str, ...], pace: Pace) -> None:
        """Copy a sheet to the place `path`, its settings computed with these values of its arguments."""
        last: dict[str, tuple[BlockUse, str]] = {}  # each use on the sheet: its type, the path of its last copy
        for drawn in self.sheets[sheet]:
            node = replace(drawn, id=_under(path, drawn.id), sheet=path) if path else drawn
            kind = self.drawn.find(drawn.type)
            if kind is not None and issubclass(kind, BlockUse):
                node = self._computed(node, values)
                last[drawn.id] = self._use(node, drawn, kind, path, within, pace)
            elif kind is not None and issubclass(kind, BlockPort) and sheet != MAIN:
                self.entering.setdefault(node.id, [])
            elif kind is not None and issubclass(kind, BlockPort):
                message = f"“{node.name}” is an end of a block and belongs on a block's sheet; remove it here."
                self._tell(node.id, "", message, "stray_port")
                self.entering.setdefault(node.id, [])
            elif kind is None or not issubclass(kind, (Remark, Argument)):
                self.nodes[node.id] = _paced(self._computed(node, values), kind, pace)
        for wire in self.wires[sheet]:
            self._wire(wire, path, last)

    def _computed(self, node: Node, values: Mapping[str, Json]) -> Node:
        if not any(is_expression(raw) for raw in node.settings.values()):
            return node
        settings: dict[str, Json] = {}
        for name, raw in node.settings.items():
            try:
                settings[name] = computed(raw, values) if isinstance(raw, str) and is_expression(raw) else raw
            except WrongExpression as error:
                self._tell(node.id, name, str(error), "expression")
        return replace(node, settings=settings)

    def _use(
        self, node: Node, drawn: Node, kind: type[BlockUse], path: str, within: tuple[str, ...], pace: Pace
    ) -> tuple[BlockUse, str]:
        """Open the copies of one use, each after the other."""
        read, wrong = kind.read(node.settings)
        known = {setting.name for setting in kind.settings()}
        for name, message in wrong.items():
            if name in known:
                self._tell(node.id, name, message, "setting")
            else:
                self.told.append(Problem(node.id, name, "warning", message, "unknown_setting"))
        copies = read.repeat if self._may_open(node, read, within) else 0
        own = (one.name for one in kind.settings() if one.name not in OF_EVERY_USE)
        arguments = {name: getattr(read, name) for name in own}
        pace = (pace[0] * read.rate_factor, max(pace[1], read.frozen_epochs))
        paths = [_copy(node.id, number) for number in range(copies)]
        for number, copy in enumerate(paths):
            self.uses[copy] = Use(node.id, drawn, path, read, number, copies)
            self._sheet(read.block, copy, arguments, (*within, read.block), pace)
        if not copies:
            self.uses[node.id] = Use(node.id, drawn, path, read, 0, 0)
        self._chain(node.id, read, paths)
        return read, paths[-1] if paths else node.id

    def _may_open(self, node: Node, read: BlockUse, within: tuple[str, ...]) -> bool:
        if read.block in within:
            self._tell(node.id, "", f"“{node.name}” holds itself; a block cannot be used inside itself.", "recursion")
            return False
        if read.repeat != 1 and (_first(read.inputs) is None or _first(read.outputs) is None):
            message = f"“{node.name}” is repeated {read.repeat} times, but has no input and output to chain; "
            self._tell(node.id, "repeat", message + "give the block a block input and a block output.", "repeat")
            return False
        size = len(self.nodes) + read.repeat * len(self.sheets[read.block])
        if size > MOST_NODES:
            message = f"With “{node.name}” the network has more than {MOST_NODES} nodes; repeat it less often."
            self._tell(node.id, "repeat", message, "too_large")
            return False
        return True

    def _chain(self, base: str, read: BlockUse, paths: list[str]) -> None:
        """The first output of each copy enters the first input of the next; with no copy they are one."""
        first, out = _first(read.inputs), _first(read.outputs)
        if not paths:
            for port in (*read.inputs, *read.outputs):
                self.entering.setdefault(_under(base, port.name), [])
        if first is None or out is None:
            return
        if not paths and read.repeat == 0:
            self.entering[_under(base, out.name)].append((_under(base, first.name), ""))
        for before, after in pairwise(paths):
            self.entering.setdefault(_under(after, first.name), []).append((_under(before, out.name), ""))

    def _wire(self, wire: Wire, path: str, uses: Mapping[str, tuple[BlockUse, str]]) -> None:
        source: Place = (_under(path, wire.source), wire.output)
        if wire.source in uses:
            read, last = uses[wire.source]
            if not _has(read.outputs, wire.output):
                self._lost(path, wire)
                return
            source = (_under(last, wire.output), "")
        elif source[0] in self.entering:
            source = (source[0], "")
        if wire.target not in uses:
            self._join(source, _under(path, wire.target), wire.input)
        elif not _has(uses[wire.target][0].inputs, wire.input):
            self._lost(path, wire)
        else:
            for copy in self._entered(_under(path, wire.target), uses[wire.target][0], wire.input):
                self._join(source, _under(copy, wire.input), "")

    def _entered(self, base: str, read: BlockUse, port: str) -> Iterator[str]:
        """The copies that a wire to this port enters: the first input is chained, the others enter every copy."""
        first = _first(read.inputs)
        yield base
        if first is None or port != first.name:
            copies = self.uses[base].copies
            yield from (_copy(base, number) for number in range(1, copies))

    def _join(self, source: Place, target: str, port: str) -> None:
        if target in self.entering:
            self.entering[target].append(source)
        else:
            self.joined.append(Wire(*source, target, port))

    def _lost(self, path: str, wire: Wire) -> None:
        end = wire.target
        message = "A wire uses a port of the block that is no longer there; remove the wire or draw it again."
        self._tell(_under(path, end), "", message, "missing_port")

    # Ports of blocks taken out of the wires

    def _origin(self, place: Place) -> Place | None:
        """Where a value that comes through ports of blocks arises; None where nothing does, which is told once."""
        seen: set[str] = set()
        while place[0] in self.entering:
            port = place[0]
            if port in seen:
                self._tell_loop(port)
                return None
            seen.add(port)
            feeds = self.entering[port]
            if len(feeds) != 1:
                return None
            place = feeds[0]
        return place

    def _tell_loop(self, port: str) -> None:
        if not self.loops:
            name = self._name_of(port.rpartition(INSIDE)[0])
            message = f"What leaves “{name}” enters it again; remove one of the wires."
            self._tell(self._base_of(port), "", message, "loop")
        self.loops.add(port)

    def _spliced(self, ends: Mapping[str, Place | None]) -> tuple[tuple[Wire, ...], set[tuple[str, str]]]:
        wires: list[Wire] = []
        unfed: set[tuple[str, str]] = set()
        for wire in self.joined:
            arises = ends.get(wire.source, (wire.source, wire.output))
            if arises is None:
                unfed.add((wire.target, wire.input))
            else:
                wires.append(Wire(*arises, wire.target, wire.input))
        for port, feeds in self.entering.items():
            self._tell_feeds(port, len(feeds))
        return tuple(wires), unfed

    def _tell_feeds(self, port: str, count: int) -> None:
        """A port of a block takes one wire; told at the use for an input, on the sheet for an output."""
        path, _, node_id = port.rpartition(INSIDE)
        use = self.uses.get(path)
        if count == 1 or use is None or use.copy:
            return
        inward = next((one for one in use.kind.inputs if one.name == node_id), None)
        if inward is None and not use.copies:
            return  # told at the use: it was not opened
        name, field = (use.node.name, node_id) if inward else (self.drawn.nodes[node_id].name, "in")
        where = use.base if inward else port
        title = inward.title if inward else "in"
        if count:
            message = f"“{name}” takes one wire at its port “{title}”, and {count} end there; "
            self._tell(where, field, message + "keep one, or join them with Add or Concatenate.", "many_wires")
        else:
            message = f"“{name}” has nothing at its port “{title}”; draw a wire to it."
            self._tell(where, field, message, "empty_port")

    def _base_of(self, port: str) -> str:
        path = port.rpartition(INSIDE)[0]
        return self.uses[path].base if path in self.uses else port

    def _name_of(self, path: str) -> str:
        return self.uses[path].node.name if path in self.uses else path


_SPECIAL = frozenset(kind.id for kind in REGISTRY.values() if issubclass(kind, (BlockPort, Argument, Remark)))


def _paced(node: Node, kind: type[NodeType] | None, pace: Pace) -> Node:
    """The node, learning as the uses around it ask; a wrong value of its own is left for the analysis to tell."""
    if pace == (1.0, 0) or kind is None or not issubclass(kind, Trained):
        return node
    read, wrong = kind.read(node.settings)
    if wrong:
        return node
    own = {"rate_factor": read.rate_factor * pace[0], "frozen_epochs": max(read.frozen_epochs, pace[1])}
    return replace(node, settings={**node.settings, **own})


def _under(path: str, name: str) -> str:
    return f"{path}{INSIDE}{name}" if path else name


def _copy(base: str, number: int) -> str:
    return f"{base}{COPY}{number + 1}" if number else base


def _first(ports: tuple[Port, ...]) -> Port | None:
    """The port that copies are chained by: the first that carries a tensor."""
    return next((port for port in ports if port.kind is Kind.TENSOR), None)


def _has(ports: tuple[Port, ...], name: str) -> bool:
    return any(port.name == name for port in ports)
