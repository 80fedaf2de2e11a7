"""A selection becomes a block of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nodes.blocks import Argument, BlockPort
from nodes.remarks import Remark
from nodes.spec import REGISTRY, Kind
from runtime.document import Document
from runtime.expressions import MARK, is_expression, names_in
from runtime.graph import Json, Node, Wire, use_of
from runtime.surgery import STEP, WIDTH, downstream, port_named

_PORTS = {(kind.entry, kind.kind): kind.id for kind in REGISTRY.values() if issubclass(kind, BlockPort)}
_GAP = 24.0
Many = Mapping[tuple[str, str], list[Wire]]
"""For ports that wires end at: these wires, oldest first."""


class CannotGroup(ValueError):
    """The selection makes no block; the text tells the user why."""


def group(document: Document, chosen: Iterable[str], name: str) -> str:
    """Make a block of nodes of one sheet and put one use of it in their place; gives the use's id. Inside an open edit.

    What enters and leaves the selection becomes the block's ports; where nothing does, what its last nodes give and
    its first ones lack. Arguments of the sheet that the nodes use become
    arguments of the block. Raises CannotGroup.
    """
    inner = _groupable(document, chosen)
    _check_way_back(document, frozenset(inner))
    sheet = document.nodes[inner[0]].sheet
    arguments = _arguments_used(document, sheet, inner)
    block = document.add_block(name)
    made = _Made(document, block, frozenset(inner))
    for argument in arguments:
        document.add(Argument.id, argument.name, made.beside(), argument.settings, block)
    settings: dict[str, Json] = {argument.name: f"{MARK}{argument.name}" for argument in arguments}
    made.use = document.add(use_of(block), document.blocks[block].name, made.corner, settings, sheet)
    made.rewire()
    made.open_ends()
    return made.use


def wires_at_ports(document: Document, ports: Iterable[tuple[str, str]]) -> Many:
    """The wires that end at these ports, oldest first: their order is the order of a merge's inputs."""
    found: dict[tuple[str, str], list[Wire]] = {port: [] for port in ports}
    for wire in document.wires:
        if (wire.target, wire.input) in found:
            found[wire.target, wire.input].append(wire)
    return found


def redraw(document: Document, before: Many, instead: Mapping[Wire, Wire]) -> None:
    """Draw the wires at these ports again in their old order, some of them from elsewhere."""
    for wires in before.values():
        for wire in wires:
            document.disconnect(wire)
        for wire in wires:
            document.connect(instead.get(wire, wire))


def _groupable(document: Document, chosen: Iterable[str]) -> list[str]:
    wanted = set(chosen)
    inner = [node.id for node in document.nodes.values() if node.id in wanted and not _stays(node)]
    if all(_is_remark(document.nodes[node_id]) for node_id in inner):
        raise CannotGroup("Select the nodes that the block should hold; a block's own ends and arguments stay outside.")
    if len({document.nodes[node_id].sheet for node_id in inner}) > 1:
        raise CannotGroup("These nodes lie on different sheets; select nodes of one sheet.")
    return inner


def _is_remark(node: Node) -> bool:
    kind = REGISTRY.get(node.type)
    return kind is not None and issubclass(kind, Remark)


def _stays(node: Node) -> bool:
    kind = REGISTRY.get(node.type)
    return kind is not None and issubclass(kind, (BlockPort, Argument))


def _check_way_back(document: Document, own: frozenset[str]) -> None:
    """What leaves the selection must not enter it again: the block could not be computed in one go."""
    for node_id in {wire.target for wire in document.wires if wire.source in own and wire.target not in own}:
        behind = downstream(document.wires, node_id)
        if behind & own:
            name = document.nodes[node_id].name
            raise CannotGroup(
                f"“{name}” lies between nodes of the selection; select it too, or leave out what follows it."
            )


def _arguments_used(document: Document, sheet: str, inner: list[str]) -> list[Node]:
    raws = [raw for node_id in inner for raw in document.nodes[node_id].settings.values()]
    used = {name for raw in raws if isinstance(raw, str) and is_expression(raw) for name in names_in(raw)}
    return [node for node in document.on(sheet).values() if node.type == Argument.id and node.name in used]


class _Made:
    """A block that is being made: moves the nodes, and draws the wires inside it, to its ports and to its use."""

    def __init__(self, document: Document, block: str, inner: frozenset[str]) -> None:
        self.document = document
        self.block = block
        self.inner = inner
        self.use = ""
        self.ports: dict[tuple[str, str, bool], str] = {}  # what enters or leaves -> the port's node
        places = [document.nodes[node_id].position for node_id in inner]
        self.corner = min(x for x, _ in places), min(y for _, y in places)
        self.bottom = max(y for _, y in places)
        self._extra = 0
        self._touching = [wire for wire in document.wires if wire.source in inner or wire.target in inner]
        outside = {(wire.target, wire.input) for wire in self._touching if wire.target not in inner}
        self._outside = wires_at_ports(document, sorted(outside))
        for wire in self._touching:
            document.disconnect(wire)
        for node_id in document.on(document.nodes[next(iter(inner))].sheet):
            if node_id in inner:
                document.move_to(node_id, block)

    def beside(self) -> tuple[float, float]:
        """A free place at the side of the nodes."""
        self._extra += 1
        return self.corner[0] - WIDTH - _GAP, self.corner[1] + (self._extra - 1) * STEP

    def rewire(self) -> None:
        """Draw all wires again, in their old order at each port."""
        instead: dict[Wire, Wire] = {}
        for wire in self._touching:
            if wire.source in self.inner and wire.target in self.inner:
                self.document.connect(wire)
            elif wire.target in self.inner:
                port = self._port(wire, True)
                self.document.connect(Wire(port, "out", wire.target, wire.input))
                self.document.connect(Wire(wire.source, wire.output, self.use, port))
            else:
                port = self._port(wire, False)
                self.document.connect(Wire(wire.source, wire.output, port, "in"))
                instead[wire] = Wire(self.use, port, wire.target, wire.input)
        redraw(self.document, self._outside, instead)

    def open_ends(self) -> None:
        """Ports for loose outputs where nothing leaves the block, for loose inputs where nothing enters it."""
        here = [node for node in self.document.on(self.block).values() if node.id in self.inner]
        kinds = {node.id: kind for node in here if (kind := self.document.find(node.type)) is not None}
        given, taken = {wire.source for wire in self._touching}, {wire.target for wire in self._touching}
        leaves, enters = (any(key[2] is entering for key in self.ports) for entering in (False, True))
        for node_id, kind in kinds.items():
            if not leaves and node_id not in given and kind.outputs and kind.outputs[0].kind is Kind.TENSOR:
                output = kind.outputs[0].name
                port = self._port(Wire(node_id, output, "", ""), False)
                self.document.connect(Wire(node_id, output, port, "in"))
            if not enters and node_id not in taken and kind.inputs and kind.inputs[0].kind is Kind.TENSOR:
                entry = kind.inputs[0].name
                port = self._port(Wire(node_id, entry, "", ""), True)
                self.document.connect(Wire(port, "out", node_id, entry))

    def _port(self, wire: Wire, entering: bool) -> str:
        key = (wire.source, wire.output, entering)
        if key not in self.ports:
            self.ports[key] = self._new_port(wire, entering)
        return self.ports[key]

    def _new_port(self, wire: Wire, entering: bool) -> str:
        kind = self.document.find(self.document.nodes[wire.source].type)
        start = port_named(kind.outputs, wire.output) if kind is not None else None
        count = sum(1 for key in self.ports if key[2] is entering)
        place = (self.corner[0] + count * (WIDTH + _GAP), self.corner[1] - STEP if entering else self.bottom + STEP)
        type_id = _PORTS[entering, start.kind if start is not None else Kind.TENSOR]
        title = start.title if start is not None else wire.output
        name = "in" if entering and title == "out" else title
        return self.document.add(type_id, name, place, {}, self.block)
