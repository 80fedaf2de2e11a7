"""Whether the pixels were looked at: warnings that are missing because nobody looked must not pass for none."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout

from designer.data.survey import Found
from designer.parts import button, counted, label, row_of


class PixelsNote(QFrame):
    """A card that says what was compared, that it still goes on, or why it was not done and how to do it."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.text = label("", "small")
        self.again = button(self.tr("Compare the pixels"), self.tr("Read the folder again, and compare its images"))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        column.addWidget(self.text)
        column.addLayout(row_of(self.again))

    def show_found(self, found: Found | None) -> None:
        """Say how it stands with this folder; nothing where there are no cases."""
        self.setVisible(found is not None)
        if found is None:
            return
        self.again.setVisible(bool(found.unseen) and found.looks is None)
        if found.looks is not None:
            searched = counted(found.looks.searched, "image")
            text = self.tr("%s compared by their pixels, so that copies are found.") % counted(found.compared, "case")
            rest = len(found.cases) - found.compared
            if rest > 0:
                why = self.tr("empty, unreadable, or less than 32 pixels a side")
                text += " " + self.tr("%s not: %s.") % (counted(rest, "case"), why)
            text += " " + (self.tr("Text was looked for in %s.") % searched if found.looks.searched else
                           self.tr("Text is not looked for in volumes."))  # fmt: skip
        elif found.unseen:
            text = self.tr("The pixels were not compared (%s): copies in two parts and burned-in text are not known.")
            text %= found.unseen.rstrip(".").lower() if found.unseen == "Stopped." else found.unseen.rstrip(".")
        else:
            text = self.tr("The pixels are still to be compared: copies and burned-in text are told after that.")
        self.text.setText(text)
