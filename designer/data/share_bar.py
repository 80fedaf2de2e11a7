"""The shares of training, validation and test as one bar with two handles."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from designer.theme import Theme, font

Shares = tuple[float, float, float]
COLORS = ("#4c9aff", "#d98a3d", "#4fb286")
_HANDLE = 10
_LEAST = 0.01  # of training and of validation


class ShareBar(QWidget):
    """Dragged, or moved by arrow keys: plain ones move the end of training, with Shift the end of validation."""

    changed = Signal(object)  # Shares

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shares: Shares = (0.7, 0.15, 0.15)
        self._held = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(40)
        self.setMinimumWidth(200)
        self.setAccessibleName(self.tr("Shares of training, validation and test"))
        self.setToolTip(self.tr(
            "Drag the edges. Arrow keys move the end of training, with Shift the end of validation, 1 % at a time."
        ))  # fmt: skip
        self.show_shares(self.shares)

    def show_shares(self, shares: Shares) -> None:
        """Show these, without telling."""
        self.shares = shares
        names = (self.tr("training"), self.tr("validation"), self.tr("test"))
        self.setAccessibleDescription(
            ", ".join(f"{name} {100 * part:.0f} %" for name, part in zip(names, shares, strict=True))
        )
        self.update()

    def edge(self, which: int) -> float:
        """Where a handle is, in pixels from the left."""
        return sum(self.shares[: which + 1]) * (self.width() - 2) + 1

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(320, 40)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Three pieces with their percentages, two handles."""
        painter, theme = QPainter(self), Theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(small=True, bold=True))
        ends = [0.0, self.edge(0), self.edge(1), float(self.width())]
        names = (self.tr("train"), self.tr("validate"), self.tr("test"))
        for place, (name, part) in enumerate(zip(names, self.shares, strict=True)):
            box = QRectF(ends[place] + 1, 6, max(0.0, ends[place + 1] - ends[place] - 2), 28)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(COLORS[place]))
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(QColor("#101214"))
            text = f"{name} {100 * part:.0f} %"
            fits = painter.fontMetrics().horizontalAdvance(text) + 16 <= box.width()
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text if fits else f"{100 * part:.0f} %")
        for which in (0, 1):
            painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.border), 2))
            painter.setBrush(QColor(theme.text))
            painter.drawRoundedRect(QRectF(self.edge(which) - 4, 3, 8, 34), 4, 4)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearer handle."""
        far = [abs(event.position().x() - self.edge(which)) for which in (0, 1)]
        right_of_both = event.position().x() > self.edge(1)
        self._held = 1 if far[1] < far[0] or (far[1] == far[0] and right_of_both) else 0
        if min(far) > _HANDLE:
            self._held = -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it."""
        if self._held >= 0:
            self._move(self._held, event.position().x() / max(self.width(), 1))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._held = -1

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """One percent more or less."""
        step = {Qt.Key.Key_Left: -0.01, Qt.Key.Key_Right: 0.01}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        which = int(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        self._move(which, sum(self.shares[: which + 1]) + step)

    def _move(self, which: int, to: float) -> None:
        """Put a handle at a share of the whole, in whole percent; training and validation keep at least one."""
        train, both = self.shares[0], self.shares[0] + self.shares[1]
        to = round(to, 2)
        if which == 0:
            train = min(max(to, _LEAST), both - _LEAST)
        else:
            both = min(max(to, train + _LEAST), 1.0)
        shares = (round(train, 2), round(both - train, 2), round(1.0 - both, 2))
        if shares != self.shares:
            self.show_shares(shares)
            self.changed.emit(shares)
