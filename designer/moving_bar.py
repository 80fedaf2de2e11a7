"""A progress bar that, while nobody knows how far the work has come, moves instead of looking full."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimerEvent
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from designer.theme import Theme

_STEP_MS = 40
_PIECE = 0.25  # of the width
_STEPS = 50  # from one end to the other


class MovingBar(QProgressBar):
    """With the range 0 to 0 a short piece goes to and fro."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextVisible(False)
        self._at = 0
        self.startTimer(_STEP_MS)

    def piece(self) -> QRectF:
        """The part of the bar that is filled while the end is not known."""
        way = abs((self._at % (2 * _STEPS)) - _STEPS) / _STEPS
        width = self.width() * _PIECE
        return QRectF(way * (self.width() - width), 0, width, self.height())

    def timerEvent(self, event: QTimerEvent) -> None:
        """Move on."""
        super().timerEvent(event)
        if self.maximum() == 0 and self.isVisible():
            self._at += 1
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the piece in its groove, or the bar as it usually is."""
        if self.maximum() != 0:
            super().paintEvent(event)
            return
        painter, theme = QPainter(self), Theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for box, color in ((QRectF(self.rect()), theme.field), (self.piece(), theme.accent)):
            painter.setBrush(QColor(color))
            painter.drawRoundedRect(box, 3, 3)
