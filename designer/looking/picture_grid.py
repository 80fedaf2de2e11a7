"""Small pictures in rows: channels, kernels or cases; a click takes one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from designer.theme import Theme

_GAP = 4


class PictureGrid(QWidget):
    """As many pictures side by side as fit the width. `taken` brings the place of the one that was clicked."""

    taken = Signal(int)

    def __init__(self, name: str, cell: int = 72) -> None:
        super().__init__()
        self._cell = cell
        self._pictures: list[QPixmap] = []
        self._tips: Sequence[str] = ()
        self._marks: Sequence[tuple[float, float]] = ()
        self.current = -1
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_pictures(
        self, pictures: Sequence[NDArray[np.uint8]], tips: Sequence[str], marks: Sequence[tuple[float, float]] = ()
    ) -> None:
        """Pictures (rows, columns), what each is called, and a place in each as shares of its height and width."""
        self._pictures = [pixmap_of(picture) for picture in pictures]
        self._tips, self._marks, self.current = tips, marks, -1
        self._fit()
        self.update()

    def take(self, place: int) -> None:
        """Take the picture at this place."""
        if 0 <= place < len(self._pictures):
            self.current = place
            self.update()
            self.taken.emit(place)

    def sizeHint(self) -> QSize:
        """One row."""
        return QSize(4 * self._cell, self._cell)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the rows are."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The pictures, the taken one framed."""
        painter, theme = QPainter(self), Theme.current()
        for place, picture in enumerate(self._pictures):
            cell = self._place(place)
            size = picture.size().scaled(cell.size(), Qt.AspectRatioMode.KeepAspectRatio)
            frame = QRect(cell.topLeft(), size)
            frame.moveCenter(cell.center())
            painter.fillRect(cell, QColor("black"))
            painter.drawPixmap(frame, picture)
            if place < len(self._marks):
                down, across = self._marks[place]
                at = QPointF(frame.left() + across * frame.width(), frame.top() + down * frame.height())
                painter.setPen(QPen(QColor(theme.warning), 2))
                painter.drawEllipse(at, 7, 7)
            if place == self.current:
                painter.setPen(QPen(QColor(theme.accent), 2))
                painter.drawRect(cell.adjusted(1, 1, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the picture under the pointer."""
        self.take(self._under(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from picture to picture."""
        across = self._across()
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: across, Qt.Key.Key_Up: -across}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.take(max(0, self.current) + (step if self.current >= 0 else 0))

    def event(self, event: QEvent) -> bool:
        """What a picture is called, where the pointer rests."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            under = self._under(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._tips[under] if under >= 0 else "", self)
            return True
        return super().event(event)

    def _across(self) -> int:
        return max(1, (self.width() + _GAP) // (self._cell + _GAP))

    def _fit(self) -> None:
        rows = -(-len(self._pictures) // self._across())
        self.setFixedHeight(max(1, rows * (self._cell + _GAP)))

    def _place(self, place: int) -> QRect:
        across, step = self._across(), self._cell + _GAP
        return QRect(place % across * step, place // across * step, self._cell, self._cell)

    def _under(self, at: QPointF) -> int:
        found = (place for place in range(len(self._pictures)) if self._place(place).contains(at.toPoint()))
        return next(found, -1)


def pixmap_of(picture: NDArray[np.uint8]) -> QPixmap:
    """Grey bytes (rows, columns) as a picture."""
    flat = np.ascontiguousarray(picture)
    rows, columns = flat.shape
    return QPixmap.fromImage(QImage(flat.data, columns, rows, columns, QImage.Format.Format_Grayscale8).copy())
