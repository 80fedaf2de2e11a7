"""Frames and comments on a sheet: how large they are, and what lies in a frame. No torch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from nodes.remarks import Comment, Frame, Remark
from nodes.spec import REGISTRY
from runtime.graph import Json, Node

BAR = (256.0, 28.0)
"""Width and height of a node on the canvas, in scene pixels."""

SIDE = 16.0
ABOVE = 32.0
"""A frame that fits leaves so much room at its sides and below, and so much above, for its title."""

_LEAST = {Comment.id: (64.0, 32.0), Frame.id: (96.0, 64.0)}
_MOST = 100_000.0


def is_remark(node: Node) -> bool:
    """Whether the node is a comment or a frame."""
    kind = REGISTRY.get(node.type)
    return kind is not None and issubclass(kind, Remark)


def is_frame(node: Node) -> bool:
    """Whether the node is a frame."""
    return node.type == Frame.id


def least(type_id: str) -> tuple[float, float]:
    """The least width and height that a remark of this type has on the canvas."""
    return _LEAST.get(type_id, (48.0, 32.0))


def size_of(node: Node) -> tuple[float, float]:
    """Width and height of a remark; the usual ones where a file holds none that make sense."""
    usual = Frame.size if is_frame(node) else Comment.size
    width, height = _pair(node.settings.get("size")) or (usual[0], usual[1])
    narrowest, lowest = least(node.type)
    return min(max(width, narrowest), _MOST), min(max(height, lowest), _MOST)


def nodes_in(nodes: Mapping[str, Node], frame: Node) -> set[str]:
    """The nodes, without remarks, that lie fully in a frame: those that move along when it is moved."""
    left, top = frame.position
    width, height = size_of(frame)
    right, bottom = left + width - BAR[0], top + height - BAR[1]
    return {
        node.id
        for node in nodes.values()
        if node.sheet == frame.sheet
        and not is_remark(node)
        and left <= node.position[0] <= right
        and top <= node.position[1] <= bottom
    }


def around(nodes: Iterable[Node]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Corner and size of the frame that fits around these nodes, at least one, and remarks."""
    boxes = [(*node.position, *(size_of(node) if is_remark(node) else BAR)) for node in nodes]
    left, top = min(box[0] for box in boxes) - SIDE, min(box[1] for box in boxes) - ABOVE
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return (left, top), (right + SIDE - left, bottom + SIDE - top)


def _pair(value: Json | object) -> tuple[float, float] | None:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    width, height = value
    if isinstance(width, int | float) and isinstance(height, int | float) and not isinstance(width, bool):
        return (float(width), float(height)) if math.isfinite(width) and math.isfinite(height) else None
    return None
