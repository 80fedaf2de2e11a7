"""What of given weights fits the project: words, a table of layers, and the preparation that they expect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from designer.inspector.rows import label
from designer.project import Project
from designer.tables import RowsTable
from runtime.fixes import apply_fix
from runtime.remedies.remedy import Fix
from runtime.weights.namings.naming import Expected
from runtime.weights.preparing import preparing_fix

_SIZE = (880, 600)


class ReportWindow(QDialog):
    """Stays open beside the work; closing it gives up a look that still goes on."""

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._project = project
        name = Path(project.document.training.weights_from).name
        self.setWindowTitle(self.tr("What of {0} fits").format(name))
        self._fix: Fix | None = None
        self.words = QVBoxLayout()
        self.words.setSpacing(6)
        self._say(self.tr("Reading {0} …").format(name))
        headers = [self.tr("Layer"), self.tr("Begins with"), self.tr("In the file"), self.tr("Why")]
        self.table = RowsTable(headers, self.tr("Layers and their weights"), wrapped=True)
        self.table.hide()
        self.mend = QPushButton()
        self.mend.hide()
        self.mend.clicked.connect(self._on_mend)
        close = QPushButton(self.tr("Close"))
        close.clicked.connect(self.close)
        self._lay_out(close)
        project.weights_look.found.connect(self.show_report)
        project.weights_look.failed.connect(self.show_failure)
        self.resize(*_SIZE)

    def _lay_out(self, close: QPushButton) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.mend)
        buttons.addStretch(1)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(self.words)
        column.addWidget(self.table, 1)
        column.addStretch(0)
        column.addLayout(buttons)

    def begin(self) -> None:
        """Look at the weights that the training settings name now."""
        self._project.weights_look.start()

    def show_report(self, record: dict[str, Any]) -> None:
        """Show a report as `netloom weights --json` gives it."""
        self._say(*record["sentences"])
        self.table.show_rows([self._row(row) for row in sorted(record["rows"], key=lambda row: bool(row["loaded"]))])
        self.table.fit_columns()
        self.table.show()
        self._offer(record)

    def show_failure(self, message: str) -> None:
        """Say why there is no report."""
        self._say(message)

    @property
    def told(self) -> tuple[str, ...]:
        """The sentences that are shown."""
        items = (self.words.itemAt(place) for place in range(self.words.count()))
        labels = (item.widget() for item in items if item is not None)
        return tuple(shown.text() for shown in labels if isinstance(shown, QLabel))

    def _say(self, *sentences: str) -> None:
        while (item := self.words.takeAt(0)) is not None:
            if (shown := item.widget()) is not None:
                shown.deleteLater()
        for sentence in sentences:
            shown = label(sentence, wraps=True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.words.addWidget(shown)

    def _row(self, row: dict[str, Any]) -> tuple[str, ...]:
        begins = self.tr("these weights") if row["loaded"] else self.tr("chance: it is new")
        return row["title"], begins, row["entry"], row["why"]

    def _offer(self, record: dict[str, Any]) -> None:
        """A button that prepares images as the weights expect, where that is otherwise now."""
        told = record["expected"]
        if told is None:
            return
        expected = Expected(told["title"], _colours(told["mean"]), _colours(told["spread"]))
        self._fix = preparing_fix(self._project.analysis, expected)
        if self._fix is not None:
            self.mend.setText(self._fix.label)
        self.mend.setVisible(self._fix is not None)

    def _on_mend(self) -> None:
        if self._fix is not None:
            apply_fix(self._fix, self._project.document)
            self.mend.setEnabled(False)
            self.mend.setText(self.tr("Normalise is set"))

    def done(self, result: int) -> None:
        """Closing gives up what is still being read."""
        self._project.weights_look.close_down()
        super().done(result)


def _colours(numbers: list[float]) -> tuple[float, float, float]:
    red, green, blue = numbers
    return red, green, blue
