"""A picture with a map over it, as strong as is wished."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer.data.windowing import Window, grey
from runtime.data.curves import curves
from runtime.data.thumbnail import value_range
from runtime.looking.heat import heat

_GROUND = QColor("#000000")
_SMALLEST = 160
_CURVES = (640, 960)  # rows and columns of the picture of a signal


class MapPicture(QWidget):
    """Fills its room with the picture, as large as it fits, on black in both appearances."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._image = QImage()
        self._heat = QImage()
        self._opacity = 0.7
        self.setAccessibleName(name)
        self.setMinimumSize(_SMALLEST, _SMALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Large enough to see something."""
        return QSize(2 * _SMALLEST, 2 * _SMALLEST)

    def show_map(self, image: NDArray[np.float32], found: NDArray[np.float32]) -> None:
        """An image (C, rows, columns) below, a map (rows, columns) above; or the curves of a signal (leads, samples)
        below the moments of its map (samples,)."""
        if image.ndim == 2:
            image = curves(image, *_CURVES)[None].astype(np.float32)
        shown = image if image.shape[0] == 3 else image[:1]
        self._image = grey(shown, Window.between(*value_range(shown)))
        colours = np.ascontiguousarray(heat(found, *image.shape[-2:]))
        rows, columns = colours.shape[:2]
        self._heat = QImage(colours.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._image, self._heat = QImage(), QImage()
        self.update()

    def set_opacity(self, opacity: float) -> None:
        """How strong the map is, from 0 to 1."""
        self._opacity = opacity
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture, and the map on it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), _GROUND)
        if self._image.isNull():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(0, 0, size.width(), size.height())
        place.moveCenter(self.rect().center())
        painter.drawImage(place, self._image)
        painter.setOpacity(self._opacity)
        painter.drawImage(place, self._heat)
