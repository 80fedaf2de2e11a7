"""Masks case by case: how well what was found lies on what is true, and how far its volume is off."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from designer.evaluation.case_files import CaseFiles
from designer.evaluation.measured import Measured, spelled_amount, worst_first
from designer.parts import button, label, row_of
from designer.tables import Row, RowsTable, Short


class OverlapPage(QWidget):
    """A table with a row for each case, of one class; a row that is opened shows the case with both contours."""

    opened = Signal(int)

    def __init__(self, files: CaseFiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files = files
        self._measured: Measured | None = None
        self.classes = QComboBox()
        self.classes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.classes.setAccessibleName(self.tr("Class"))
        self.classes.activated.connect(self.refresh)
        self.copy_button = button(self.tr("Copy table"), self.tr("Copy all rows as CSV (Ctrl+C)"))
        self.hint = label(self.tr("Worst first. Double-click a row, or press Enter, to see both contours."), "small")
        self.table = RowsTable([], self.tr("Overlap case by case"))
        self.table.activated.connect(self._open)
        self.copy_button.clicked.connect(self.table.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(
            row_of(label(self.tr("Class"), wrap=False), self.classes, self.hint, self.copy_button, stretch=2)
        )
        column.addWidget(self.table, 1)
        files.changed.connect(self.refresh)

    def show_measured(self, measured: Measured | None) -> None:
        """Another evaluation; only of masks there is something to see."""
        segmented = measured is not None and measured.record.task == "segmentation"
        self._measured = measured if segmented else None
        self.classes.clear()
        if self._measured is not None:
            self.classes.addItems(self._measured.record.classes[1:])
            self.refresh()

    def refresh(self, _choice: object = None) -> None:
        """Fill the table anew."""
        measured, place = self._measured, self.classes.currentIndex() + 1
        if measured is None or place < 1:
            return
        record, cases = measured.record, measured.cases
        far, much = record.distance_unit, record.volume_unit
        headers = [
            self.tr("Case"), "Dice", "IoU", self.tr("Hausdorff 95 %% (%s)") % far, self.tr("True (%s)") % much,
            self.tr("Found (%s)") % much, self.tr("Error (%s)") % much, self.tr("Error (%)"),
        ]  # fmt: skip
        order = worst_first(cases.error, range(len(cases)))  # type: ignore[arg-type]
        rows = [self._row(measured, int(case), place) for case in order]
        self.table.show_rows(rows, headers)

    def _row(self, measured: Measured, case: int, place: int) -> Row:
        told = {name: _known(float(found[case, place])) for name, found in measured.overlaps.items()}
        true, found = told.get("true_volume"), told.get("found_volume")
        error = found - true if true is not None and found is not None else None
        share = 100 * error / true if error is not None and true else None
        name = Short(self._files.name_of(case), str(case))
        shares = [_short(told.get(name), lambda value: f"{value:.3f}") for name in ("dice", "iou")]
        amounts = (told.get("hausdorff"), true, found, error, share)
        return (name, *shares, *(_short(one, spelled_amount) for one in amounts))

    def _open(self, index: QModelIndex) -> None:
        name = self.table.content.rows[index.row()][0]
        if isinstance(name, Short):
            self.opened.emit(int(name.full))


def _short(value: float | None, spelled: Callable[[float], str]) -> Short | None:
    return None if value is None else Short(spelled(value), value)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
