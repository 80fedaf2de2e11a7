"""The results of a measurement: metrics and confusion matrix, side by side where there is room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from designer.evaluation.confusion import Confusion
from designer.evaluation.wording import metric_row, note_in_words, of_patients, point_rows, remarks
from designer.parts import Notes, label, whole
from designer.tables import RowsTable

_WIDE = 960  # from here on there is room for both
_TABLE = 640  # the metrics need no more
_MOST_ROWS = 80  # the page scrolls as a whole: a table with a bar of its own inside would be two
_MATRIX = 420  # a matrix wider than this stands below


class Results(QWidget):
    """Shows what `netloom evaluate` found."""

    cell_asked = Signal(int, int)  # the true and the predicted class whose cases are to be seen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label("", "title")
        self.notes = Notes("warning")
        headers = [self.tr("Metric"), self.tr("Value"), self.tr("95 % interval")]
        self.metrics = RowsTable(headers, self.tr("Metrics"))
        self.remarks = Notes("small")
        matrix = self.tr("Confusion matrix: counts, and the share of each true class")
        self.confusion_title = label(matrix, "title", wrap=False)
        self.confusion = Confusion()
        self.confusion.cell_asked.connect(self.cell_asked)
        self._lay_out()

    def _lay_out(self) -> None:
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._sides.setSpacing(32)
        figures, matrix = QWidget(), QWidget()
        figures.setMaximumWidth(_TABLE)
        sides = ((figures, (self.metrics, self.remarks)), (matrix, (self.confusion_title, self.confusion)))
        for side, widgets in sides:
            column = QVBoxLayout(side)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(12)
            for widget in widgets:
                column.addWidget(widget)
            column.addStretch(1)
            self._sides.addWidget(side, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.setSpacing(12)
        whole.addWidget(self.title)
        whole.addWidget(self.notes)
        whole.addLayout(self._sides)
        whole.addStretch(1)

    def show_result(self, result: Mapping[str, Any], part: str) -> None:
        """Bring everything up to date; `part` is the part of the data in words."""
        epoch = self.tr(" · answered by the best epoch, %s") % result["epoch"] if result.get("epoch") else ""
        opened = self.tr(" · opened %s×") % result["opened"] if result.get("opened") else ""
        self.title.setText(f"{whole(int(result['cases']))} {part}{of_patients(result)}{epoch}{opened}")
        self.notes.show_texts([note_in_words(str(text)) for text in result.get("warnings", ())])
        rows = [metric_row(name, value, result) for name, value in result["metrics"].items()]
        self.metrics.show_rows([*rows, *(row for point in result["operating_points"] for row in point_rows(point))])
        self.metrics.setColumnWidth(0, self.metrics.sizeHintForColumn(0) + 24)  # names are never cut
        self.metrics.fit_height(_MOST_ROWS)
        self.remarks.show_texts(remarks(result))
        clickable = result.get("task") == "classification"
        counts = result.get("confusion", ())
        self.confusion.show_counts(result.get("classes", ()) if counts else (), counts, clickable)
        self.confusion_title.setVisible(bool(self.confusion.counts))
        self._arrange()

    def csv(self) -> str:
        """Metrics, an empty line, and the confusion matrix."""
        confusion = f"\n{self.confusion.csv()}" if self.confusion.counts else ""
        return self.metrics.content.csv() + confusion

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side, or one below the other."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        wide = self.width() >= _WIDE + max(0, self.confusion.sizeHint().width() - _MATRIX)
        directions = QBoxLayout.Direction
        self._sides.setDirection(directions.LeftToRight if wide else directions.TopToBottom)
