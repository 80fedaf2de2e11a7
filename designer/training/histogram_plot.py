"""How the numbers of one layer are spread, as bars."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.parts import label, row_of
from designer.plots import dress_plot
from designer.theme import Theme
from designer.training.layers_file import Histogram


class HistogramPlot(QWidget):
    """Bars over values; the counts have their own scale, from 0."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: Histogram | None = None
        self._name = title
        self._title = label(title, "title", wrap=False)
        self.values = label("", "small", wrap=False)
        self.plot: Any = pg.PlotWidget()
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row_of(self._title, self.values))
        column.addWidget(self.plot, 1)
        self.dress()

    def show_histogram(self, of: str, histogram: Histogram | None) -> None:
        """Draw the histogram of a layer, or say that there is none."""
        self.shown = histogram
        self._title.setText(f"{self._name}: {of}" if of else self._name)
        if histogram is None:
            self.values.setText(self.tr("not looked at yet") if of else "")
        else:
            self.values.setText(self.tr("from %.3g to %.3g") % (histogram.low, histogram.high))
        self._draw()

    def dress(self) -> None:
        """Take the colours of the program's appearance."""
        dress_plot(self.plot)
        self._draw()

    def _draw(self) -> None:
        self.plot.clear()
        if self.shown is None or not self.shown.counts:
            return
        count = len(self.shown.counts)
        step = (self.shown.high - self.shown.low) / count or 1e-12
        middles = [self.shown.low + (place + 0.5) * step for place in range(count)]
        color = QColor(Theme.current().accent)
        bars = pg.BarGraphItem(x=middles, height=list(self.shown.counts), width=step, brush=color, pen=None)
        self.plot.addItem(bars)
