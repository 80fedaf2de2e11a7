"""The charts under each other; a bar that is picked chooses its cases."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.data.bar_chart import BarChart
from designer.data.cases import CaseBook
from designer.data.chart_rows import charts_of
from designer.data.nothing import Nothing
from designer.parts import label


class ChartsPanel(QWidget):
    """Counts anew when it is seen after the cases changed."""

    cases_asked = Signal()  # they are chosen in the book
    said = Signal(str, str)

    def __init__(self, book: CaseBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self._stale = True
        self.charts: list[BarChart] = []
        self.empty = Nothing(
            self.tr("No cases yet"), self.tr("Drop a folder of images: what it holds is counted here.")
        )
        self.hint = label(self.tr("Click a bar to choose its cases. Right click copies or saves a chart."), "small")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(12)
        self._column.addWidget(self.empty)
        self._column.addWidget(self.hint)
        self._column.addStretch(1)
        book.changed.connect(self._on_changed)

    def refresh(self) -> None:
        """Count anew."""
        self._stale = False
        for chart in self.charts:
            self._column.removeWidget(chart)
            chart.hide()
            chart.deleteLater()
        self.charts = [BarChart(chart) for chart in charts_of(self._book)]
        for place, chart in enumerate(self.charts):
            chart.picked.connect(self._on_picked)
            chart.said.connect(self.said)
            self._column.insertWidget(place + 2, chart)
        self.empty.setVisible(not self.charts)
        self.hint.setVisible(bool(self.charts))

    def showEvent(self, event: QShowEvent) -> None:
        """It is seen: count if something changed."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def _on_changed(self) -> None:
        self._stale = True
        if self.isVisible():
            self.refresh()

    def _on_picked(self, places: tuple[int, ...]) -> None:
        self._book.choose(places)
        self.cases_asked.emit()
