"""The confusion matrix as a coloured table: counts and the share of each row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer.theme import Theme, font

_CELL = (92, 48)
_HEAD = 28
_WIDEST_NAME = 160


class Confusion(QWidget):
    """Rows are the truth, columns the prediction; right answers are on the diagonal. A cell that is clicked, or walked
    to with the arrow keys and entered, asks for its cases."""

    cell_asked = Signal(int, int)  # truth, predicted

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.classes: Sequence[str] = ()
        self.counts: Sequence[Sequence[int]] = ()
        self.clickable = False  # whether the cells hold cases, not pixels
        self.current = (0, 0)
        self._hover: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        copy = QAction(self.tr("Copy table as CSV"), self)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self.csv()))
        self.addAction(copy)

    def show_counts(self, classes: Sequence[str], counts: Sequence[Sequence[int]], clickable: bool = False) -> None:
        """Show a matrix; an empty one hides the table. Cells of one that is `clickable` ask for their cases."""
        self.classes, self.counts, self.clickable = classes, counts, clickable
        self.current, self._hover = (0, 0), None
        self.setAccessibleName(self.tr("Confusion matrix"))
        self.setAccessibleDescription("; ".join(self._rows_in_words()))
        self.setFixedSize(self.sizeHint())
        self.setVisible(bool(counts))
        self.update()

    def csv(self) -> str:
        """The matrix as CSV, the true class in the first column."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([self.tr("truth / predicted"), *self.classes])
        writer.writerows([name, *row] for name, row in zip(self.classes, self.counts, strict=True))
        return text.getvalue()

    def share(self, row: int, column: int) -> float:
        """How much of a true class was predicted as another, 0 to 1."""
        total = sum(self.counts[row])
        return self.counts[row][column] / total if total else 0.0

    def sizeHint(self) -> QSize:
        """As large as its cells."""
        count = len(self.counts)
        return QSize(self._names_width() + count * _CELL[0] + 2, 2 * _HEAD + count * _CELL[1] + 2)

    def box(self, row: int, column: int) -> QRectF:
        """Where a cell is."""
        left, top = self._names_width() + column * _CELL[0], 2 * _HEAD + row * _CELL[1]
        return QRectF(left, top, *_CELL).adjusted(1, 1, -1, -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """What is under the mouse, in words."""
        self._hover = self._at(event.position()) if self.clickable else None
        hand = Qt.CursorShape.PointingHandCursor if self._hover else Qt.CursorShape.ArrowCursor
        self.setCursor(hand)
        self.setToolTip(self._told(*self._hover) if self._hover else "")
        self.update()

    def leaveEvent(self, _event: object) -> None:
        """The mouse is elsewhere."""
        self._hover = None
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the cases of a cell."""
        cell = self._at(event.position())
        if self.clickable and cell and event.button() == Qt.MouseButton.LeftButton:
            self.current = cell
            self.cell_asked.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows walk over the cells, Enter asks for their cases."""
        key, (row, column) = Qt.Key, self.current
        steps = {key.Key_Up: (-1, 0), key.Key_Down: (1, 0), key.Key_Left: (0, -1), key.Key_Right: (0, 1)}
        step = steps.get(key(event.key()))
        last = len(self.counts) - 1
        if self.clickable and step is not None:
            self.current = (min(max(row + step[0], 0), last), min(max(column + step[1], 0), last))
            self.setAccessibleDescription(self._told(*self.current))
            self.update()
        elif self.clickable and event.key() in (key.Key_Return, key.Key_Enter, key.Key_Space):
            self.cell_asked.emit(*self.current)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw headers and cells."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, theme = self._names_width(), Theme.current()
        painter.setFont(font(small=True))
        painter.setPen(QColor(theme.muted))
        wide = QRectF(left, 0, self.width() - left, _HEAD)
        painter.drawText(wide, Qt.AlignmentFlag.AlignCenter, self.tr("predicted"))
        painter.drawText(QRectF(0, _HEAD, left - 8, _HEAD), Qt.AlignmentFlag.AlignVCenter, self.tr("truth"))
        for place, name in enumerate(self.classes[: len(self.counts)]):
            column = QRectF(left + place * _CELL[0], _HEAD, _CELL[0], _HEAD)
            row = QRectF(0, 2 * _HEAD + place * _CELL[1], left - 8, _CELL[1])
            self._name(painter, column, name, Qt.AlignmentFlag.AlignCenter)
            self._name(painter, row, name, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        for row_place in range(len(self.counts)):
            for column_place in range(len(self.counts)):
                self._cell(painter, row_place, column_place)

    def _cell(self, painter: QPainter, row: int, column: int) -> None:
        theme, share = Theme.current(), self.share(row, column)
        box = self.box(row, column)
        color = QColor(theme.good if row == column else theme.error)
        color.setAlphaF(0.08 + 0.72 * share)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.field))
        painter.drawRoundedRect(box, 4, 4)
        painter.setBrush(color if self.counts[row][column] else QColor(theme.field))
        painter.drawRoundedRect(box, 4, 4)
        if (row, column) in (self._hover, self.current if self.hasFocus() and self.clickable else None):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(theme.text))
        painter.setFont(font(bold=True))
        upper, lower = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignHCenter
        painter.drawText(box.adjusted(0, 7, 0, 0), upper, f"{self.counts[row][column]:,}".replace(",", " "))
        painter.setFont(font(small=True))
        painter.drawText(box.adjusted(0, 0, 0, -6), lower | Qt.AlignmentFlag.AlignBottom, f"{100 * share:.0f} %")

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        places = range(len(self.counts))
        cells = ((row, column) for row in places for column in places)
        return next((cell for cell in cells if self.box(*cell).contains(point)), None)

    def _told(self, row: int, column: int) -> str:
        count = self.counts[row][column]
        return self.tr("true: %s, predicted: %s, %s cases; click or press Enter to see them") % (
            self.classes[row], self.classes[column], count)  # fmt: skip

    def _name(self, painter: QPainter, box: QRectF, name: str, where: Qt.AlignmentFlag) -> None:
        short = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, int(box.width()))
        painter.drawText(box, where, short)

    def _names_width(self) -> int:
        metrics = QFontMetrics(font(small=True))
        return min(_WIDEST_NAME, max([48, *(metrics.horizontalAdvance(name) for name in self.classes)])) + 16

    def _rows_in_words(self) -> list[str]:
        return [
            f"{truth}: " + ", ".join(f"{count} {name}" for name, count in zip(self.classes, row, strict=True))
            for truth, row in zip(self.classes, self.counts, strict=True)
        ]
