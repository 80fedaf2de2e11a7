"""A chart of lying bars: clicked or walked through with the keyboard, copied, saved."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from designer.data.chart_rows import Bar, Chart
from designer.tables import text_of
from designer.theme import Theme, font, metrics

_HEAD, _ROW, _PAD = 26, 24, 4
_NAME = 0.42  # of the width at most


class BarChart(QWidget):
    """One chart; a bar that is picked tells its cases."""

    picked = Signal(object)  # the places of the cases
    said = Signal(str, str)

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = chart
        self.current = -1
        self._hover = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(chart.title)
        told = ", ".join(f"{bar.name}: {bar.count}" for bar in chart.bars)
        self.setAccessibleDescription(self.tr("Counts of %s. %s") % (chart.unit, told))
        self.setFixedHeight(_HEAD + _ROW * len(chart.bars) + _PAD)
        for text, does in (
            (self.tr("Copy as CSV"), self.copy),
            (self.tr("Save as CSV …"), lambda: self._ask("csv")),
            (self.tr("Save picture …"), lambda: self._ask("png")),
        ):
            action = QAction(text, self)
            action.triggered.connect(does)
            self.addAction(action)
        self.actions()[0].setShortcut(QKeySequence.StandardKey.Copy)
        self.actions()[0].setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def csv(self) -> str:
        """The bars as CSV."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([self.chart.title, self.chart.unit])
        writer.writerows((bar.name, bar.count) for bar in self.chart.bars)
        return text.getvalue()

    def copy(self) -> None:
        """The bars to the clipboard."""
        QGuiApplication.clipboard().setText(self.csv())

    def save(self, path: Path) -> None:
        """The bars as a table, or as they are drawn (twice as fine)."""
        try:
            if path.suffix == ".csv":
                path.write_text(self.csv(), encoding="utf-8-sig", newline="")
            else:
                picture = self.grab()
                if not picture.save(str(path)):
                    raise OSError(0, self.tr("the file could not be written"))
        except OSError as error:
            self.said.emit(self.tr("%s could not be written: %s.") % (path.name, error.strerror), "error")
            return
        self.said.emit(self.tr("“%s” is in %s.") % (self.chart.title, path), "good")

    def box(self, row: int) -> QRectF:
        """Where a bar's line is."""
        return QRectF(0, _HEAD + _ROW * row, self.width(), _ROW)

    def sizeHint(self) -> QSize:
        """As high as its bars."""
        return QSize(320, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Names left, bars, counts right."""
        painter, theme = QPainter(self), Theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(bold=True))
        painter.setPen(QColor(theme.text))
        painter.drawText(QRectF(0, 0, self.width(), _HEAD), Qt.AlignmentFlag.AlignVCenter, self.chart.title)
        painter.setFont(font(small=True))
        painter.setPen(QColor(theme.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, 0, self.width() - 8, _HEAD), right, self.chart.unit)
        total = sum(bar.count for bar in self.chart.bars) or 1
        most = max((bar.count for bar in self.chart.bars), default=1) or 1
        names = max((metrics(small=True).horizontalAdvance(bar.name) for bar in self.chart.bars), default=0) + 14
        for row, bar in enumerate(self.chart.bars):
            self._paint_bar(painter, row, bar, (min(names, self.width() * _NAME), most, total))

    def _paint_bar(self, painter: QPainter, row: int, bar: Bar, scale: tuple[float, int, int]) -> None:
        theme, box = Theme.current(), self.box(row)
        names, most, total = scale
        if row in (self._hover, self.current if self.hasFocus() else -1):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.field))
            painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), 4, 4)
        painter.setPen(QColor(theme.text))
        name = metrics(small=True).elidedText(bar.name, Qt.TextElideMode.ElideMiddle, names - 10)
        painter.drawText(box.adjusted(6, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)
        count = f"{text_of(bar.count)}  {100 * bar.count / total:.0f} %"
        tail = metrics(small=True).horizontalAdvance("0" * (len(text_of(most)) + 8))
        room = max(8.0, box.width() - names - tail - 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        long = max(2.0, room * bar.count / most) if bar.count else 0.0
        painter.drawRoundedRect(QRectF(names, box.center().y() - 5, long, 10), 3, 3)
        painter.setPen(QColor(theme.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box.adjusted(0, 0, -8, 0), right, count)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The bar under the mouse."""
        self._hover = self._row_at(event.position().y())
        bar = self.chart.bars[self._hover] if self._hover >= 0 else None
        clickable = bar is not None and bool(bar.places)
        self.setCursor(Qt.CursorShape.PointingHandCursor if clickable else Qt.CursorShape.ArrowCursor)
        hint = self.tr("Click to choose these cases") if clickable else ""
        self.setToolTip(f"{bar.name}: {text_of(bar.count)} {self.chart.unit}\n{hint}".strip() if bar else "")
        self.update()

    def leaveEvent(self, event: object) -> None:
        """The mouse is elsewhere."""
        self._hover = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pick a bar."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pick(self._row_at(event.position().y()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down walk through the bars, Enter picks."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self.current = min(max(self.current + step, 0), len(self.chart.bars) - 1)
            bar = self.chart.bars[self.current]
            self.setAccessibleDescription(f"{bar.name}: {bar.count} {self.chart.unit}")
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._pick(self.current)
        else:
            super().keyPressEvent(event)

    def _row_at(self, y: float) -> int:
        row = int((y - _HEAD) // _ROW)
        return row if 0 <= row < len(self.chart.bars) else -1

    def _pick(self, row: int) -> None:
        if row >= 0:
            self.current = row
            self.update()
            if self.chart.bars[row].places:
                self.picked.emit(self.chart.bars[row].places)

    def _ask(self, kind: str) -> None:
        kinds = {"csv": self.tr("Tables (*.csv)"), "png": self.tr("Pictures (*.png)")}
        begins = f"{self.chart.title.split(' (')[0].lower().replace(' ', '-')}.{kind}"
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the chart"), begins, kinds[kind])
        if name:
            self.save(Path(name))
