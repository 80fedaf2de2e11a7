"""A view that zooms at the pointer, pans, frames an area, and draws the grid."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsView, QWidget

from designer.canvas.measures import DETAIL, FARTHEST, GRID, NEAREST
from designer.theme import Theme

_MESH = 4 * GRID


class ZoomView(QGraphicsView):
    """A graphics view without scroll bars, to move about in."""

    zoomed = Signal()  # another scale

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setAcceptDrops(False)  # a scene would swallow folders that are dropped here; they are for the window
        self.viewport().setAcceptDrops(False)

    @property
    def scale_now(self) -> float:
        """The zoom: 1.0 is 100 %."""
        return self.transform().m11()

    def zoom(self, factor: float, at: QPoint | None = None) -> None:
        """Zoom around a place of the view, within 10-400 %; farther out only as far as it takes to see everything."""
        at = self.viewport().rect().center() if at is None else at
        room, all_of_it = self.viewport().rect(), self.sceneRect()
        farthest = min(room.width() / all_of_it.width(), room.height() / all_of_it.height(), FARTHEST)
        wanted = min(max(self.scale_now * factor, farthest), NEAREST)
        before = self.mapToScene(at)
        self.scale(wanted / self.scale_now, wanted / self.scale_now)
        self.pan_by(at - self.mapFromScene(before))
        self.zoomed.emit()

    def pan_by(self, by: QPoint) -> None:
        """Move the drawing by so many pixels of the view."""
        for bar, step in ((self.horizontalScrollBar(), by.x()), (self.verticalScrollBar(), by.y())):
            bar.setValue(bar.value() - step)

    def actual_size(self) -> None:
        """Zoom to 100 %."""
        self.zoom(1.0 / self.scale_now)

    def frame_area(self, area: QRectF) -> None:
        """Show an area, at most at 100 %."""
        if area.isEmpty():
            return
        area = area.adjusted(-6 * GRID, -3 * GRID, 6 * GRID, 3 * GRID)
        room = self.viewport().rect()
        wanted = min(room.width() / area.width(), room.height() / area.height(), 1.0)
        self.zoom(wanted / self.scale_now)
        self.centerOn(area.center())

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(1.0015 ** event.angleDelta().y(), event.position().toPoint())
        event.accept()

    def drawBackground(self, painter: QPainter, rect: QRectF | QPoint) -> None:  # type: ignore[override]
        theme = Theme.current()
        area = QRectF(rect)  # type: ignore[arg-type]
        painter.fillRect(area, QColor(theme.canvas))
        if self.scale_now < DETAIL:
            return
        pen = QPen(QColor(theme.grid), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        first_x, first_y = int(area.left() // _MESH), int(area.top() // _MESH)
        for column in range(first_x, int(area.right() // _MESH) + 1):
            painter.drawLine(QPointF(column * _MESH, area.top()), QPointF(column * _MESH, area.bottom()))
        for row in range(first_y, int(area.bottom() // _MESH) + 1):
            painter.drawLine(QPointF(area.left(), row * _MESH), QPointF(area.right(), row * _MESH))
