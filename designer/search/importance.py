"""How much each setting mattered: bars, the most important on top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyqtgraph as pg
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.parts import label
from designer.theme import Theme, font


class ImportancePlot(QWidget):
    """The share of the differences between trials that each setting explains."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shares: Mapping[str, float] = {}
        self.plot: Any = pg.PlotWidget()
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.setAccessibleName(self.tr("What mattered"))
        self.note = label("", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 0)
        column.addWidget(label(self.tr("What mattered"), "title", wrap=False))
        column.addWidget(self.plot, 1)
        column.addWidget(self.note)
        self.dress()

    def dress(self) -> None:
        """Take the colours of the program's appearance."""
        theme = Theme.current()
        self.plot.setBackground(theme.canvas)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(QPen(QColor(theme.border)))
            axis.setTextPen(QColor(theme.muted))
            axis.setStyle(tickFont=font(small=True))
        self.show_shares(self.shares)

    def show_shares(self, shares: Mapping[str, float]) -> None:
        """Draw these shares of 1."""
        self.shares = dict(sorted(shares.items(), key=lambda entry: entry[1]))
        self.plot.clear()
        rows = list(range(len(self.shares)))
        bars = pg.BarGraphItem(
            x0=0, y=rows, height=0.5, width=list(self.shares.values()), brush=Theme.current().accent, pen=None
        )
        if rows:
            self.plot.addItem(bars)
        self.plot.getAxis("left").setTicks([list(enumerate(self.shares))])
        self.plot.setXRange(0, 1, padding=0.02)
        self.plot.setYRange(-0.6, max(1, len(rows)) - 0.4, padding=0)
        enough = self.tr("The share of the differences between trials that each setting explains.")
        self.note.setText(enough if rows else self.tr("Known when five trials have come to their end."))
