"""Results of subgroups: sex, age band, scanner, site or any column, each with its number of cases and its intervals."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QComboBox, QStackedWidget, QVBoxLayout, QWidget

from designer.evaluation.measured import Measured
from designer.evaluation.wording import spelled_interval, spelled_value, title_of
from designer.parts import Empty, button, label, row_of
from designer.tables import Row, RowsTable, Short
from runtime.evaluation.record import Subgroup

_FIRST = ("auc", "balanced_accuracy", "sensitivity", "mean_dice", "mean_absolute_error", "accuracy")


class GroupsPage(QStackedWidget):
    """A row for each group, of one metric; a row that is opened shows the cases of the group."""

    group_asked = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured: Measured | None = None
        self._shown: list[Subgroup] = []
        self.metrics = QComboBox()
        self.metrics.setAccessibleName(self.tr("Metric"))
        self.metrics.activated.connect(self._show)
        self.copy_button = button(self.tr("Copy table"), self.tr("Copy all rows as CSV (Ctrl+C)"))
        hint = label(self.tr(
            "Double-click a group, or press Enter, to see its cases. Groups of few patients have wide intervals: a "
            "difference between two that overlap may be chance."), "small")  # fmt: skip
        headers = [self.tr("Column"), self.tr("Group"), self.tr("Cases"), self.tr("Patients"), self.tr("Value"),
                   self.tr("95 % interval")]  # fmt: skip
        self.table = RowsTable(headers, self.tr("Results of groups"))
        self.table.activated.connect(self._open)
        self.copy_button.clicked.connect(self.table.copy)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(row_of(label(self.tr("Metric"), wrap=False), self.metrics, self.copy_button))
        column.addWidget(hint)
        column.addWidget(self.table, 1)
        self.empty = Empty(self.tr("No groups are known"), self.tr(
            "Groups come from columns of the label table (such as sex, age, scanner or site) and from DICOM headers. "
            "Name them in a table beside the images, then evaluate again."))  # fmt: skip
        self.addWidget(self.empty)
        self.addWidget(page)

    def show_measured(self, measured: Measured | None) -> None:
        """Another evaluation."""
        self._measured = measured
        groups = measured.record.subgroups if measured is not None else ()
        self.setCurrentIndex(1 if groups else 0)
        before, names = str(self.metrics.currentData() or ""), _metrics(groups)
        self.metrics.clear()
        for name in names:
            self.metrics.addItem(title_of(name), name)
        wanted = before if before in names else next((name for name in _FIRST if name in names), "")
        self.metrics.setCurrentIndex(max(0, self.metrics.findData(wanted)))
        self._show()

    def _show(self, _choice: object = None) -> None:
        measured, name = self._measured, str(self.metrics.currentData() or "")
        if measured is None:
            return
        self._shown = list(measured.record.subgroups)
        self.table.show_rows([_row(group, name, self.tr("not known")) for group in self._shown])

    def _open(self, index: QModelIndex) -> None:
        held = self.table.content.rows[index.row()][0]
        if isinstance(held, Short):
            group = next(one for one in self._shown if held.full == _key(one))
            self.group_asked.emit(group.column, group.value)


def _metrics(groups: Sequence[Subgroup]) -> list[str]:
    return list(dict.fromkeys(name for group in groups for name in group.metrics))


def _key(group: Subgroup) -> str:
    return f"{group.column}: {group.value}"


def _row(group: Subgroup, name: str, unknown: str) -> Row:
    value, interval = group.metrics.get(name), group.intervals.get(name)
    spelled = Short(spelled_value(name, value), value) if value is not None else None
    between: str = "–"
    if interval is not None and interval.low is not None and interval.high is not None:
        between = spelled_interval(name, interval.low, interval.high)
    elif interval is not None and interval.note:
        between = interval.note
    return Short(group.column, _key(group)), group.value or unknown, group.cases, group.patients, spelled, between
