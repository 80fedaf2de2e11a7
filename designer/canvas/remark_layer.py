"""The comments and frames of the sheet that is shown: kept equal to the document, found by place, carried along."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from designer.canvas.comment_item import CommentItem
from designer.canvas.frame_item import SMALL, FrameItem
from designer.canvas.remark_facts import COLOURS, colour_of, is_frame, is_remark
from designer.canvas.remark_item import RemarkItem
from runtime.changes import Change, NodeAdded, NodeChanged, NodeRemoved
from runtime.graph import Node

if TYPE_CHECKING:
    from designer.canvas.scene import CanvasScene


class RemarkLayer:
    """Items of remarks by the id of their node."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self.items: dict[str, RemarkItem] = {}

    # Following

    def refill(self, nodes: Iterable[Node]) -> None:
        """Show the remarks among these nodes, and no others."""
        for node_id in tuple(self.items):
            self._remove(node_id)
        for node in nodes:
            if is_remark(node):
                self._add(node)

    def follow(self, change: Change) -> bool:
        """Show one change of the document; whether it was one of a remark."""
        match change:
            case NodeAdded(node) if is_remark(node):
                self._show(node)
            case NodeRemoved(node) if is_remark(node):
                self._remove(node.id)
            case NodeChanged(old, new) if is_remark(old) and is_remark(new):
                self._show(new)
            case _:
                return False
        return True

    def follow_move(self, item: RemarkItem) -> None:
        """A remark was moved."""
        self._scene.overview.stir()
        self._scene.grow(item.scene_box())

    def recolor(self) -> None:
        """The colours or the fonts changed."""
        for item in self.items.values():
            item.update()

    # Looking up

    @property
    def frames(self) -> list[FrameItem]:
        """The frames, the smallest first."""
        found = [item for item in self.items.values() if isinstance(item, FrameItem)]
        return sorted(found, key=lambda item: item.size.width() * item.size.height())

    def comment_at(self, point: QPointF, scale: float) -> RemarkItem | None:
        """The comment at a place of the scene."""
        found = [item for item in self.items.values() if isinstance(item, CommentItem) and item.is_hit(point, scale)]
        return found[-1] if found else None

    def frame_at(self, point: QPointF, scale: float) -> RemarkItem | None:
        """The frame whose title or edge is at a place of the scene."""
        return next((item for item in self.frames if item.is_hit(point, scale)), None)

    def touched(self, area: QRectF) -> set[str]:
        """What a lasso selects: the comments that it touches, and the frames that lie in it as a whole."""
        found = set()
        for node_id, item in self.items.items():
            box = item.scene_box()
            if area.contains(box) or (isinstance(item, CommentItem) and area.intersects(box)):
                found.add(node_id)
        return found

    def content(self) -> QRectF:
        """What the remarks cover together."""
        covered = QRectF()
        for item in self.items.values():
            covered = covered.united(item.scene_box())
        return covered

    def with_notes_beside(self, box: QRectF) -> QRectF:
        """A box together with the comments that stand at its height."""
        notes = (item.scene_box() for item in self.items.values() if isinstance(item, CommentItem))
        across = box
        for note in notes:
            if note.top() <= box.bottom() and note.bottom() >= box.top():
                across = across.united(note)
        return across

    def inside(self, frame: RemarkItem) -> list[str]:
        """What lies fully in a frame: nodes, comments, and smaller frames."""
        box, scene = frame.scene_box(), self._scene
        bars = [item.node.id for item in scene.bars(box) if box.contains(item.scene_box())]
        here = [one for one, item in self.items.items() if item is not frame and box.contains(item.scene_box())]
        return bars + [one for one in here if self.items[one].scene_box() != box]

    def carried(self, chosen: Iterable[str]) -> tuple[str, ...]:
        """The chosen nodes, and what lies in the frames among them."""
        all_of_them = dict.fromkeys(chosen)
        for node_id in tuple(all_of_them):
            item = self.items.get(node_id)
            if isinstance(item, FrameItem):
                all_of_them.update(dict.fromkeys(self.inside(item)))
        return tuple(all_of_them)

    def spoken(self, node_id: str) -> str:
        """A remark in words, for a screen reader."""
        item = self.items[node_id]
        if isinstance(item, FrameItem):
            item.holds = sum(1 for one in self.inside(item) if one in self._scene.node_items)
        return item.accessible_text()

    # Drawing

    def draw_labels(self, painter: QPainter, scale: float) -> None:
        """The titles of the frames where the drawing is small: at constant size, above everything."""
        if scale >= SMALL or not self.items:
            return
        to_screen = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        for item in reversed(self.frames):
            item.paint_label(painter, to_screen.mapRect(item.label_box(scale)))
        painter.restore()

    def draw_map(self, painter: QPainter) -> None:
        """The remarks as coloured areas."""
        comments = (item for item in self.items.values() if isinstance(item, CommentItem))
        for item in (*reversed(self.frames), *comments):
            color = QColor(COLOURS[colour_of(item.node)])
            color.setAlpha(60 if is_frame(item.node) else 200)
            painter.fillRect(item.scene_box(), color)

    # Inside

    def _show(self, node: Node) -> None:
        if node.sheet != self._scene.project.place.sheet:
            self._remove(node.id)
        elif node.id not in self.items:
            self._add(node)
        else:
            self.items[node.id].show_node(node)
            self.follow_move(self.items[node.id])

    def _add(self, node: Node) -> None:
        item = FrameItem(node) if is_frame(node) else CommentItem(node)
        self.items[node.id] = item
        self._scene.addItem(item)
        self.follow_move(item)

    def _remove(self, node_id: str) -> None:
        item = self.items.pop(node_id, None)
        if item is None:
            return
        if self._scene.focused == node_id:
            self._scene.focus("")
        self._scene.removeItem(item)
        self._scene.overview.stir()
