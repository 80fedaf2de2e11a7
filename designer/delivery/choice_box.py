"""A choice of a command as a field of the page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from designer.delivery.ways import Choice

_LETTERS = 10  # of a choice that are seen, where nothing else is said


class ChoiceBox(QComboBox):
    """Its words are the option of the command with the chosen value."""

    def __init__(self, choice: Choice, letters: int = _LETTERS) -> None:
        super().__init__()
        self._choice = choice
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(letters)
        for place, (value, words) in enumerate(choice.values):
            self.addItem(words, value)
            self.setItemData(place, words, Qt.ItemDataRole.ToolTipRole)
        self.setAccessibleName(choice.name)
        self.setToolTip(choice.says)

    def words(self) -> tuple[str, ...]:
        """What is added to the command; nothing where the command decides."""
        value = str(self.currentData())
        return (self._choice.option, value) if value else ()
