"""The results of all folds together: metrics with intervals, and how much the folds differ."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.evaluation.wording import of_patients, remarks
from designer.folds.words import pooled_rows
from designer.parts import Notes, button, counted, label, row_of
from designer.tables import RowsTable
from runtime.evaluation.record import Evaluation

_WIDTH = 860  # five columns need no more


class PooledPanel(QWidget):
    """Shows one pooled record."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label("", "title")
        self.open = button(
            self.tr("Show in Evaluate"), self.tr("Confusion matrix, calibration and cases of all folds together")
        )
        headers = [self.tr("Metric"), self.tr("All folds"), self.tr("95 % interval"), self.tr("Lowest fold"),
                   self.tr("Highest fold")]  # fmt: skip
        self.table = RowsTable(headers, self.tr("Results of all folds together"))
        self.table.setMaximumWidth(_WIDTH)
        self.notes, self.remarks = Notes("warning"), Notes("small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(row_of(self.title, self.open, stretch=0))
        column.addWidget(self.notes)
        column.addWidget(self.table, 1)
        column.addWidget(self.remarks)

    def show_record(self, record: Evaluation) -> None:
        """Bring everything up to date."""
        kept = record.as_dict()
        cases = counted(record.cases, self.tr("case"))
        self.title.setText(
            self.tr("{0}{1}, each judged by a network that has not seen it").format(cases, of_patients(kept))
        )
        self.notes.show_texts(record.warnings)
        self.table.show_rows(pooled_rows(record))
        self.table.fit_columns()
        self.remarks.show_texts(remarks(kept))
