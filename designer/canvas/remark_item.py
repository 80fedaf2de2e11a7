"""What comments and frames have in common on the canvas: a coloured box that can be moved and resized."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem

from designer.canvas.remark_facts import box_of
from designer.theme import Theme
from runtime.graph import Node

_MARGIN = 8.0
_REACH = 6.0  # pixels of the screen on either side of an edge


class RemarkItem(QGraphicsItem):
    """The box of one remark. It draws itself at any scale."""

    obstructs = False  # wires do not make way for it

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node = node
        self.size = box_of(node).size()
        self.focused = False
        self.marked = False
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.show_node(node)

    def show_node(self, node: Node) -> None:
        """Show the node as it is now."""
        self.node = node
        self.show_box(box_of(node))

    def show_box(self, box: QRectF) -> None:
        """Show it here, so large."""
        self.prepareGeometryChange()
        self.size = box.size()
        self.setPos(box.topLeft())
        self.update()

    def show_mark(self, *, focused: bool | None = None, marked: bool | None = None) -> None:
        """Outline it as the one that the keyboard is at."""
        self.focused = self.focused if focused is None else focused
        self.marked = self.marked if marked is None else marked
        self.update()

    @property
    def rect(self) -> QRectF:
        """The box, from its own corner."""
        return QRectF(QPointF(), self.size)

    def scene_box(self) -> QRectF:
        """The box in the scene."""
        return QRectF(self.pos(), self.size)

    def name_box(self) -> QRectF:
        """Where its name or text is written, in the scene."""
        return self.scene_box()

    def accessible_text(self) -> str:
        """The remark in words, for a screen reader."""
        return self.node.name

    def is_hit(self, point: QPointF, scale: float) -> bool:
        """Whether a press at this place of the scene means it."""
        return self.scene_box().contains(point) or bool(self.edge_at(point, scale))

    def edge_at(self, point: QPointF, scale: float) -> str:
        """The edge or corner at a place of the scene: of "n", "s", "w", "e" one or two letters, "" for none."""
        box = self.scene_box()
        reach = min(_REACH / scale, box.width() / 4, box.height() / 4)
        if not box.adjusted(-reach, -reach, reach, reach).contains(point):
            return ""
        corner = 2 * reach
        across, down = _end(point.x(), box.left(), box.right(), reach), _end(point.y(), box.top(), box.bottom(), reach)
        if across or down:  # near a corner both edges are meant
            across = across or _end(point.x(), box.left(), box.right(), corner)
            down = down or _end(point.y(), box.top(), box.bottom(), corner)
        return ("n" if down < 0 else "s" if down else "") + ("w" if across < 0 else "e" if across else "")

    # QGraphicsItem

    def boundingRect(self) -> QRectF:
        return self.rect.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def paint_ring(self, painter: QPainter, theme: Theme) -> None:
        """The outline of a selected or focused remark, equally wide at any scale."""
        if not (self.isSelected() or self.focused):
            return
        pen = QPen(QColor(theme.accent), 2 if self.isSelected() else 1.5)
        pen.setCosmetic(True)
        if not self.isSelected():
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.rect.adjusted(-2, -2, 2, 2), 7, 7)


def _end(value: float, low: float, high: float, reach: float) -> int:
    """-1 near the low end, 1 near the high one, 0 between."""
    return -1 if value - low <= reach else 1 if high - value <= reach else 0
