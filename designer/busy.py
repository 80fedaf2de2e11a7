"""A line that shows work in progress: what, how far, how long still, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from designer.moving_bar import MovingBar
from designer.parts import button, label
from designer.process import Remaining, spoken


class BusyLine(QWidget):
    """Hidden while nothing is done."""

    cancelled = Signal()

    def __init__(self, cancel_tip: str) -> None:
        super().__init__()
        self._remaining = Remaining()
        self.text = label("", wrap=False)
        self.bar = MovingBar()
        self.cancel = button(self.tr("Cancel"), cancel_tip)
        self.cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.text)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self.hide()

    def begin(self, text: str) -> None:
        """Show work of which it is not known how long it takes."""
        self._remaining = Remaining()
        self.text.setText(text)
        self.bar.setRange(0, 0)
        self.show()

    def tell(self, what: str, done: int, total: int) -> None:
        """Show how far it has come, and how long it will still take."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        left = spoken(self._remaining.seconds(done, total))
        self.text.setText(f"{what}: {done} / {total}" + (f" · {left}" if left else ""))
