"""The ends and arguments of a block in their order, which is that of their making: ports of uses stand in it."""

from __future__ import annotations

from collections.abc import Sequence

from nodes.blocks import Argument, BlockPort
from runtime.document import Document
from runtime.graph import Node


def ends_of(document: Document, block_id: str) -> list[tuple[Node, bool]]:
    """The inputs and outputs of a block in order; each with whether it leads in."""
    found: list[tuple[Node, bool]] = []
    for node in document.on(block_id).values():
        kind = document.find(node.type)
        if kind is not None and issubclass(kind, BlockPort):
            found.append((node, kind.entry))
    return found


def arguments_of(document: Document, block_id: str) -> list[Node]:
    """The arguments of a block in order."""
    return [node for node in document.on(block_id).values() if node.type == Argument.id]


def reorder(document: Document, node_ids: Sequence[str]) -> None:
    """Give these nodes this order, as the newest of the document; wires keep theirs. Inside an open edit."""
    wires = document.wires
    for node_id in node_ids:
        node = document.nodes[node_id]
        document.remove(node_id)
        document.put(node)
    for place, wire in enumerate(wires):
        document.connect(wire, at=place)
