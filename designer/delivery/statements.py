"""What only the author of a study can write: a window with the questions of the report and a place for each answer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QPlainTextEdit, QSplitter, QVBoxLayout, QWidget

from designer.parts import button, label, row_of
from runtime.errors import RunError
from runtime.report.statements import STATEMENTS, earlier_statements, keep_statements, kept_statements

_SIZE = QSize(760, 480)
_WAIT_MS = 400  # after the last letter, before it is kept


class StatementsWindow(QDialog):
    """Keeps what is written in the run folder, shortly after each letter and when it is closed."""

    kept = Signal()

    def __init__(self, run: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("What only you can write"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._run = run
        self._earlier = earlier_statements(run)
        self._texts: dict[str, str] = {}
        self._usable = True  # else what is kept cannot be read, and is not written over
        self._due = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._due.timeout.connect(self._keep)
        self.count, self.fault = label("", "muted"), label("", "wrong")
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Statements of the report"))
        self.title, self.asks = label("", "title"), label("", "muted")
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setPlaceholderText(self.tr("not reported"))
        self.take = button(
            self.tr("Take over from the last run"),
            self.tr("Fill what is empty with what was written for the run of this project that was written about last"),
        )
        self.close_button = button(self.tr("Done"), self.tr("Close; everything is kept with the run"), primary=True)
        self._tell("")
        self._read()
        self._lay_out()
        self._connect()
        self.list.setCurrentRow(self._first_empty())
        self.resize(_SIZE)

    def _read(self) -> None:
        try:
            self._texts = kept_statements(self._run)
        except RunError as error:
            self._usable = False
            self._tell(str(error))
        self.text.setReadOnly(not self._usable)
        for statement in STATEMENTS:
            QListWidgetItem(statement.title, self.list)
        self._mark()

    def _lay_out(self) -> None:
        about = label(
            self.tr("The report asks these questions of CLAIM. What stays empty stands there as “not reported”. Write "
                    "no names of patients: the report is handed on."), "small",
        )  # fmt: skip
        self.list.setSpacing(1)
        self.list.setMinimumWidth(self.list.sizeHintForColumn(0) + 40)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.title, self.asks):
            column.addWidget(widget)
        column.addWidget(self.text, 1)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.list)
        halves.addWidget(right)
        halves.setStretchFactor(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(12)
        whole.addWidget(about)
        whole.addWidget(halves, 1)
        whole.addWidget(self.fault)
        whole.addLayout(row_of(self.count, self.take, self.close_button, stretch=0))

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._show)
        self.text.textChanged.connect(self._on_text)
        self.take.clicked.connect(self._on_take)
        self.close_button.clicked.connect(self.accept)

    def done(self, result: int) -> None:
        """Close, by whatever way; what was written is kept first, and a failure of that is told before."""
        if self._due.isActive() and not self._keep():
            return
        super().done(result)

    def _first_empty(self) -> int:
        return next((row for row, one in enumerate(STATEMENTS) if one.key not in self._texts), 0)

    def _show(self, row: int) -> None:
        statement = STATEMENTS[row]
        self.title.setText(statement.title)
        self.asks.setText(statement.asks)
        self.text.setAccessibleName(statement.title)
        self.text.blockSignals(True)
        self.text.setPlainText(self._texts.get(statement.key, ""))
        self.text.blockSignals(False)

    def _on_text(self) -> None:
        key, text = STATEMENTS[self.list.currentRow()].key, self.text.toPlainText()
        if text.strip():
            self._texts[key] = text
        else:
            self._texts.pop(key, None)
        self._mark()
        self._due.start()

    def _on_take(self) -> None:
        if self._earlier is None:
            return
        try:
            self._texts = {**kept_statements(self._earlier), **self._texts}
        except RunError as error:
            self._tell(str(error))
            return
        self._mark()
        self._show(self.list.currentRow())
        self._keep()

    def _mark(self) -> None:
        """A full dot before what is written, and how much that is."""
        for row, statement in enumerate(STATEMENTS):
            written = statement.key in self._texts
            self.list.item(row).setText(f"{'●' if written else '○'}  {statement.title}")
            said = self.tr("written") if written else self.tr("not reported")
            self.list.item(row).setData(Qt.ItemDataRole.AccessibleTextRole, f"{statement.title}: {said}")
        self.count.setText(self.tr("%d of %d written") % (len(self._texts), len(STATEMENTS)))
        more = self._usable and len(self._texts) < len(STATEMENTS)
        self.take.setVisible(more and self._earlier is not None)

    def _keep(self) -> bool:
        """Write down what there is; whether that went well."""
        self._due.stop()
        try:
            keep_statements(self._run, self._texts)
        except RunError as error:
            self._tell(str(error))
            return False
        self._tell("")
        self.kept.emit()
        return True

    def _tell(self, fault: str) -> None:
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))
