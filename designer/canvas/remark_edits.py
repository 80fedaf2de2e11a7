"""Edits of comments and frames, each one named step of undo on the project's document."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF

from designer.canvas.comment_item import roomy
from designer.canvas.measures import GRID, HEIGHT, STEP, WIDTH, snapped
from designer.canvas.remark_facts import box_of, fitted, is_frame, is_remark, picture_of, size_of, text_of
from nodes.remarks import Comment, Frame, Remark
from runtime.document import Document

_AWAY = 3 * GRID
_CLEAR = STEP - HEIGHT


def step_of(document: Document, kind: type[Remark]) -> tuple[str, str]:
    """The label and the `merge` of the step that adds the next remark: what it is first called belongs to it."""
    return _tr("Add {0}").format(kind.title), f"add {kind.id} {len(document.nodes)}"


def add(document: Document, kind: type[Remark], corner: QPointF, sheet: str) -> str:
    """Add a remark here; gives its id."""
    with document.edit(*step_of(document, kind)):
        return document.add(kind.id, kind.title, snapped(corner.x(), corner.y()), sheet=sheet)


def add_frame_around(document: Document, chosen: Collection[str], sheet: str) -> str:
    """Add a frame around nodes and remarks; what stands in the way of its title and foot makes way. Gives its id."""
    with document.edit(*step_of(document, Frame)):
        _make_way(document, chosen, sheet)
        around = fitted(box_of(document.nodes[node_id]) for node_id in chosen)
        new = document.add(Frame.id, Frame.title, (around.x(), around.y()), sheet=sheet)
        _put(document, new, around)
    return new


def add_comment_beside(document: Document, node_id: str) -> str:
    """Add a comment to the right of a node, where there is room; gives its id."""
    node = document.nodes[node_id]
    size = QSizeF(*Comment.size)
    beside = box_of(node)
    taken = [box_of(other) for other in document.on(node.sheet).values() if other.type != Frame.id]
    place = QRectF(QPointF(beside.right() + _AWAY, beside.top()), size)
    while any(box.intersects(place) for box in taken):
        place.translate(max(WIDTH / 2, GRID), 0.0)
    return add(document, Comment, place.topLeft(), node.sheet)


def add_at_node(document: Document, kind: type[Remark], node_id: str) -> str:
    """Add a frame around a node, or a comment beside it; gives its id."""
    if kind is Frame:
        return add_frame_around(document, [node_id], document.nodes[node_id].sheet)
    return add_comment_beside(document, node_id)


def write(document: Document, node_id: str, text: str, least: QSizeF | None = None, merge: str | None = None) -> None:
    """Change what a comment says; it grows where the text would not fit. `least` is its size before, if not now's."""
    node = document.nodes[node_id]
    if text == text_of(node):
        return
    with document.edit(_tr("Write {0}").format(node.name), merge):
        document.change(node_id, text=text)
        old = QSizeF(*size_of(node))
        new = roomy(text, least or old, picture_of(document.nodes[node_id]))
        if new != old:
            document.change(node_id, size=[new.width(), new.height()])


def resize(document: Document, node_id: str, box: QRectF) -> None:
    """Give a remark another place and size."""
    with document.edit(_tr("Resize {0}").format(document.nodes[node_id].name)):
        _put(document, node_id, box)


def fit(document: Document, frame: str, inside: Collection[str]) -> None:
    """Fit a frame to what lies in it."""
    with document.edit(_tr("Fit {0} to its nodes").format(document.nodes[frame].name)):
        _put(document, frame, fitted(box_of(document.nodes[node_id]) for node_id in inside))


def colour(document: Document, chosen: Collection[str], name: str) -> None:
    """Give remarks a colour."""
    label = document.nodes[next(iter(chosen))].name if len(chosen) == 1 else _tr("{0} remarks").format(len(chosen))
    with document.edit(_tr("Colour {0}").format(label)):
        for node_id in chosen:
            document.change(node_id, colour=name)


def _make_way(document: Document, chosen: Collection[str], sheet: str) -> None:
    """Move down what the frame around the chosen would cover: first for its title, then for its foot."""
    boxes = [box_of(document.nodes[node_id]) for node_id in chosen]
    around, top, foot = fitted(boxes), min(box.top() for box in boxes), max(box.bottom() for box in boxes)
    others = [node for node_id, node in document.on(sheet).items() if node_id not in chosen and not is_remark(node)]
    wanted = around.adjusted(0, -GRID, 0, GRID)
    covered = [box for node in others if (box := box_of(node)).intersects(wanted)]
    below = [around.bottom() - box.top() for box in covered if box.top() >= foot]
    above = [box.bottom() - around.top() for box in covered if box.bottom() <= top]
    for y, overlaps in ((foot, below), (top, above)):
        if overlaps:
            _open_gap(document, sheet, y, -(-(max(overlaps) + _CLEAR) // GRID) * GRID)


def _open_gap(document: Document, sheet: str, y: float, by: float) -> None:
    """Move down all that begins at this height or below it; frames that reach across it grow."""
    for node in tuple(document.on(sheet).values()):
        box = box_of(node)
        if box.top() >= y:
            document.change(node.id, position=(box.x(), box.y() + by))
        elif is_frame(node) and box.bottom() > y:
            _put(document, node.id, box.adjusted(0, 0, 0, by))


def _put(document: Document, node_id: str, box: QRectF) -> None:
    document.change(node_id, position=(box.x(), box.y()))
    if size_of(document.nodes[node_id]) != (box.width(), box.height()):
        document.change(node_id, size=[box.width(), box.height()])


def _tr(text: str) -> str:
    return QCoreApplication.translate("Canvas", text)
