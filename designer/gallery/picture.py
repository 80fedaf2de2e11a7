"""The widget that shows the small picture of a drawing: read when it is first seen, painted once for each look."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from designer.gallery.painter import paint_sketch
from designer.gallery.reader import Reader, Seen
from designer.theme import Theme

_RADIUS = 4.0
_Look = tuple[bool, float, int, int]


class GraphPicture(QWidget):
    """Asks the reader for its file when it is painted for the first time; without a file it is an empty drawing."""

    def __init__(self, reader: Reader, file: Path | None, size: QSize) -> None:
        super().__init__()
        self.setFixedSize(size)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.seen: Seen | None = None
        self._reader = reader
        self._file = file
        self._asked = False
        self._look: _Look | None = None
        self._kept = QPixmap()
        reader.seen.connect(self._on_seen)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._file is not None and not self._asked:
            self._asked = True
            self._reader.ask(self._file)
        theme, ratio = Theme.current(), self.devicePixelRatioF()
        look = theme.dark, ratio, self.width(), self.height()
        if look != self._look:
            self._look, self._kept = look, self._painted(theme, ratio)
        QPainter(self).drawPixmap(0, 0, self._kept)

    def _on_seen(self, path: str, seen: Seen) -> None:
        if self._file is not None and path == str(self._file):
            self.seen, self._look = seen, None
            self.update()

    def _painted(self, theme: Theme, ratio: float) -> QPixmap:
        made = QPixmap(self.size() * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        painter.setPen(QPen(QColor(theme.border), 1.0))
        painter.setBrush(QColor(theme.canvas))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        if self._file is None:
            _paint_empty(painter, area, theme)
        elif self.seen is not None and self.seen.sketch is not None:
            paint_sketch(painter, area, self.seen.sketch, theme)
        elif self.seen is not None:
            _paint_none(painter, area, theme)
        painter.end()
        return made


def _paint_empty(painter: QPainter, area: QRectF, theme: Theme) -> None:
    """A dashed bar with a plus: here something is to be drawn."""
    bar = QRectF(0, 0, min(64.0, area.width() - 24), 16)
    bar.moveCenter(area.center())
    pen = QPen(QColor(theme.faint), 1.2)
    pen.setDashPattern([3, 3])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(bar, 3, 3)
    _cross(painter, area, theme, 4.0, slanted=False)


def _paint_none(painter: QPainter, area: QRectF, theme: Theme) -> None:
    """A slanted cross: there is a place for a picture, and nothing to show."""
    _cross(painter, area, theme, 6.0, slanted=True)


def _cross(painter: QPainter, area: QRectF, theme: Theme, reach: float, *, slanted: bool) -> None:
    painter.setPen(QPen(QColor(theme.faint), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.save()
    painter.translate(area.center())
    painter.rotate(45 if slanted else 0)
    painter.drawLine(QRectF(-reach, 0, 2 * reach, 0).topLeft(), QRectF(-reach, 0, 2 * reach, 0).topRight())
    painter.drawLine(QRectF(0, -reach, 0, 2 * reach).topLeft(), QRectF(0, -reach, 0, 2 * reach).bottomLeft())
    painter.restore()
