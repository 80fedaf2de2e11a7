"""What the project's source reads, where that is not what is shown, and the way to read the folder again."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from designer.parts import Notes, button


class ReadNote(QWidget):
    """A sentence with a button beside it, or nothing."""

    again = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notes = Notes("warning")
        self.again_button = button(self.tr("Read again"), self.tr("Read the folder as the drawing asks for it now"))
        self.again_button.clicked.connect(self.again)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.again_button)
        row.addWidget(self.notes, 1)

    @property
    def texts(self) -> list[str]:
        """What is said."""
        return self.notes.texts

    def say(self, text: str, again: bool) -> None:
        """Say this, "" for nothing; `again` offers to read the folder again."""
        self.notes.show_texts([text] if text else [])
        self.again_button.setVisible(again)
        self.setVisible(bool(text))
