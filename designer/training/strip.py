"""The line above the curves: how the shown run stands, how long it will take, stop and resume."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from designer.moving_bar import MovingBar
from designer.parts import button, label, set_possible
from designer.process import spoken
from designer.training.history import History


class Strip(QWidget):
    """Shows a History."""

    def __init__(self) -> None:
        super().__init__()
        self.state = label("", "title")
        self.state.setMinimumWidth(240)
        self.remaining = label("", "muted", wrap=False)
        self.facts = label("", "small")
        self.facts.setAccessibleName(self.tr("Pace, learning rate, time used and device"))
        self.progress = MovingBar()
        self.progress.setMinimumWidth(160)
        self.stop = button(self.tr("Stop"))
        self.resume = button(self.tr("Resume"))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.state)
        words.addWidget(self.facts)
        row.addLayout(words, 2)
        row.addWidget(self.progress, 1)
        row.addWidget(self.remaining)
        row.addWidget(self.stop)
        row.addWidget(self.resume)

    def show_history(self, history: History, running: bool, stopping: bool) -> None:
        """Bring words and bar up to date."""
        waiting = self.tr("Starting the training process …") if running else ""
        state = self.tr("Stopping after this step …") if stopping and running else history.state or waiting
        self.state.setText(state)
        self.facts.setText(history.seen.told())
        self.facts.setVisible(bool(self.facts.text()))
        self.remaining.setText(spoken(history.remaining_s))
        self.progress.setRange(0, 0 if history.share is None and running else 1000)
        self.progress.setValue(round(1000 * (history.share or 0)))
        self.progress.setVisible(running)

    def show_possible(self, running: bool, stopping: bool, why_not_resume: str) -> None:
        """Which buttons there are, and why one is disabled."""
        self.stop.setVisible(running)
        why = self.tr("It was asked to stop already.") if stopping else ""
        set_possible(self.stop, why, self.tr("Stop after this step; what was learned is kept (Shift+F5)"))
        self.resume.setVisible(not running)
        set_possible(self.resume, why_not_resume, self.tr("Go on after the last checkpoint"))
