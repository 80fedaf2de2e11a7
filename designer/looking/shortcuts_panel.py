"""Whether the label can be foretold without the disease: each way around it with its interval, alarms first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from designer.busy import BusyLine
from designer.looking.question import Question
from designer.parts import button, label, row_of, scrolled
from designer.theme import Theme
from runtime.looking.record import Record

_KIND = "shortcuts"
_ORDER = {"alarm": 0, "note": 1, "none": 2, "few": 3}


class ShareInterval(QWidget):
    """A share from 0 to 100 % with its interval, and a line where guessing lies."""

    def __init__(self, finding: Mapping[str, Any]) -> None:
        super().__init__()
        self._finding = finding
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(str(finding["sentence"]))

    def sizeHint(self) -> QSize:
        """A short bar."""
        return QSize(180, 16)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The line of guessing, the interval, the share."""
        painter, theme = QPainter(self), Theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, middle = self.width() - 8, self.height() / 2
        painter.fillRect(QRectF(4, middle - 3, width, 6), QColor(theme.border))
        colour = QColor({"alarm": theme.error, "note": theme.warning}.get(self._finding["verdict"], theme.muted))
        low, high, share = (self._finding[name] for name in ("low", "high", "share"))
        if share is not None:
            painter.fillRect(QRectF(4 + low * width, middle - 3, max(2.0, (high - low) * width), 6), colour)
            painter.setBrush(colour)
            painter.setPen(QPen(QColor(theme.panel), 1.5))
            painter.drawEllipse(QRectF(4 + share * width - 5, middle - 5, 10, 10))
        at = 4 + self._finding["chance"] * width
        painter.setPen(QPen(QColor(theme.text), 1))
        painter.drawLine(QRectF(at, 1, 0, 0).topLeft(), QRectF(at, self.height() - 1, 0, 0).topLeft())


class ShortcutsPanel(QWidget):
    """Looks for shortcuts in the data of a project file (or a folder) when asked to. `found` brings the Record."""

    found = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: Path | None = None
        self._question = Question(_KIND, writes=False, parent=self)
        self.begin_button = button(
            self.tr("Look for shortcuts"),
            self.tr("See how well headers, the border of images, a blur or the level of signals foretell the label."),
            primary=True,
        )  # fmt: skip
        self.summary = label(self.tr(
            "A network learns the easiest way to its label: the scanner, a mark in a corner, the size of the image. "
            "See whether a simple model that sees no anatomy can tell your classes apart."
        ), "muted")  # fmt: skip
        self.fault = label("", "wrong")
        self.busy = BusyLine(self.tr("Stop looking"))
        self.rows = QVBoxLayout()
        self.rows.setSpacing(8)
        self._lay_out()
        self.begin_button.clicked.connect(self.begin)
        self.busy.cancelled.connect(self._question.forget)
        self._question.answered.connect(self.show_record)
        self._question.failed.connect(self._fail)
        self._question.changed.connect(self._on_change)
        self.begin_button.setEnabled(False)

    def show_data(self, data: Path | None) -> None:
        """Be ready for a project file or a folder of images."""
        if data != self._data:
            self._question.forget()
            self._clear()
        self._data = data
        self.begin_button.setEnabled(data is not None)

    def begin(self) -> None:
        """Look."""
        if self._data is not None:
            self.fault.hide()
            self._question.ask(["shortcuts", str(self._data)])

    def show_record(self, record: Record) -> None:
        """Show what was found."""
        self._clear()
        self.summary.setText(str(record.facts["summary"]))
        self.summary.setProperty("role", "title")
        self.summary.style().polish(self.summary)
        for finding in sorted(record.facts["findings"], key=lambda one: (_ORDER[one["verdict"]], -(one["share"] or 0))):
            self.rows.addWidget(_row(finding))
        self.found.emit(record)

    def close_down(self) -> None:
        """End what is on its way."""
        self._question.forget()

    def _clear(self) -> None:
        while (item := self.rows.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()

    def _on_change(self) -> None:
        if self._question.busy:
            self.busy.begin(self.tr("Reading headers and cases …"))
        self.busy.setVisible(self._question.busy)

    def _fail(self, reason: str) -> None:
        self.fault.setText(reason)
        self.fault.show()

    def _lay_out(self) -> None:
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addLayout(self.rows)
        inside.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(row_of(self.begin_button))
        column.addWidget(self.busy)
        column.addWidget(self.fault)
        column.addWidget(self.summary)
        column.addWidget(scrolled(content), 1)
        self.fault.hide()


def _row(finding: Mapping[str, Any]) -> QWidget:
    made = QFrame()
    made.setProperty("role", "card")
    head = QHBoxLayout()
    head.setSpacing(12)
    title = str(finding["what"])[:1].upper() + str(finding["what"])[1:]
    made.setAccessibleName(title)
    head.addWidget(label(title, "title", wrap=False))
    head.addStretch(1)
    if finding["share"] is not None:
        head.addWidget(label(f"{100 * finding['share']:.0f} %", wrap=False))
    head.addWidget(ShareInterval(finding))
    column = QVBoxLayout(made)
    column.setContentsMargins(12, 8, 12, 8)
    column.setSpacing(4)
    column.addLayout(head)
    column.addWidget(label(str(finding["sentence"]), "warning" if finding["verdict"] == "alarm" else "small"))
    return made
