"""Where a picture lies on the screen: zoom, place, square millimetres; from points to pixels and back."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSizeF

_LEAST, _MOST = 0.05, 64.0
_ROUND_LENGTHS = (1, 2, 5)


@dataclass(slots=True)
class Frame:
    """A picture of `columns` × `rows` pixels, in a room on the screen. `zoom` is screen pixels for a picture pixel."""

    columns: int = 1
    rows: int = 1
    spacing: tuple[float, float] | None = None  # mm from row to row, column to column
    room: QSizeF = field(default_factory=lambda: QSizeF(1, 1))
    zoom: float = 0.0  # 0 fits the picture into the room
    shift: QPointF = field(default_factory=lambda: QPointF(0, 0))

    @property
    def scale(self) -> tuple[float, float]:
        """Screen pixels for one picture pixel, across and down; a millimetre is as long in both."""
        tall, wide = self._shape()
        zoom = self.zoom or self._fitting(tall, wide)
        return zoom * wide, zoom * tall

    def box(self) -> QRectF:
        """The picture on the screen."""
        across, down = self.scale
        size = QSizeF(self.columns * across, self.rows * down)
        left = (self.room.width() - size.width()) / 2 + self.shift.x()
        top = (self.room.height() - size.height()) / 2 + self.shift.y()
        return QRectF(QPointF(left, top), size)

    def pixel(self, point: QPointF) -> QPointF:
        """A point of the screen in picture pixels: column, row."""
        box, (across, down) = self.box(), self.scale
        return QPointF((point.x() - box.left()) / across, (point.y() - box.top()) / down)

    def point(self, pixel: QPointF) -> QPointF:
        """A place in the picture on the screen."""
        box, (across, down) = self.box(), self.scale
        return QPointF(box.left() + pixel.x() * across, box.top() + pixel.y() * down)

    def zoom_by(self, factor: float, at: QPointF) -> None:
        """Larger or smaller, the place under the point staying where it is."""
        before = self.pixel(at)
        tall, wide = self._shape()
        self.zoom = min(max((self.zoom or self._fitting(tall, wide)) * factor, _LEAST), _MOST)
        self.shift = self.shift + at - self.point(before)

    def fit(self) -> None:
        """All of the picture, as large as the room allows."""
        self.zoom, self.shift = 0.0, QPointF(0, 0)

    def actual(self) -> None:
        """One pixel of the picture is one of the screen."""
        self.zoom, self.shift = 1.0, QPointF(0, 0)

    def length(self, start: QPointF, end: QPointF) -> tuple[float, str]:
        """Between two places of the picture: millimetres where the spacing is known, else pixels."""
        row, column = self.spacing or (1.0, 1.0)
        far = math.hypot((end.x() - start.x()) * column, (end.y() - start.y()) * row)
        return far, "mm" if self.spacing else "px"

    def bar(self, longest: float) -> tuple[float, float, str]:
        """A round length for a scale bar of at most so many screen pixels: on the screen, as a number, its unit."""
        across = self.scale[0]
        unit = across / self.spacing[1] if self.spacing else across  # screen pixels for a mm, or a pixel
        power = 10.0 ** math.floor(math.log10(max(longest / unit, 1e-9)))
        length = max([power, *(step * power for step in _ROUND_LENGTHS if step * power * unit <= longest)])
        return length * unit, length, "mm" if self.spacing else "px"

    def _shape(self) -> tuple[float, float]:
        if self.spacing is None:
            return 1.0, 1.0
        least = min(self.spacing)
        return self.spacing[0] / least, self.spacing[1] / least

    def _fitting(self, tall: float, wide: float) -> float:
        across = self.room.width() / max(self.columns * wide, 1e-9)
        return max(min(across, self.room.height() / max(self.rows * tall, 1e-9)), 1e-3)
