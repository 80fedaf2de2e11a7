"""The state of a drawing, and how each change is checked against it and done."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from itertools import count
from typing import TypeVar

from nodes.spec import NodeType, find
from runtime.changes import (
    BlockAdded,
    BlockChanged,
    BlockRemoved,
    Change,
    NodeAdded,
    NodeChanged,
    NodeRemoved,
    TrainingChanged,
    WireAdded,
    WireRemoved,
)
from runtime.graph import MAIN, Block, Graph, Node, Training, Wire, block_of, type_in

Key = TypeVar("Key")
Entry = TypeVar("Entry")


class Drawing:
    """Nodes, wires, blocks and training settings. Only `apply` changes them."""

    def __init__(self, graph: Graph) -> None:
        self.nodes: dict[str, Node] = dict(graph.nodes)
        self.wires: dict[Wire, None] = dict.fromkeys(graph.wires)
        self.blocks: dict[str, Block] = dict(graph.blocks)
        self.training: Training = graph.training
        self._snapshot: Graph | None = None
        self._sheets: dict[str, Mapping[str, Node]] = {}

    def graph(self) -> Graph:
        """A frozen snapshot; the same object until the next change."""
        if self._snapshot is None:
            self._snapshot = Graph(dict(self.nodes), self._by_sheet(), self.training, dict(self.blocks))
        return self._snapshot

    def _by_sheet(self) -> tuple[Wire, ...]:
        """The wires, oldest first within each sheet: an order between sheets means nothing, and no file keeps it."""
        if not self.blocks:
            return tuple(self.wires)
        places = {sheet: place for place, sheet in enumerate((MAIN, *self.blocks))}
        sheets = {node_id: places[node.sheet] for node_id, node in self.nodes.items()}
        return tuple(sorted(self.wires, key=lambda wire: sheets.get(wire.target, 0)))

    def on(self, sheet: str) -> Mapping[str, Node]:
        """The nodes of one sheet by id, oldest first; the same object until the next change."""
        if sheet not in self._sheets:
            self._sheets[sheet] = {node_id: node for node_id, node in self.nodes.items() if node.sheet == sheet}
        return self._sheets[sheet]

    def find(self, type_id: str) -> type[NodeType] | None:
        """The type with this id: a registered one, or that of a use of one of the blocks."""
        return type_in(type_id, self.on(block).values(), self.blocks) if (block := block_of(type_id)) else find(type_id)

    def check(self, change: Change) -> None:
        """Raises KeyError for a change that does not fit this drawing, and could not be taken back."""
        match change:
            case NodeAdded(node) if node.id in self.nodes:
                raise KeyError(f"there is a node {node.id} already")
            case NodeRemoved(node) | NodeChanged(node) if node.id not in self.nodes:
                raise KeyError(f"no node {node.id}")
            case NodeAdded(node) | NodeChanged(_, node) if node.sheet != MAIN and node.sheet not in self.blocks:
                raise KeyError(f"no block {node.sheet}")
            case WireAdded(wire) if missing := {wire.source, wire.target} - set(self.nodes):
                raise KeyError(f"no node {' and no node '.join(sorted(missing))}")
            case WireAdded(wire) if self.nodes[wire.source].sheet != self.nodes[wire.target].sheet:
                raise KeyError(f"{wire} leads from one sheet to another")
            case WireRemoved(wire) if wire not in self.wires:
                raise KeyError(f"no wire {wire}")
            case BlockAdded(block) if block.id in self.blocks or block.id == MAIN:
                raise KeyError(f"there is a block {block.id} already")
            case BlockRemoved(block) | BlockChanged(block) if block.id not in self.blocks:
                raise KeyError(f"no block {block.id}")
            case BlockRemoved(block) if self.on(block.id):
                raise KeyError(f"the block {block.id} is not empty")

    def apply(self, change: Change) -> None:
        """Do one change that was checked."""
        match change:
            case NodeAdded(node, at):
                _insert(self.nodes, node.id, node, at)
            case NodeRemoved(node):
                del self.nodes[node.id]
            case NodeChanged(_, new):
                self.nodes[new.id] = new
            case WireAdded(wire, at):
                _insert(self.wires, wire, None, at)
            case WireRemoved(wire):
                del self.wires[wire]
            case BlockAdded(block, at):
                _insert(self.blocks, block.id, block, at)
            case BlockRemoved(block):
                del self.blocks[block.id]
            case BlockChanged(_, new_block):
                self.blocks[new_block.id] = new_block
            case TrainingChanged(_, training):
                self.training = training
        self._snapshot = None
        self._sheets.clear()


def unused(wanted: str, taken: Container[str]) -> str:
    """The name, with a number behind it when it is taken."""
    if wanted not in taken:
        return wanted
    stem = re.sub(r" \d+$", "", wanted)
    return next(name for number in count(2) if (name := f"{stem} {number}") not in taken)


def _insert(entries: dict[Key, Entry], key: Key, entry: Entry, at: int) -> None:
    """Put an entry at a place in the order of a dict."""
    later = list(entries.items())[at:] if at < len(entries) else []
    entries[key] = entry
    for moved, kept in later:
        del entries[moved]
        entries[moved] = kept
