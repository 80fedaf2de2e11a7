"""Results of subgroups: sex, age band, scanner, site or any column, each with its number of cases and its intervals."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from designer.evaluation.measured import Measured
from designer.evaluation.wording import spelled_interval, spelled_value, title_of
from designer.parts import Empty, button, label, row_of
from designer.tables import Row, RowsTable, Short
from runtime.evaluation.folds import POOLED
from runtime.evaluation.record import Evaluation, Subgroup

_FIRST = ("auc", "balanced_accuracy", "sensitivity", "mean_dice", "psnr", "mean_absolute_error", "accuracy")


class GroupsPage(QWidget):
    """A row for each group, of one metric, and for all cases; a row that is opened shows the cases of the group."""

    group_asked = Signal(str, str)
    by_asked = Signal(list)  # columns whose groups are to be measured

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: dict[str, Subgroup] = {}
        self.columns = QLineEdit()
        self.by_button = button(self.tr("Measure these groups"))
        self.metrics = QComboBox()
        self.copy_button = button(self.tr("Copy table"), self.tr("Copy all rows as CSV (Ctrl+C)"))
        headers = [self.tr("Column"), self.tr("Group"), self.tr("Cases"), self.tr("Patients"), self.tr("Value"),
                   self.tr("95 % interval")]  # fmt: skip
        self.table = RowsTable(headers, self.tr("Results of groups"))
        self.empty = Empty(*self._none())
        self._lay_out()
        self.columns.returnPressed.connect(self._ask)
        self.by_button.clicked.connect(self._ask)
        self.metrics.activated.connect(self._fill)
        self.table.activated.connect(self._open)
        self.copy_button.clicked.connect(self.table.copy)

    def _lay_out(self) -> None:
        self.columns.setPlaceholderText(self.tr("sex, age, site, or StationName"))
        self.columns.setAccessibleName(self.tr("Columns of groups"))
        self.columns.setToolTip(self.tr(
            "Columns of a table or DICOM elements, separated by commas. Ages become bands; names of hospitals and "
            "machines become pseudonyms in the run folder."))  # fmt: skip
        self.columns.setMinimumWidth(300)
        self.by_button.setToolTip(
            self.tr("Measure again, with the results of each group; the test part asks first, for it is opened again")
        )
        self.metrics.setAccessibleName(self.tr("Metric"))
        hint = label(self.tr(
            "Double-click a group, or press Enter, to see its cases. Groups of few patients have wide intervals: a "
            "difference between two that overlap may be chance."), "small")  # fmt: skip
        known = QWidget()
        inner = QVBoxLayout(known)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addLayout(row_of(label(self.tr("Metric"), wrap=False), self.metrics, hint, self.copy_button, stretch=2))
        inner.addWidget(self.table, 1)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(known)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        self.asking = QWidget()
        row = row_of(label(self.tr("Groups by"), wrap=False), self.columns, self.by_button)
        row.setContentsMargins(0, 0, 0, 0)
        self.asking.setLayout(row)
        column.addWidget(self.asking)
        column.addWidget(self.pages, 1)

    def show_measured(self, measured: Measured | None) -> None:
        """Another evaluation."""
        groups = measured.record.subgroups if measured is not None else ()
        pooled = measured is not None and measured.stem == POOLED
        self.asking.setVisible(not pooled)
        self.empty.say(*self._none(pooled))
        self._shown = {f"{group.column}: {group.value}": group for group in groups}
        if measured is not None and groups:
            self._shown = {self.tr("All cases"): _everybody(measured.record), **self._shown}
        self.columns.setText(", ".join(dict.fromkeys(group.column for group in groups)))
        self.pages.setCurrentIndex(1 if groups else 0)
        before, names = str(self.metrics.currentData() or ""), _metrics(groups)
        self.metrics.clear()
        for name in names:
            self.metrics.addItem(title_of(name), name)
        wanted = before if before in names else next((name for name in _FIRST if name in names), "")
        self.metrics.setCurrentIndex(max(0, self.metrics.findData(wanted)))
        self._fill()

    def _none(self, pooled: bool = False) -> tuple[str, str]:
        """What stands where there are no groups."""
        if pooled:
            return self.tr("No groups of all folds"), self.tr(
                "All folds together are told by the column whose values were left out one after the other: begin such "
                "a cross-validation under Train. Groups by other columns are measured of a single run.")  # fmt: skip
        return self.tr("No groups were measured yet"), self.tr(
            "Write above which groups you want to see: columns of the table beside the data (such as sex, age or "
            "site), or DICOM elements (such as PatientSex, PatientAge or StationName).")  # fmt: skip

    def _fill(self, _choice: object = None) -> None:
        name, unknown = str(self.metrics.currentData() or ""), self.tr("not known")
        self.table.show_rows([
            _row(Short(group.column or key, key), group.value or (unknown if group.column else "–"), group, name)
            for key, group in self._shown.items()
        ])  # fmt: skip

    def _ask(self) -> None:
        columns = [name.strip() for name in self.columns.text().split(",") if name.strip()]
        if columns:
            self.by_asked.emit(columns)
        else:
            self.columns.setFocus()

    def _open(self, index: QModelIndex) -> None:
        held = self.table.content.rows[index.row()][0]
        if isinstance(held, Short):
            group = self._shown[str(held.full)]
            self.group_asked.emit(group.column, group.value)


def _metrics(groups: Sequence[Subgroup]) -> list[str]:
    return list(dict.fromkeys(name for group in groups for name in group.metrics))


def _everybody(record: Evaluation) -> Subgroup:
    """All cases as a group, to compare the others with."""
    return Subgroup("", "", record.cases, record.patients, record.metrics, record.intervals)


def _row(column: Short, called: str, group: Subgroup, name: str) -> Row:
    value, interval = group.metrics.get(name), group.intervals.get(name)
    spelled = Short(spelled_value(name, value), value) if value is not None else None
    between = "–"
    if interval is not None and interval.low is not None and interval.high is not None:
        between = spelled_interval(name, interval.low, interval.high)
    elif interval is not None and interval.note:
        between = interval.note
    return column, called, group.cases, group.patients, spelled, between
