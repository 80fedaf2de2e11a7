"""Frames and comments when the graph is laid out: frames follow their nodes, comments what they stand beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QPointF, QRectF

from designer.canvas.layout import Places
from designer.canvas.measures import HEIGHT, WIDTH
from designer.canvas.remark_facts import ABOVE, SIDE, box_of, fitted, is_frame, is_remark
from runtime.document import Document
from runtime.graph import Node

_BELOW = SIDE  # what follows stands as far from the frame as bars do from each other


def bars_of(nodes: Mapping[str, Node]) -> dict[str, Node]:
    """The nodes that have a bar."""
    return {node_id: node for node_id, node in nodes.items() if not is_remark(node)}


def with_room(nodes: Mapping[str, Node], places: Places) -> Places:
    """The places, with room for the titles and edges of the frames that the nodes lie in; the top stays."""
    spans = [
        (min(heights), max(heights))
        for frame in _frames(nodes)
        if (heights := [places[node_id][1] for node_id in _bars_in(nodes, frame) if node_id in places])
    ]
    if not spans:
        return places

    def lower(y: float) -> float:
        return y + sum(ABOVE for top, _ in spans if top <= y) + sum(_BELOW for _, foot in spans if foot < y)

    top = min(y for _, y in places.values())
    return {node_id: (x, lower(y) - lower(top) + top) for node_id, (x, y) in places.items()}


def framed(nodes: Mapping[str, Node]) -> list[list[str]]:
    """The nodes with a bar in each frame that holds several."""
    groups = (_bars_in(nodes, frame) for frame in _frames(nodes))
    return [group for group in groups if len(group) > 1]


def follow(document: Document, before: Mapping[str, Node]) -> None:
    """Move the remarks of a sheet after its nodes were moved, inside the open edit; `before` is the sheet as it was."""
    sheet = next(iter(before.values())).sheet if before else ""
    after = document.on(sheet)
    moved = {node_id for node_id in bars_of(before) if before[node_id].position != after[node_id].position}
    if not moved:
        return
    new = {node_id: box_of(after[node_id]) for node_id in bars_of(before)}
    holding = [frame for frame in _frames(before) if _bars_in(before, frame)]
    for node in before.values():
        if is_remark(node) and node not in holding and _around(before, node):
            new[node.id] = _beside_bar(before, new, node)
    for frame in holding:
        inner = [one for one in _inside(before, frame) if one in new]
        follows = moved.intersection(inner)
        new[frame.id] = fitted(new[one] for one in inner) if follows else box_of(frame)
    for node in before.values():
        if is_remark(node) and node.id not in new:
            new[node.id] = _beside(before, new, node, [*bars_of(before), *(frame.id for frame in holding)])
    for node in before.values():
        if is_remark(node) and new[node.id] != box_of(node):
            box = new[node.id]
            document.change(node.id, position=(box.x(), box.y()))
            if box.size() != box_of(node).size():
                document.change(node.id, size=[box.width(), box.height()])


def _frames(nodes: Mapping[str, Node]) -> list[Node]:
    """The frames, the smallest first."""
    return sorted((node for node in nodes.values() if is_frame(node)), key=_area)


def _area(node: Node) -> float:
    box = box_of(node)
    return box.width() * box.height()


def _inside(nodes: Mapping[str, Node], frame: Node) -> list[str]:
    """What lies fully in a frame; of two frames that cover each other only the smaller is in the larger."""
    box = box_of(frame)
    return [
        node.id
        for node in nodes.values()
        if node is not frame and box.contains(box_of(node)) and not (is_frame(node) and _area(node) >= _area(frame))
    ]


def _bars_in(nodes: Mapping[str, Node], frame: Node) -> list[str]:
    return [node_id for node_id in _inside(nodes, frame) if not is_remark(nodes[node_id])]


def _around(nodes: Mapping[str, Node], node: Node) -> Node | None:
    """The smallest frame with nodes that a remark lies in."""
    return next(
        (frame for frame in _frames(nodes) if node.id in _inside(nodes, frame) and _bars_in(nodes, frame)), None
    )


def _beside_bar(before: Mapping[str, Node], new: Mapping[str, QRectF], node: Node) -> QRectF:
    """Where a remark in a frame goes: with the nearest node of that frame."""
    frame = _around(before, node)
    return _beside(before, new, node, _bars_in(before, frame) if frame is not None else ())


def _beside(before: Mapping[str, Node], new: Mapping[str, QRectF], node: Node, anchors: Iterable[str]) -> QRectF:
    """Where a remark goes: as far from the nearest of these as it was, on the same side."""
    box = box_of(node)
    nearest = min(anchors, key=lambda one: _distance(box, box_of(before[one])), default="")
    if not nearest:
        return box
    old, now = box_of(before[nearest]), new[nearest]
    dx = now.right() - old.right() if box.left() >= old.right() else now.left() - old.left()
    dy = now.bottom() - old.bottom() if box.top() >= old.bottom() else now.top() - old.top()
    return box.translated(QPointF(dx, dy))


def _distance(one: QRectF, other: QRectF) -> float:
    across = max(one.left() - other.right(), other.left() - one.right(), 0.0)
    down = max(one.top() - other.bottom(), other.top() - one.bottom(), 0.0)
    middles = one.center() - other.center()
    return across + down + 1e-6 * (abs(middles.x()) / WIDTH + abs(middles.y()) / HEIGHT)
