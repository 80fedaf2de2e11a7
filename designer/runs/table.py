"""The table of runs: sorted by a click, ticked, tagged, copied."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from PySide6.QtCore import QItemSelection, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QHeaderView, QTableView

from designer.runs.model import FOLDER, RunsModel, SortedRuns
from designer.runs.words import COLUMNS, CSV_HEAD, csv_rows

_ROW = 28
_WIDTHS = {
    "run": 190, "state": 76, "best": 124, "loss": 86, "epochs": 70, "parameters": 94, "multiply_adds": 108, "time": 100,
    "device": 66, "size": 76, "tags": 100,
}  # fmt: skip


class RunsTable(QTableView):
    """Rows may be selected together; the one with the keyboard is shown in the curves."""

    chosen = Signal(object)  # the folder of the run that was clicked or reached by the keyboard
    selection_changed = Signal()

    def __init__(self, runs: RunsModel) -> None:
        super().__init__()
        self.runs = runs
        self.sorted = SortedRuns(runs)
        self.setModel(self.sorted)
        self.setAccessibleName(self.tr("Table of runs"))
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setStyleSheet("QTableView::item { padding: 0 6px; } QAbstractScrollArea::corner { border: none; }")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsMovable(True)
        head.setStretchLastSection(True)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setSortIndicator(0, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        for place, column in enumerate(COLUMNS[:-1]):
            self.setColumnWidth(place, _WIDTHS[column])
        self._add_copy()
        self.selectionModel().selectionChanged.connect(self._on_selection)

    def selected(self) -> list[Path]:
        """The folders of the selected rows, from top to bottom."""
        rows = sorted(self.selectionModel().selectedRows(), key=lambda index: index.row())
        return [Path(str(index.data(FOLDER))) for index in rows]

    def select(self, folder: Path) -> None:
        """Select the row of a run."""
        index = self.sorted.mapFromSource(self.runs.index_of(folder))
        if index.isValid() and self.selected() != [folder]:
            self.blockSignals(True)
            self.setCurrentIndex(index)
            self.blockSignals(False)
            self.selection_changed.emit()

    def copy(self) -> None:
        """The whole table to the clipboard as CSV, in the order shown, with numbers in full."""
        folders = [Path(str(self.sorted.index(row, 0).data(FOLDER))) for row in range(self.sorted.rowCount())]
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(CSV_HEAD)
        writer.writerows(csv_rows(self.runs.facts[folder] for folder in folders if folder in self.runs.facts))
        QGuiApplication.clipboard().setText(text.getvalue())

    def _add_copy(self) -> None:
        copy = QAction(self.tr("Copy table as CSV"), self)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _on_selection(self, _now: QItemSelection, _before: QItemSelection) -> None:
        self.selection_changed.emit()
        if len(chosen := self.selected()) == 1:
            self.chosen.emit(chosen[0])
