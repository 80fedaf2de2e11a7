"""Another drawing in the place of a document's own, as one edit that undo takes back."""

from __future__ import annotations

from runtime.document import Document
from runtime.graph import Graph, block_of


def put_drawing(document: Document, graph: Graph, label: str) -> None:
    """Make the document hold this graph, its blocks and training settings; what is alike already stays untouched."""
    old = document.graph()
    if (old.nodes, old.wires, old.blocks, old.training) == (graph.nodes, graph.wires, graph.blocks, graph.training):
        return
    with document.edit(label):
        document.seal()
        if (dict(old.nodes), old.wires, dict(old.blocks)) != (dict(graph.nodes), graph.wires, dict(graph.blocks)):
            _clear(document)
            for block in graph.blocks.values():
                document.put_block(block)
            for node in graph.nodes.values():
                document.put(node)
            for wire in graph.wires:
                document.connect(wire)
        document.train_with(graph.training)


def _clear(document: Document) -> None:
    """Wires first, then the nodes that use blocks, because a block cannot go while it is used."""
    for wire in document.wires:
        document.disconnect(wire)
    uses = [node_id for node_id, node in document.nodes.items() if block_of(node.type)]
    for node_id in uses:
        document.remove(node_id)
    for node_id in tuple(document.nodes):
        document.remove(node_id)
    for block_id in tuple(document.blocks):
        document.remove_block(block_id)
