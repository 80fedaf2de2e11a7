"""What an empty canvas says: how a network or a block begins."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

_WIDEST = 640
_BESIDE = 16


class Hint(QLabel):
    """In the middle of the canvas while nothing is on the sheet."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self.setProperty("role", "muted")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)

    def follow(self, empty: bool, inside: bool) -> None:
        """Show the words for an empty sheet, of a block if one is inside; hide where there are nodes."""
        self.setVisible(empty)
        if empty:
            self.setText(self._of_block() if inside else self._of_network())
            width = min(_WIDEST, max(1, self._around.width() - 2 * _BESIDE))
            self.resize(width, self.heightForWidth(width))
            self.move(self._around.rect().center() - self.rect().center())

    def _of_network(self) -> str:
        return self.tr(
            "A network is a chain from top to bottom:<br><b>source → preparation → layers → loss → optimizer</b>, "
            "and an <b>output</b> after the last layer.<br><br>Double-click or press Insert to add the first; "
            'drop each next one under the one before.<br>Or <a href="template">choose a template</a>.'
        )

    def _of_block(self) -> str:
        return self.tr(
            "A block is a piece of network with ends:<br><b>block input → layers → block output</b>.<br><br>"
            "Double-click or press Insert to add them; Alt+Up leads back out."
        )
