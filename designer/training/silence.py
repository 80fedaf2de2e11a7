"""Says that a training gives no sign of life and how old its last checkpoint is; kills it only when told to."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from designer.parts import button, label
from designer.training.session import TrainingSession
from runtime.liveness import checkpoint_age


class Silence(QWidget):
    """Hidden while there are signs of life."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: TrainingSession | None = None
        self.words = label("", "warning")
        tip = self.tr("End the training process now; what came after the checkpoint is lost")
        self.kill = button(self.tr("Kill"), tip)
        self.kill.clicked.connect(self._on_kill)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 12)
        row.setSpacing(12)
        row.addWidget(self.words, 1)
        row.addWidget(self.kill)
        self.hide()

    def follow(self, session: TrainingSession) -> None:
        """Watch another training."""
        self._session = session
        session.silent.connect(self._on_silence)
        session.ended.connect(self.hide)
        self.hide()

    def _on_silence(self, seconds: float) -> None:
        if self._session is None or self.sender() is not self._session:
            return
        self.setVisible(seconds > 0)
        age = checkpoint_age(self._session.run.folder)
        kept = self.tr("There is no checkpoint yet: killing it loses all.")
        if age is not None:
            kept = self.tr("The last checkpoint is {0} old; killed, it can be resumed from there.").format(_spoken(age))
        self.words.setText(
            self.tr("No sign of life for {0}. Compiling, or a very long step, may take so long. {1}").format(
                _spoken(seconds), kept
            )
        )

    def _on_kill(self) -> None:
        if self._session is not None:
            self._session.kill()


def _spoken(seconds: float) -> str:
    return f"{round(seconds)} s" if seconds < 100 else f"{round(seconds / 60)} min"
