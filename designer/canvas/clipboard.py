"""Nodes and wires as text: what copy puts on the clipboard and paste reads, also in another window or a mail."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.document import Document
from runtime.graph import Node, Wire

_MARK = "netloom-nodes"
_FORMAT = 1
_LONGEST = 10_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a graph on its way."""

    nodes: tuple[Node, ...]
    wires: tuple[Wire, ...]


def write(nodes: Mapping[str, Node], wires: Collection[Wire], chosen: Collection[str]) -> str:
    """The chosen nodes and the wires between them as text."""
    kept = [node for node_id, node in nodes.items() if node_id in set(chosen)]
    ids = {node.id for node in kept}
    inner = [wire for wire in wires if wire.source in ids and wire.target in ids]
    record = {
        _MARK: _FORMAT,
        "nodes": [
            {
                "id": node.id,
                "type": node.type,
                "name": node.name,
                "settings": dict(node.settings),
                "position": node.position,
            }
            for node in kept
        ],
        "wires": [[wire.source, wire.output, wire.target, wire.input] for wire in inner],
    }
    return json.dumps(record, ensure_ascii=False, indent=1)


def read(text: str) -> Piece | None:
    """The nodes and wires of a text; None when it holds none."""
    if _MARK not in text[:200] or len(text) > _LONGEST:
        return None
    try:
        record = json.loads(text)
        nodes = tuple(_node(entry) for entry in record["nodes"])
        ids = {node.id for node in nodes}
        wires = tuple(Wire(*map(_word, entry)) for entry in record["wires"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return Piece(nodes, tuple(wire for wire in wires if wire.source in ids and wire.target in ids))


def put(document: Document, piece: Piece, offset: tuple[float, float]) -> tuple[str, ...]:
    """Add the piece to a document, moved by an offset; gives the new ids. Names are made unique."""
    fresh: dict[str, str] = {}
    for node in piece.nodes:
        place = (node.position[0] + offset[0], node.position[1] + offset[1])
        fresh[node.id] = document.add(node.type, node.name, place, node.settings)
    for wire in piece.wires:
        document.connect(Wire(fresh[wire.source], wire.output, fresh[wire.target], wire.input))
    return tuple(fresh.values())


def _node(entry: Mapping[str, Any]) -> Node:
    x, y = (float(number) for number in entry["position"])
    if not (math.isfinite(x) and math.isfinite(y)) or not isinstance(entry["settings"], dict):
        raise ValueError("no node")
    return Node(_word(entry["id"]), _word(entry["type"]), _word(entry["name"]), entry["settings"], (x, y))


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
