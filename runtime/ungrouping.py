"""A use of a block becomes nodes again, on the sheet where it stood."""

from __future__ import annotations

from nodes.blocks import OF_EVERY_USE, Argument, BlockPort, BlockUse
from nodes.spec import Kind, Port
from nodes.trained import Trained
from runtime.document import Document
from runtime.expressions import is_expression, with_names
from runtime.framed import is_frame
from runtime.graph import Json, Node, Wire, block_of
from runtime.grouping import redraw, wires_at_ports
from runtime.part_names import frame_part, is_named
from runtime.surgery import STEP

Place = tuple[str, str]
"""A node and its output port."""


class CannotUngroup(ValueError):
    """The node cannot be dissolved; the text tells the user why."""


def ungroup(document: Document, use_id: str) -> tuple[str, ...]:
    """Put what the block holds in the place of one use, once for each copy; gives the new nodes. Inside an open edit.

    The last use takes the block with it. Weights that were shared become each copy's own. An optimizer that trains the
    block as its part goes on doing so: the nodes get a frame of its name. Raises CannotUngroup.
    """
    use = document.nodes[use_id]
    kind = document.find(use.type)
    if kind is None or not issubclass(kind, BlockUse):
        raise CannotUngroup(f"“{use.name}” is no block; select a block to dissolve it.")
    repeat = use.settings.get("repeat", 1)
    if not isinstance(repeat, int) or isinstance(repeat, bool) or repeat < 1:
        raise CannotUngroup(f"“{use.name}” is repeated {repeat} times; give it a whole number of 1 or more first.")
    if any(wire.source == use_id == wire.target for wire in document.wires):
        raise CannotUngroup(f"What leaves “{use.name}” enters it again; remove that wire first.")
    return _Dissolved(document, use, kind, repeat).made()


class _Dissolved:
    def __init__(self, document: Document, use: Node, kind: type[BlockUse], copies: int) -> None:
        self.document = document
        self.use = use
        self.kind = kind
        self.copies = copies
        self.sheet = document.on(block_of(use.type))
        self.inner = [node for node in self.sheet.values() if not self._is_part_of_block(node)]
        self.wires = [wire for wire in document.wires if wire.target in self.sheet]
        top = min((node.position[1] for node in self.inner), default=0.0)
        self.height = max((node.position[1] for node in self.inner), default=0.0) - top + STEP
        left = min((node.position[0] for node in self.inner), default=0.0)
        self.shift = use.position[0] - left, use.position[1] - top
        self.made_nodes: list[str] = []

    def made(self) -> tuple[str, ...]:
        entering = {port.name: self._sources(port.name) for port in self.kind.inputs}
        leaving = [wire for wire in self.document.wires if wire.source == self.use.id]
        outside = wires_at_ports(self.document, dict.fromkeys((wire.target, wire.input) for wire in leaving))
        self._make_room()
        ends: dict[str, list[Place]] = {}
        for number in range(self.copies):
            ends = self._copy(number, entering)
            first, out = _first(self.kind.inputs), _first(self.kind.outputs)
            if first is not None and out is not None:
                entering[first.name] = ends.get(out.name, [])
        instead = {wire: Wire(*ends[wire.output][0], wire.target, wire.input) for wire in leaving if ends[wire.output]}
        redraw(self.document, outside, instead)
        self.document.remove(self.use.id)
        part = self.document.blocks[block_of(self.use.type)].name
        if is_named(self.document, part):
            frame_part(self.document, part, self.made_nodes)
        if not self.document.uses_of(block_of(self.use.type)):
            self.document.remove_block(block_of(self.use.type))
        return tuple(self.made_nodes)

    def _sources(self, port: str) -> list[Place]:
        ends = [wire for wire in self.document.wires if (wire.target, wire.input) == (self.use.id, port)]
        return [(wire.source, wire.output) for wire in ends]

    def _is_part_of_block(self, node: Node) -> bool:
        kind = self.document.find(node.type)
        return kind is not None and issubclass(kind, (BlockPort, Argument))

    def _make_room(self) -> None:
        _, top = self.use.position
        for node in tuple(self.document.on(self.use.sheet).values()):
            if node.position[1] > top:
                x, y = node.position
                self.document.change(node.id, position=(x, y + self.copies * self.height - STEP))

    def _copy(self, number: int, entering: dict[str, list[Place]]) -> dict[str, list[Place]]:
        """One copy of the block's nodes and wires; gives what arises at each of its outputs."""
        called = {node.id: self._put(node, number) for node in self.inner}
        ends: dict[str, list[Place]] = {port.name: [] for port in self.kind.outputs}
        for wire in self.wires:
            starts = entering.get(wire.source)
            if starts is None:
                starts = [(called[wire.source], wire.output)] if wire.source in called else []
            for place in starts:
                if wire.target in ends:
                    ends[wire.target].append(place)
                elif wire.target in called:
                    self.document.connect(Wire(*place, called[wire.target], wire.input))
        return ends

    def _put(self, node: Node, number: int) -> str:
        x, y = node.position
        place = (x + self.shift[0], y + self.shift[1] + number * self.height)
        settings = {name: self._given(raw) for name, raw in node.settings.items()} | self._pace(node)
        made = self.document.add(node.type, node.name, place, settings, self.use.sheet)
        if is_frame(node) and is_named(self.document, node.name):
            self.document.change(made, name=node.name)  # the frames of all copies are the part
        self.made_nodes.append(made)
        return made

    def _pace(self, node: Node) -> dict[str, Json]:
        """How the node learns when the use, which said so too, is gone."""
        kind = self.document.find(node.type)
        if kind is None or not issubclass(kind, (Trained, BlockUse)):
            return {}
        made: dict[str, Json] = {}
        for name, usual, join in (("rate_factor", 1, "({0})*({1})"), ("frozen_epochs", 0, "max({0}, {1})")):
            outer = self.use.settings.get(name, usual)
            inner = self._given(node.settings.get(name, usual))
            if outer != usual:
                joined = "=" + join.format(_bare(inner), _bare(outer))
                made[name] = outer if inner == usual else with_names(joined, {})
        return made

    def _given(self, raw: Json) -> Json:
        """The setting with the use's values in the place of the block's arguments."""
        if not isinstance(raw, str) or not is_expression(raw):
            return raw
        arguments = (one for one in self.kind.settings() if one.name not in OF_EVERY_USE)
        values: dict[str, Json] = {one.name: one.default for one in arguments}
        values |= {name: value for name, value in self.use.settings.items() if name in values}
        return with_names(raw, values)


def _bare(raw: Json) -> str:
    return str(raw).removeprefix("=")


def _first(ports: tuple[Port, ...]) -> Port | None:
    return next((port for port in ports if port.kind is Kind.TENSOR), None)
