"""The decoded images that are kept on disk: how large they are, how large they may get, and removing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from designer.parts import button, counted, label, row_of
from designer.process import CommandProcess, End

_LIMITS = (1, 2, 5, 10, 20, 50, 100, 200, 500)  # GB
_GB = 10**9


class CachePanel(QWidget):
    """Asks `netloom cache` when it is seen; nothing is read on the window's thread."""

    said = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._process: CommandProcess | None = None
        self.title = label(self.tr("Decoded images on this computer"), "title")
        self.state = label("", "small")
        self.limit = QComboBox()
        self.limit.setAccessibleName(self.tr("The most that decoded images may take on disk"))
        self.limit.setToolTip(
            self.tr("Images are decoded once and kept; those not used for the longest time go when it gets too large")
        )
        self.limit.activated.connect(lambda _row: self._ask("--limit", f"{self.limit.currentData()}"))
        self.clear = button(
            self.tr("Remove them"), self.tr("Remove all decoded images; your own files stay. They are decoded anew")
        )
        self.clear.clicked.connect(lambda: self._ask("--clear"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.state)
        column.addLayout(row_of(label(self.tr("At most"), "muted", wrap=False), self.limit, self.clear))

    def refresh(self) -> None:
        """Ask how it stands."""
        self._ask()

    def close_down(self) -> None:
        """The window is closing."""
        self._end()

    def showEvent(self, event: QShowEvent) -> None:
        """It is seen."""
        super().showEvent(event)
        self.refresh()

    def _ask(self, *words: str) -> None:
        self._end()
        if not self.state.text():
            self.state.setText(self.tr("Looking …"))
        self._process = CommandProcess(["cache", "--json", *words], self)
        self._process.record.connect(self._on_record)
        self._process.ended.connect(self._on_end)
        self._process.start()

    def _on_record(self, record: Mapping[str, Any]) -> None:
        if "bytes" not in record:
            return
        held, most, entries = int(record["bytes"]), int(record["limit"]), int(record["entries"])
        self.state.setText(
            self.tr("%s of at most %s, of %s, in %s") % (_size(held), _size(most), counted(entries, "data set"),
                                                         record["folder"])
        )  # fmt: skip
        self.clear.setEnabled(held > 0)
        self.limit.clear()
        for amount in sorted({*(limit * _GB for limit in _LIMITS), most}):
            self.limit.addItem(_size(amount), amount)
        self.limit.setCurrentIndex(self.limit.findData(most))

    def _on_end(self, end: End) -> None:
        if not end.ok and not end.stopped:
            self.said.emit(end.message, "error")
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.abandon()
            process.deleteLater()


def _size(count: int) -> str:
    return f"{count / _GB:.3g} GB" if count >= _GB else f"{count / 10**6:.3g} MB"
