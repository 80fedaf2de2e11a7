"""A coloured frame on the canvas, behind nodes and wires, with a title to drag it by."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from designer.canvas.measures import DETAIL
from designer.canvas.remark_facts import COLOURS, TITLE, colour_of, mixed
from designer.canvas.remark_item import RemarkItem
from designer.theme import Theme, font, metrics
from runtime.graph import Node

SMALL = 0.8
"""Below this scale the title stands on a label of constant size."""
LABEL = 18.0
_LEAST_LABEL = 200.0
_PAD = 8.0
_ROUND = 6.0
_BEHIND = -2.0
_LABEL_ROOM = 48.0


class FrameItem(RemarkItem):
    """The area of one frame node."""

    def __init__(self, node: Node) -> None:
        self.holds = 0  # how many nodes lie in it, counted when it is asked for
        super().__init__(node)

    def show_box(self, box: QRectF) -> None:
        super().show_box(box)
        self.setZValue(_BEHIND + 1.0 / (2.0 + box.width() * box.height() / 1e4))  # smaller frames in front

    def name_box(self) -> QRectF:
        return QRectF(self.pos().x(), self.pos().y(), self.size.width(), TITLE)

    def accessible_text(self) -> str:
        tr = QCoreApplication.translate
        count = tr("Canvas", "1 node") if self.holds == 1 else tr("Canvas", "{0} nodes").format(self.holds)
        name = (
            self.node.name if self.node.name.startswith("Frame") else tr("Canvas", "Frame {0}").format(self.node.name)
        )
        return f"{name}, {count}"

    def is_hit(self, point: QPointF, scale: float) -> bool:
        """By its title and its edges: its body lets everything through."""
        title = self.name_box() if scale >= SMALL else self.label_box(scale)
        return title.contains(point) or bool(self.edge_at(point, scale))

    def label_box(self, scale: float) -> QRectF:
        """The label that shows the title where the drawing is small, in the scene: it stands on the title's foot."""
        wide = metrics(small=True, bold=True).horizontalAdvance(self.node.name) + 2 * _PAD
        wide = min(wide / scale, max(self.size.width(), _LEAST_LABEL / scale))
        high = max(LABEL / scale, TITLE)
        return QRectF(self.x(), self.y() + TITLE - high, wide, high)

    # Drawing

    def boundingRect(self) -> QRectF:
        beyond = max(0.0, _LEAST_LABEL / DETAIL - self.size.width())  # farther out all of the view is drawn anyway
        return super().boundingRect().adjusted(0, -_LABEL_ROOM, beyond, 0)

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(QRectF(0, 0, self.size.width(), TITLE))
        return path

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        theme = Theme.current()
        color = QColor(COLOURS[colour_of(self.node)])
        outline = QPainterPath()
        outline.addRoundedRect(self.rect, _ROUND, _ROUND)
        color.setAlpha(30 if theme.dark else 26)
        painter.fillPath(outline, color)
        top = QPainterPath()
        top.addRect(QRectF(0, 0, self.size.width(), TITLE))
        color.setAlpha(80 if theme.dark else 70)
        painter.fillPath(outline.intersected(top), color)
        color.setAlpha(190)
        pen = QPen(color, 1.5)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline)
        if QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform()) >= SMALL:
            self._paint_title(painter, theme)
        self.paint_ring(painter, theme)

    def paint_label(self, painter: QPainter, place: QRectF) -> None:
        """The title at a place of the screen, with a ground of its own."""
        theme = Theme.current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(COLOURS[colour_of(self.node)], theme.canvas, 0.35))
        painter.drawRoundedRect(place, 4, 4)
        painter.setFont(font(small=True, bold=True))
        painter.setPen(QColor(theme.text))
        inner = place.adjusted(_PAD, 0, -_PAD + 2, 0)
        measures = metrics(small=True, bold=True)
        title = measures.elidedText(self.node.name, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, title)

    def _paint_title(self, painter: QPainter, theme: Theme) -> None:
        room = QRectF(_PAD, 0, self.size.width() - 2 * _PAD, TITLE)
        title = metrics(bold=True).elidedText(self.node.name, Qt.TextElideMode.ElideRight, room.width())
        painter.setFont(font(bold=True))
        painter.setPen(QColor(theme.text))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, title)
