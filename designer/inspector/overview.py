"""The whole graph in small, with the part that the canvas shows; a press goes there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QWidget

from designer.canvas.view import CanvasView
from designer.theme import Theme

_PAD = 8.0


class Overview(QWidget):
    """A map of the canvas."""

    def __init__(self, view: CanvasView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self.setMinimumHeight(96)
        self.setToolTip(self.tr("The whole graph. Press to go there."))
        self.setAccessibleName(self.tr("Overview of the graph"))
        view.canvas.overview.changed.connect(self.update)
        for bar in (view.horizontalScrollBar(), view.verticalScrollBar()):
            bar.valueChanged.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, 144)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(QColor(theme.canvas))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        to_map = self._to_map()
        painter.save()
        painter.setTransform(to_map, True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._view.canvas.remarks.draw_map(painter)
        self._view.canvas.overview.draw_bars(painter, to_map.m11())
        painter.restore()
        if self._view.canvas.node_items or self._view.canvas.remarks.items:
            self._paint_shown(painter, to_map, theme)

    def _paint_shown(self, painter: QPainter, to_map: QTransform, theme: Theme) -> None:
        shown = to_map.mapRect(self._shown()).intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2))
        accent = QColor(theme.accent)
        painter.setPen(QPen(accent, 1))
        accent.setAlpha(20)
        painter.setBrush(accent)
        painter.drawRoundedRect(shown, 3, 3)

    def _shown(self) -> QRectF:
        return self._view.mapToScene(self._view.viewport().rect()).boundingRect()

    def _to_map(self) -> QTransform:
        content = self._view.canvas.content().adjusted(-16, -16, 16, 16)
        room = QRectF(self.rect()).adjusted(_PAD, _PAD, -_PAD, -_PAD)
        scale = min(room.width() / max(content.width(), 1.0), room.height() / max(content.height(), 1.0), 0.25)
        centre = room.center() - content.center() * scale
        return QTransform.fromTranslate(centre.x(), centre.y()).scale(scale, scale)

    def _go(self, place: QPointF) -> None:
        back, possible = self._to_map().inverted()
        if possible:
            self._view.centerOn(back.map(place))
