"""Cases as small pictures where the network puts them; a lasso around some chooses them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from designer.data.windowing import MASK_COLORS
from designer.looking.picture_grid import pixmap_of
from designer.theme import Theme

_MARGIN = 24
_LARGEST, _SMALLEST = 40.0, 8.0  # pixels of a thumbnail
_CLICK = 4.0  # pixels: less than this is no lasso


class ScatterView(QWidget):
    """`chosen` brings the places of the cases within a lasso (or the one that was clicked), [] when none is."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._points = np.zeros((0, 2), np.float32)
        self._pictures: list[QPixmap] = []
        self._colours: list[QColor] = []
        self._names: Sequence[str] = ()
        self._lasso = QPolygonF()
        self.picked: frozenset[int] = frozenset()
        self.setMinimumSize(240, 240)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Scatter of cases; draw a lasso around some to choose them"))
        self.setCursor(Qt.CursorShape.CrossCursor)

    def sizeHint(self) -> QSize:
        """Square."""
        return QSize(520, 520)

    def show_cases(
        self, points: NDArray[np.float32], pictures: NDArray[np.uint8], classes: Sequence[int], names: Sequence[str]
    ) -> None:
        """Points (N, 2), pictures (N, side, side), the place of each case's class (-1: none), and what to call it."""
        low, high = points.min(axis=0), points.max(axis=0)
        self._points = (points - low) / np.maximum(high - low, 1e-9)
        self._pictures = [pixmap_of(picture) for picture in pictures]
        self._colours = [class_colour(place) for place in classes]
        self._names = names
        self.picked, self._lasso = frozenset(), QPolygonF()
        self.update()

    def place_of(self, case: int) -> QPointF:
        """Where the middle of a case lies."""
        x, y = self._points[case]
        inside = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        return QPointF(inside.left() + float(x) * inside.width(), inside.bottom() - float(y) * inside.height())

    def choose(self, cases: Sequence[int]) -> None:
        """Choose these."""
        self.picked = frozenset(cases)
        self.update()
        self.chosen.emit(sorted(self.picked))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Thumbnails with the colour of their class; those that are not chosen are faint once some are."""
        painter, theme = QPainter(self), Theme.current()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(theme.canvas))
        side = self._side()
        for case, picture in enumerate(self._pictures):
            painter.setOpacity(1.0 if not self.picked or case in self.picked else 0.25)
            frame = QRectF(0, 0, side, side)
            frame.moveCenter(self.place_of(case))
            painter.drawPixmap(frame, picture, QRectF(picture.rect()))
            painter.setPen(QPen(self._colours[case], 2))
            painter.drawRect(frame)
        painter.setOpacity(1.0)
        if not self._lasso.isEmpty():
            ground = QColor(theme.accent)
            ground.setAlphaF(0.15)
            painter.setPen(QPen(QColor(theme.accent), 1.5))
            painter.setBrush(ground)
            painter.drawPolygon(self._lasso)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A lasso begins."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._lasso = QPolygonF([event.position()])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The lasso goes on."""
        if not self._lasso.isEmpty():
            self._lasso.append(event.position())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The lasso ends; a click takes the case below it, or none."""
        if event.button() != Qt.MouseButton.LeftButton or self._lasso.isEmpty():
            return
        lasso, self._lasso = self._lasso, QPolygonF()
        if max(lasso.boundingRect().width(), lasso.boundingRect().height()) < _CLICK:
            under = self._under(event.position())
            self.choose([] if under is None else [under])
            return
        fill = Qt.FillRule.OddEvenFill
        self.choose([case for case in range(len(self._pictures)) if lasso.containsPoint(self.place_of(case), fill)])

    def event(self, event: QEvent) -> bool:
        """What a case is called, where the pointer rests."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            under = self._under(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if under is None else self._names[under], self)
            return True
        return super().event(event)

    def _side(self) -> float:
        """Smaller the more there are, so that they do not hide each other."""
        area = self.width() * self.height() / max(1, len(self._pictures))
        return max(_SMALLEST, min(_LARGEST, 0.5 * math.sqrt(area)))

    def _under(self, place: QPointF) -> int | None:
        half = self._side() / 2
        for case in reversed(range(len(self._pictures))):
            off = self.place_of(case) - place
            if max(abs(off.x()), abs(off.y())) <= half:
                return case
        return None


def class_colour(place: int) -> QColor:
    """The colour of a class by its place; grey for none."""
    return QColor(MASK_COLORS[place % len(MASK_COLORS)] if place >= 0 else Theme.current().faint)
