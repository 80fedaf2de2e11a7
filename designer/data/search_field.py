"""A line to search in, with a cross that empties it; both have names for a screen reader."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QToolButton


def search_field(hint: str, name: str) -> QLineEdit:
    """The line; `hint` stands in it while it is empty."""
    made = QLineEdit()
    made.setPlaceholderText(hint)
    made.setAccessibleName(name)
    made.setClearButtonEnabled(True)
    for cross in made.findChildren(QToolButton):
        says = QCoreApplication.translate("SearchField", "Empty the search")
        cross.setAccessibleName(says)
        cross.setToolTip(says)
    return made
