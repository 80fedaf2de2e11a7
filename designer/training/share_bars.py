"""Bars of a few probabilities, with names and numbers; the true classes are marked by word and weight."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer.theme import Theme, font, metrics

_ROW = 30
_BAR = 6


class ShareBars(QWidget):
    """A row for each class: its name and share above, the bar below."""

    def __init__(self) -> None:
        super().__init__()
        self.shares: Sequence[tuple[str, float, bool]] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As high as it has rows."""
        return QSize(120, _ROW * len(self.shares))

    def show_shares(self, shares: Sequence[tuple[str, float, bool]]) -> None:
        """Name, probability, and whether it is true."""
        grown = len(shares) != len(self.shares)
        self.shares = shares
        if grown:
            self.updateGeometry()
        self.setToolTip("\n".join(spoken_share(*share) for share in shares))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """All rows."""
        painter, theme = QPainter(self), Theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, share in enumerate(self.shares):
            self._paint(painter, theme, QRectF(0, row * _ROW, self.width(), _ROW), share)

    def _paint(self, painter: QPainter, theme: Theme, room: QRectF, share: tuple[str, float, bool]) -> None:
        name, value, true = share
        words = room.adjusted(0, 2, 0, -_BAR - 6)
        painter.setFont(font(small=True, bold=true))
        painter.setPen(QColor(theme.text if true else theme.muted))
        number = percent(value)
        measured = metrics(small=True, bold=true)
        left = words.width() - measured.horizontalAdvance(number) - 8
        elided = measured.elidedText(_titled(name, true), Qt.TextElideMode.ElideRight, int(left))
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)
        bar = QRectF(room.left(), room.bottom() - _BAR - 4, room.width(), _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.border))
        painter.drawRoundedRect(bar, 3, 3)
        if value > 0:
            bar.setWidth(max(_BAR, bar.width() * min(value, 1.0)))
            painter.setBrush(QColor(theme.accent if true else theme.faint))
            painter.drawRoundedRect(bar, 3, 3)


def percent(value: float) -> str:
    """A probability as people read it, never rounded to a certainty that it is not."""
    if 0 < value < 0.01:
        return "< 1 %"
    if 0.99 < value < 1:
        return "> 99 %"
    return f"{100 * value:.0f} %"


def spoken_share(name: str, value: float, true: bool) -> str:
    """A row in words."""
    return f"{_titled(name, true)}: {percent(value)}"


def _titled(name: str, true: bool) -> str:
    return QCoreApplication.translate("ShareBars", "%s (true)") % name if true else name
