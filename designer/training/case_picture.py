"""A small picture of a case: what was answered is filled, what is true is outlined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer.data.outlines import edges
from designer.data.windowing import MASK_COLORS, Window, grey, overlay
from runtime.seen_cases import Boxes, Pixels

_GROUND = QColor("#000000")
_SHADE = QColor(0, 0, 0, 200)
_OPACITY = 0.5
_BYTES = Window.between(0, 255)


def class_color(place: int) -> str:
    """The colour of a class of masks by its index, as in the viewer of the data; 0 is the background and has none."""
    return MASK_COLORS[(place - 1) % len(MASK_COLORS)]


class CasePicture(QWidget):
    """Fills its width with the picture, as large as it fits, on black in both appearances."""

    def __init__(self, height: int) -> None:
        super().__init__()
        self._image = QImage()
        self._filled = QImage()
        self._outlines: Sequence[tuple[QColor, Sequence[QLineF]]] = ()
        self._grid = (1, 1)  # rows and columns in which the outlines are told
        self._framed: tuple[Boxes | None, Boxes | None] = (None, None)  # true and answered
        self.shows_filled = self.shows_outlines = True
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Square."""
        return QSize(self.height(), self.height())

    def show_picture(self, picture: Pixels) -> None:
        """The picture below: (rows, columns), or (rows, columns, 3)."""
        planes = np.moveaxis(picture, -1, 0) if picture.ndim == 3 else picture[None]
        self._image = grey(planes.astype(np.float32), _BYTES)
        self.update()

    def show_truth(self, mask: Pixels | None) -> None:
        """What is outlined."""
        found = [] if mask is None else [int(place) for place in np.unique(mask) if place]
        self._grid = (1, 1) if mask is None else (mask.shape[0], mask.shape[1])
        self._outlines = [(QColor(class_color(place)), edges(mask == place)) for place in found if mask is not None]
        self.update()

    def show_boxes(self, true: Boxes | None, answered: Boxes | None) -> None:
        """Boxes of truth, drawn solid, and of the answer, dashed."""
        self._framed = (true, answered)
        self.update()

    def show_answer(self, mask: Pixels | None, classes: int) -> None:
        """What is filled."""
        stored = list(range(max(classes, 2)))
        self._filled = QImage() if mask is None else overlay(mask.astype(np.int32), stored, _OPACITY)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Picture, filling, outlines."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), _GROUND)
        if self._image.isNull():
            return
        place = self._place()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._image)
        if self.shows_filled and not self._filled.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(place, self._filled)
        if self.shows_outlines:
            self._outline(painter, place)
        painter.resetTransform()
        true, answered = self._framed
        if true is not None and self.shows_outlines:
            _frame(painter, place, true, dashed=False)
        if answered is not None and self.shows_filled:
            _frame(painter, place, answered, dashed=True)

    def _place(self) -> QRectF:
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        return QRectF(left, top, size.width(), size.height())

    def _outline(self, painter: QPainter, place: QRectF) -> None:
        """Each colour on a dark edge, so that it is seen on its own filling and on bright pixels."""
        painter.translate(place.topLeft())
        painter.scale(place.width() / self._grid[1], place.height() / self._grid[0])
        for shade, width in ((True, 3.5), (False, 1.5)):
            for color, lines in self._outlines:
                pen = QPen(_SHADE if shade else color, width)
                pen.setCosmetic(True)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                painter.drawLines(lines)


def _frame(painter: QPainter, place: QRectF, boxes: Boxes, dashed: bool) -> None:
    """Boxes on a picture that lies there, each in the colour of its class on a dark edge."""
    for left, top, right, bottom, _, kind in boxes.rows.tolist():
        box = QRectF(place.left() + left * place.width(), place.top() + top * place.height(),
                     (right - left) * place.width(), (bottom - top) * place.height())  # fmt: skip
        for shade, width in ((True, 3.0), (False, 1.5)):
            pen = QPen(_SHADE if shade else QColor(class_color(int(kind) + 1)), width)
            if dashed and not shade:
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawRect(box)
