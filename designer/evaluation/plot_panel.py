"""A plot with a title, a line of values, and a menu to copy or save it as a picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QColor, QGuiApplication, QPainter, QPen
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from designer.parts import label
from designer.plots import dress_plot
from designer.theme import Theme

Rows = Iterable[Sequence[object]]


class PlotPanel(QWidget):
    """The base of all plots here: others call `entitle`, draw in `_draw`, and give their numbers in `rows`."""

    said = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._axes = "", ("", "")
        self.title = label("", "title")
        self.values = label("", "small")
        self.plot: Any = pg.PlotWidget()
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMinimumHeight(150)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self.title, self.plot, self.values):
            column.addWidget(widget, 1 if widget is self.plot else 0)
        self._make_actions()

    def entitle(self, title: str, x: str, y: str) -> None:
        """Name the plot and its axes, and draw it."""
        self._name, self._axes = title, (x, y)
        self.plot.setAccessibleName(title)
        if not self.title.text():
            self.title.setText(title)
        self.dress()

    def _make_actions(self) -> None:
        for text, does in (
            (self.tr("Copy numbers as CSV"), lambda: QGuiApplication.clipboard().setText(self.csv())),
            (self.tr("Copy picture"), lambda: QGuiApplication.clipboard().setPixmap(self.grab())),
            (self.tr("Save picture …"), self._ask),
        ):
            action = QAction(text, self)
            action.triggered.connect(does)
            self.addAction(action)
        self.actions()[0].setShortcut("Ctrl+C")
        self.actions()[0].setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def tell(self, title: str, values: str) -> None:
        """What stands above and below the plot."""
        self.title.setText(title)
        self.values.setText(values)
        self.values.setVisible(bool(values))
        self.plot.setAccessibleDescription(f"{title}. {values}")

    def dress(self) -> None:
        """Take the colours of the program's appearance, and draw anew."""
        theme = dress_plot(self.plot, 48)
        self.plot.setLabel("bottom", self._axes[0], color=theme.muted)
        self.plot.setLabel("left", self._axes[1], color=theme.muted)
        self.redraw()

    def redraw(self) -> None:
        """Draw everything anew."""
        self.plot.clear()
        self._draw(Theme.current())

    def rows(self) -> Rows:
        """The numbers that are drawn, headers first."""
        return ()

    def csv(self) -> str:
        """The numbers that are drawn."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(self.rows())
        return text.getvalue()

    def save(self, path: Path) -> None:
        """Title and plot as a drawing (SVG) or a picture (PNG)."""
        content = QBuffer()
        content.open(QBuffer.OpenModeFlag.WriteOnly)
        if path.suffix.lower() == ".svg":
            self._draw_svg(content)
        else:
            self.grab().save(content, "PNG")
        try:
            path.write_bytes(content.data().data())
        except OSError as error:
            self.said.emit(self.tr("%s could not be written: %s.") % (path.name, error.strerror), "error")
            return
        self.said.emit(self.tr("“%s” is in %s.") % (self._name, path), "good")

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._name:
            self.dress()

    def _draw(self, theme: Theme) -> None:
        """What is in the plot."""

    def _draw_svg(self, into: QBuffer) -> None:
        drawing = QSvgGenerator()
        drawing.setOutputDevice(into)
        drawing.setSize(self.size())
        drawing.setViewBox(self.rect())
        painter = QPainter(drawing)
        self.render(painter, QPoint())
        painter.end()

    def _line(self, xs: Any, ys: Any, colour: str, width: float = 2.0, dashed: bool = False) -> Any:
        style = Qt.PenStyle.DashLine if dashed else None
        return self.plot.plot(xs, ys, pen=pg.mkPen(QColor(colour), width=width, style=style), antialias=True)

    def _dots(self, xs: Any, ys: Any, colour: str, size: float = 7.0, alpha: int = 255) -> Any:
        brush = QColor(colour)
        brush.setAlpha(alpha)
        made = pg.ScatterPlotItem(x=xs, y=ys, size=size, brush=brush, pen=None, antialias=True)
        self.plot.addItem(made)
        return made

    def _level(self, value: float, colour: str, angle: int = 0, dashed: bool = True) -> None:
        pen = QPen(QColor(colour), 1.5)
        pen.setCosmetic(True)
        pen.setStyle(Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
        self.plot.addItem(pg.InfiniteLine(value, angle, pen), ignoreBounds=True)

    def _ask(self) -> None:
        kinds = self.tr("Drawings (*.svg);;Pictures (*.png)")
        begins = f"{self._name.lower().replace(' ', '-')}.svg"
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the plot"), begins, kinds)
        if name:
            self.save(Path(name))
