"""What is asked of a cross-validation: so many folds, or a column of which one value after the other is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from designer.parts import label, spin_box
from designer.process import CommandProcess
from runtime.evaluation.fold_queue import Asked
from runtime.evaluation.folds import FEWEST_FOLDS, MOST_GROUPS

_BY_COLUMN = "column"


class Question(QWidget):
    """Two ways to divide the cases; columns are offered that a process finds in the saved project's data."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.how = QComboBox()
        self.how.addItem(self.tr("k folds"), "k")
        self.how.addItem(self.tr("leave one value out"), _BY_COLUMN)
        self.how.setAccessibleName(self.tr("How the cases are divided"))
        self.how.setToolTip(self.tr(
            "k folds: each patient is tested once, in one of k runs. Leave one value out: each run is tested on a "
            "site, a scanner or another group that it has not seen, which shows how the network does elsewhere."
        ))  # fmt: skip
        self.k_words, self.column_words = (
            label(text, "muted", wrap=False) for text in (self.tr("Folds"), self.tr("Column"))
        )
        self.k = spin_box(FEWEST_FOLDS, MOST_GROUPS, self.tr("Folds"))
        self.k.setValue(5)
        self.k.setFixedWidth(64)
        self.k.setToolTip(self.tr("So many runs; in each, one fold is tested and another chooses the best epoch"))
        self.column = QComboBox()
        self.column.setEditable(True)
        self.column.setMinimumWidth(220)
        self.column.setAccessibleName(self.tr("Column whose values are left out"))
        self.column.setToolTip(self.tr("A column of a table in the folder of the data, or a DICOM element"))
        self._line().setPlaceholderText(self.tr("site, or StationName"))
        self._process: CommandProcess | None = None
        self._known: tuple[Path, int] | None = None
        self._lay_out()
        self.how.currentIndexChanged.connect(self._on_how)
        self.k.valueChanged.connect(lambda _value: self.changed.emit())
        self.column.editTextChanged.connect(lambda _text: self.changed.emit())
        self._on_how()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self.how, self.k_words, self.k, self.column_words, self.column):
            row.addWidget(widget)

    @property
    def asked(self) -> Asked:
        """What is asked now."""
        return Asked(column=self._column()) if self._by_column() else Asked(k=self.k.value())

    @property
    def fault(self) -> str:
        """What lacks, "" when nothing does."""
        return self.tr("Name the column whose values are left out.") if self._by_column() and not self._column() else ""

    def show_asked(self, asked: Asked) -> None:
        """Show what was asked of a queue that is there."""
        self.how.setCurrentIndex(1 if asked.column else 0)
        if asked.column:
            self._line().setText(asked.column)
        else:
            self.k.setValue(asked.k)

    def look_for_columns(self, project: Path | None) -> None:
        """Have the columns found that can be left out, unless they are known for this project as it was saved."""
        if not self._by_column() or project is None or not project.is_file():
            return
        known = (project, project.stat().st_mtime_ns)
        if known == self._known:
            return
        self.close_down()
        self._known = known
        typed = self._column()
        self.column.clear()
        self._line().setText(typed)
        self._process = CommandProcess(["fold-columns", str(project)], self)
        self._process.record.connect(self._offer)
        self._process.start()

    def close_down(self) -> None:
        """Look for columns no longer."""
        if self._process is not None:
            self._process.abandon()
            self._process.deleteLater()
            self._process = None

    def _offer(self, found: dict[str, Any]) -> None:
        typed = self._column()
        self.column.addItem(self.tr("{0} ({1} values)").format(found["column"], found["values"]), found["column"])
        if typed:
            self._line().setText(typed)

    def _by_column(self) -> bool:
        return str(self.how.currentData()) == _BY_COLUMN

    def _column(self) -> str:
        """The column in the field: one that was offered stands there with the number of its values."""
        text = self.column.currentText().strip()
        place = self.column.findText(text)
        return str(self.column.itemData(place)) if place >= 0 and text else text

    def _line(self) -> Any:
        return self.column.lineEdit()

    def _on_how(self) -> None:
        by_column = self._by_column()
        self.k_words.setVisible(not by_column)
        self.k.setVisible(not by_column)
        self.column_words.setVisible(by_column)
        self.column.setVisible(by_column)
        self.changed.emit()
