"""The sheets of a project file, read: nodes with ids of their own in the whole document, wires between them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from runtime.graph import MAIN, Block, Node, Wire, block_of
from runtime.paths import COPY, INSIDE

_MOST_NODES = 10_000


class Wrong(ValueError):
    """Something in the file is not what it should be; the text says where."""


def typed(read: Mapping[str, Any], name: str, kind: type, where: str) -> Any:
    """The entry `name`, which is of this kind; raises Wrong in words. `where` leads to it, with a dot at its end."""
    value = read.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Wrong(f"{where}{name} is {json.dumps(value)[:40]}, where {_WORDS[kind]} should be")
    return value


_WORDS: dict[type, str] = {int: "a whole number", str: "text", list: "a list", dict: "a group of names"}


class Sheets:
    """What the sheets of a file hold. Where two nodes have one id, the later one gets another."""

    def __init__(self, node_in: Callable[[object, str], Node], notes: list[str]) -> None:
        self.nodes: dict[str, Node] = {}
        self.wires: dict[Wire, None] = {}
        self.blocks: dict[str, Block] = {}
        self._node_in = node_in
        self._notes = notes
        self._called: dict[str, dict[str, str]] = {}  # by sheet: an id in the file -> the id that the node has now

    def read(self, sheets: Mapping[str, Any]) -> None:
        """Read “main”, then every block. Raises Wrong."""
        entries = {MAIN if name == "main" else name: typed(sheets, name, dict, "sheets.") for name in ("main", *sheets)}
        for sheet, entry in entries.items():
            if sheet != MAIN:
                title = typed(entry, "name", str, f"sheets.{sheet}.")
                self.blocks[sheet] = Block(sheet, title, str(entry.get("help") or ""))
            self._read_nodes(entry, sheet, f"sheets.{sheet or 'main'}.")
        for sheet, entry in entries.items():
            self._read_wires(typed(entry, "wires", list, f"sheets.{sheet or 'main'}."), self._called[sheet])

    def _read_nodes(self, entry: Mapping[str, Any], sheet: str, where: str) -> None:
        listed = typed(entry, "nodes", list, where)
        if len(listed) + len(self.nodes) > _MOST_NODES:
            raise Wrong(f"it has {len(listed) + len(self.nodes)} nodes; {_MOST_NODES} fit")
        called = self._called[sheet] = {}
        for index, one in enumerate(listed):
            node = self._node_in(one, f"{where}nodes[{index}].")
            fresh = self._fresh(node, called)
            called.setdefault(node.id, fresh)
            self.nodes[fresh] = replace(node, id=fresh, sheet=sheet)

    def _fresh(self, node: Node, called: Mapping[str, str]) -> str:
        """An id that no node has yet, without the signs that paths are made of."""
        plain = re.sub(f"[{re.escape(INSIDE + COPY)}]", "-", node.id)
        if plain not in self.nodes:
            return plain
        fresh = next(name for number in range(2, _MOST_NODES) if (name := f"{plain}-{number}") not in self.nodes)
        if node.id in called:
            self._notes.append(f"Two nodes were called {node.id}; “{node.name}” is now {fresh}.")
        return fresh

    def _read_wires(self, listed: Iterable[object], called: Mapping[str, str]) -> None:
        for entry in listed:
            if not isinstance(entry, list) or len(entry) != 4 or not all(isinstance(part, str) for part in entry):
                raise Wrong("a wire is not written as source, output, target, input")
            source, output, target, port = entry
            if source in called and target in called:
                start, end = self.nodes[called[source]], self.nodes[called[target]]
                self.wires[Wire(start.id, self._port(start, output), end.id, self._port(end, port))] = None
            else:
                self._notes.append(f"A wire from {source} to {target} led to a node that is not there; it is left out.")

    def _port(self, node: Node, name: str) -> str:
        """The port of a use is a node on the block's sheet, under the id that it has now."""
        return self._called.get(block_of(node.type) or "no block", {}).get(name, name)
