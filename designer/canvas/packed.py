"""Blocks that travel with nodes that use them: packed whole, and matched with the blocks that are there already."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from designer.canvas.naming import argument_name
from nodes.blocks import Argument
from runtime.document import Document
from runtime.graph import Block, Node, Wire, block_of, use_of


@dataclass(frozen=True, slots=True)
class Packed:
    """A block with all that is on its sheet."""

    block: Block
    nodes: tuple[Node, ...]
    wires: tuple[Wire, ...]


@dataclass(slots=True)
class Called:
    """What blocks and ports of the text are called in the document."""

    blocks: dict[str, str] = field(default_factory=dict)
    ports: dict[str, dict[str, str]] = field(default_factory=dict)  # block of the text -> its ports

    def type_of(self, node: Node) -> str:
        """The type of a node of the text."""
        block = self.blocks.get(block_of(node.type))
        return use_of(block) if block else node.type

    def port(self, node: Node, name: str) -> str:
        """The port of a node of the text."""
        return self.ports.get(block_of(node.type), {}).get(name, name)


def packed_for(
    nodes: Mapping[str, Node], wires: Collection[Wire], blocks: Mapping[str, Block], used: Iterable[Node]
) -> tuple[Packed, ...]:
    """The blocks that the nodes use, and those that stand in them; what stands inside comes first."""
    made: dict[str, Packed] = {}

    def pack(block_id: str) -> None:
        if block_id not in blocks or block_id in made:
            return
        inner = tuple(node for node in nodes.values() if node.sheet == block_id)
        for node in inner:
            if block_of(node.type) != block_id:
                pack(block_of(node.type))
        ids = {node.id for node in inner}
        made[block_id] = Packed(blocks[block_id], inner, tuple(wire for wire in wires if wire.target in ids))

    for node in used:
        pack(block_of(node.type))
    return tuple(made.values())


def matched(document: Document, packed: Iterable[Packed]) -> Called:
    """The blocks of the document that are the same: of one name, with the same content."""
    called = Called()
    for one in packed:
        _match(document, one, called)
    return called


def unpack(document: Document, packed: Iterable[Packed]) -> Called:
    """Bring in the blocks that the document does not have yet, under a free name. Inside an open edit."""
    called = Called()
    for one in packed:
        if _match(document, one, called):
            continue
        made = document.add_block(one.block.name, one.block.help)
        fresh = add_nodes(document, one.nodes, one.wires, called, made)
        called.blocks[one.block.id] = made
        called.ports[one.block.id] = fresh
    return called


def add_nodes(
    document: Document,
    nodes: Iterable[Node],
    wires: Iterable[Wire],
    called: Called,
    sheet: str,
    offset: tuple[float, float] = (0.0, 0.0),
) -> dict[str, str]:
    """Add nodes of a text to a sheet, with their wires; gives their new ids by the old. Inside an open edit."""
    before: dict[str, Node] = {}
    fresh: dict[str, str] = {}
    for node in nodes:
        before[node.id] = node
        place = (node.position[0] + offset[0], node.position[1] + offset[1])
        name = argument_name(document, node.name, sheet) if node.type == Argument.id else node.name
        fresh[node.id] = document.add(called.type_of(node), name, place, node.settings, sheet)
    for wire in wires:
        if wire.source in fresh and wire.target in fresh:
            output = called.port(before[wire.source], wire.output)
            port = called.port(before[wire.target], wire.input)
            document.connect(Wire(fresh[wire.source], output, fresh[wire.target], port))
    return fresh


def _match(document: Document, one: Packed, called: Called) -> bool:
    content = _content(one.nodes, one.wires, called)
    for block in document.blocks.values():
        if block.name != one.block.name or block.help != one.block.help:
            continue
        own = tuple(document.on(block.id).values())
        ids = {node.id for node in own}
        wires = tuple(wire for wire in document.wires if wire.target in ids)
        if _content(own, wires, Called()) == content:
            called.blocks[one.block.id] = block.id
            called.ports[one.block.id] = {old.id: new.id for old, new in zip(one.nodes, own, strict=True)}
            return True
    return False


def _content(nodes: tuple[Node, ...], wires: tuple[Wire, ...], called: Called) -> object:
    """What makes two sheets the same, whatever their nodes' ids and places are."""
    at = {node.id: place for place, node in enumerate(nodes)}
    joined = [
        (at[wire.source], called.port(nodes[at[wire.source]], wire.output),
         at[wire.target], called.port(nodes[at[wire.target]], wire.input))
        for wire in wires if wire.source in at and wire.target in at
    ]  # fmt: skip
    return [(called.type_of(node), node.name, dict(node.settings)) for node in nodes], joined
