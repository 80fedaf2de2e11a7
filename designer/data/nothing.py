"""An empty panel, narrow as it is, that says what to do next."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.parts import label


class Nothing(QWidget):
    """A title and a sentence at the top of the panel."""

    def __init__(self, title: str, says: str) -> None:
        super().__init__()
        self.title, self.says = label(title, "title"), label(says, "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.says)

    def say(self, title: str, says: str) -> None:
        """Change the words."""
        self.title.setText(title)
        self.says.setText(says)
