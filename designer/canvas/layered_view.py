"""A view that draws its items one by one where they can be read, and as one layer where they cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPixmapCache
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from designer.canvas.measures import DETAIL
from designer.canvas.zoom_view import ZoomView

if TYPE_CHECKING:
    from designer.canvas.scene import CanvasScene

_ROOM = 96 * 1024  # kilobytes: the bars of a view at three pixels for one fill 60 MB


class LayeredView(ZoomView):
    """Shows a canvas scene at any scale."""

    def __init__(self, canvas: CanvasScene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = canvas
        canvas.setParent(self)
        self.setScene(canvas)
        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), _ROOM))
        canvas.overview.changed.connect(self._on_layer_changed)
        canvas.selectionChanged.connect(self._on_layer_changed)

    @property
    def is_far(self) -> bool:
        """Whether the drawing is too small to read."""
        return self.scale_now < DETAIL

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.is_far:
            super().paintEvent(event)
            return
        painter = QPainter(self.viewport())
        painter.setWorldTransform(self.viewportTransform())
        self.drawBackground(painter, self.mapToScene(event.rect()).boundingRect())
        loose = sorted((item for item in self.canvas.loose if item.isVisible()), key=QGraphicsItem.zValue)
        self._paint(painter, [item for item in loose if item.zValue() < 0])
        self.canvas.overview.draw(painter, self.scale_now, self.canvas.selectedItems())
        self._paint(painter, [item for item in loose if item.zValue() >= 0])
        self.canvas.remarks.draw_labels(painter, self.scale_now)
        painter.end()

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        self.canvas.remarks.draw_labels(painter, self.scale_now)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.canvas.recolor()
            self.viewport().update()

    def _paint(self, painter: QPainter, items: list[QGraphicsItem]) -> None:
        """Items that stand in no layer draw themselves at any scale."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for item in items:
            painter.save()
            painter.setWorldTransform(item.sceneTransform() * self.viewportTransform())
            item.paint(painter, QStyleOptionGraphicsItem(), None)
            painter.restore()

    def _on_layer_changed(self) -> None:
        if self.is_far:
            self.viewport().update()
