"""Nodes and wires as text: what copy puts on the clipboard and paste reads, also in another window or a mail."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.document import Document
from runtime.graph import Node, Wire

_MARK = "netloom-nodes"
_FORMAT = 1
_LONGEST = 10_000_000
_QUOTED = re.compile(r"^(?:[ \t]*>)+ ?")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_WRAP = re.compile(r"[ \t]*\n[ \t]*")


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
    text = json.dumps(record, ensure_ascii=False, indent=1)
    return text.replace(">", "\\u003e")  # so that a line that begins with one is a quotation of a mail


def read(text: str) -> Piece | None:
    """The nodes and wires of a text, also of a mail that quotes it or wraps its lines; None when it holds none."""
    if _MARK not in text or len(text) > _LONGEST:
        return None
    return _piece(text) or _piece(_unwrapped(text))


def _piece(text: str) -> Piece | None:
    begins = _beginning(text)
    if begins < 0:
        return None
    try:
        record, _ = json.JSONDecoder().raw_decode(text, begins)
        nodes = tuple(_node(entry) for entry in record["nodes"])
        ids = {node.id for node in nodes}
        wires = tuple(Wire(*map(_word, entry)) for entry in record["wires"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return Piece(nodes, tuple(wire for wire in wires if wire.source in ids and wire.target in ids))


def _unwrapped(text: str) -> str:
    """The text as it was before it was sent: without the signs of quotation, a name on one line again."""
    lines = (_QUOTED.sub("", line) for line in re.split("\r\n|\r|\n", text.replace("\u00a0", " ")))
    text = "\n".join(lines)
    text = text[max(0, _beginning(text)) :]
    return _STRING.sub(lambda found: _WRAP.sub(" ", found[0]), text)


def _beginning(text: str) -> int:
    """Where the nodes begin in the text, -1 if nowhere."""
    return text.rfind("{", 0, text.find(f'"{_MARK}"'))


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
