"""Nodes and wires as text: what copy puts on the clipboard and paste reads, also in another window or a mail."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from designer.canvas.packed import Packed, add_nodes, matched, packed_for, unpack
from designer.canvas.sheets import why_not_here
from runtime.document import Document
from runtime.graph import MAIN, Block, Node, Wire, block_of, use_of

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
    blocks: tuple[Packed, ...] = ()  # that the nodes use, also inside each other; the inner ones first


def write(
    nodes: Mapping[str, Node],
    wires: Collection[Wire],
    chosen: Collection[str],
    blocks: Mapping[str, Block] = MappingProxyType({}),
) -> str:
    """The chosen nodes, the wires between them and the blocks that they use as text."""
    kept = [node for node_id, node in nodes.items() if node_id in set(chosen)]
    ids = {node.id for node in kept}
    inner = [wire for wire in wires if wire.source in ids and wire.target in ids]
    record: dict[str, Any] = {
        _MARK: _FORMAT,
        **_sheet(kept, inner),
    }
    packed = packed_for(nodes, wires, blocks, kept)
    if packed:
        record["blocks"] = [
            {"id": one.block.id, "name": one.block.name, "help": one.block.help, **_sheet(one.nodes, one.wires)}
            for one in packed
        ]
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
        nodes, wires = _read_sheet(record)
        blocks = tuple(_block(entry) for entry in record.get("blocks", []))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return Piece(nodes, wires, blocks)


def _read_sheet(record: Mapping[str, Any]) -> tuple[tuple[Node, ...], tuple[Wire, ...]]:
    nodes = tuple(_node(entry) for entry in record["nodes"])
    ids = {node.id for node in nodes}
    wires = (Wire(*map(_word, entry)) for entry in record["wires"])
    return nodes, tuple(wire for wire in wires if wire.source in ids and wire.target in ids)


def _block(entry: Mapping[str, Any]) -> Packed:
    return Packed(Block(_word(entry["id"]), _word(entry["name"]), _word(entry.get("help", ""))), *_read_sheet(entry))


def _sheet(nodes: Iterable[Node], wires: Iterable[Wire]) -> dict[str, Any]:
    return {
        "nodes": [
            {
                "id": node.id,
                "type": node.type,
                "name": node.name,
                "settings": dict(node.settings),
                "position": node.position,
            }
            for node in nodes
        ],
        "wires": [[wire.source, wire.output, wire.target, wire.input] for wire in wires],
    }


def _unwrapped(text: str) -> str:
    """The text as it was before it was sent: without the signs of quotation, a name on one line again."""
    lines = (_QUOTED.sub("", line) for line in re.split("\r\n|\r|\n", text.replace("\u00a0", " ")))
    text = "\n".join(lines)
    text = text[max(0, _beginning(text)) :]
    return _STRING.sub(lambda found: _WRAP.sub(" ", found[0]), text)


def _beginning(text: str) -> int:
    """Where the nodes begin in the text, -1 if nowhere."""
    return text.rfind("{", 0, text.find(f'"{_MARK}"'))


def fitting(document: Document, piece: Piece, sheet: str) -> tuple[Piece | None, str]:
    """What of the piece can stand on a sheet, and in words what cannot; None when a block would hold itself."""
    called = matched(document, piece.blocks)
    reasons = (why_not_here(document, sheet, use_of(block)) for block in called.blocks.values())
    if reason := next((reason for reason in reasons if reason), ""):
        return None, reason
    wrong = {node.id: reason for node in piece.nodes if (reason := why_not_here(document, sheet, node.type))}
    wrong = {node_id: reason for node_id, reason in wrong.items() if not block_of(_type(piece, node_id))}
    kept = tuple(node for node in piece.nodes if node.id not in wrong)
    wires = tuple(wire for wire in piece.wires if wire.source not in wrong and wire.target not in wrong)
    return Piece(kept, wires, piece.blocks), next(iter(wrong.values()), "")


def put(document: Document, piece: Piece, offset: tuple[float, float], sheet: str = MAIN) -> tuple[str, ...]:
    """Add the piece to a sheet of a document, moved by an offset; gives the new ids. Names are made unique.

    A block that is there already, with the same name and content, is used; another comes in under a free name.
    """
    called = unpack(document, piece.blocks)
    return tuple(add_nodes(document, piece.nodes, piece.wires, called, sheet, offset).values())


def _type(piece: Piece, node_id: str) -> str:
    return next(node.type for node in piece.nodes if node.id == node_id)


def _node(entry: Mapping[str, Any]) -> Node:
    x, y = (float(number) for number in entry["position"])
    if not (math.isfinite(x) and math.isfinite(y)) or not isinstance(entry["settings"], dict):
        raise ValueError("no node")
    return Node(_word(entry["id"]), _word(entry["type"]), _word(entry["name"]), entry["settings"], (x, y))


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
