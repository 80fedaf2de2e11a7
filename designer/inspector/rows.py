"""Labelled rows: a field with its help and its complaint, or a fact with its value."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QWidget

from designer.inspector.fields import Field, restyle
from designer.inspector.fold import Fold

_LABEL_WIDTH = 120


def label(text: str, role: str = "", *, wraps: bool = False) -> QLabel:
    """A label in one of the style sheet's roles."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wraps)
    return made


def line() -> QFrame:
    """A thin line between parts."""
    made = QFrame()
    made.setProperty("role", "line")
    return made


class Rows(QWidget):
    """Two columns: what it is called, and its field or value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._complaints: dict[str, QLabel] = {}
        self._fields: dict[str, Field] = {}
        self._names: dict[str, QLabel] = {}
        self._folds: dict[str, Fold] = {}
        self._notes: dict[str, QLabel] = {}
        self._rows: dict[str, int] = {}
        self._next = 0

    def add_fold(self, fold: Fold) -> None:
        """The head of a part that can be hidden; `add_field` puts fields into it."""
        self._grid.addWidget(fold, self._take(1), 0, 1, 2)

    def add_field(self, field: Field, fold: Fold | None = None) -> None:
        """A field under its label; help is shown on hover, complaints below it. One in a fold hides with it."""
        setting = field.setting
        name = label(setting.label, "muted", wraps=True)
        name.setFixedWidth(_LABEL_WIDTH)
        name.setBuddy(field)
        for widget in (name, field):
            widget.setToolTip(setting.help)
        complaint = label("", "wrong", wraps=True)
        complaint.hide()
        row = self._take(4)
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignVCenter)
        place = (row + 1, 0, 1, 2) if field.wide else (row, 1, 1, 1)
        self._grid.addWidget(field, *place)
        self._grid.addWidget(complaint, row + 2, 0, 1, 2)
        self._rows[setting.name] = row
        self._complaints[setting.name] = complaint
        self._fields[setting.name] = field
        self._names[setting.name] = name
        if fold is not None:
            self._folds[setting.name] = fold
            fold.take(name, field)

    def offer(self, name: str, applies: bool) -> None:
        """Show a field only where it means something; one with a complaint stays."""
        shown = applies or bool(self._complaints[name].text())
        for part in (self._names[name], self._fields[name]):
            part.setVisible(shown)

    def add_fact(self, text: str, value: str, tip: str = "") -> None:
        """Something that follows, and cannot be edited."""
        name, shown = label(text, "muted"), label(value, wraps=True)
        shown.setAlignment(Qt.AlignmentFlag.AlignRight)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        shown.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for widget in (name, shown):
            widget.setToolTip(tip)
        row = self._take(1)
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(shown, row, 1)

    def complain(self, name: str, message: str) -> None:
        """Show what is wrong with a field's value; "" when nothing is. A fold with a complaint in it opens."""
        if message and name in self._folds:
            self._folds[name].setChecked(True)
        complaint = self._complaints[name]
        complaint.setText(message)
        complaint.setVisible(bool(message))
        self._fields[name].set_wrong(bool(message))
        self._fields[name].setAccessibleDescription(message)

    def note(self, name: str, text: str, *, wrong: bool = False) -> None:
        """Say something below a field, "" for nothing; unlike a complaint it does not mean the field's value."""
        if name not in self._notes and text:
            self._notes[name] = label("", "small", wraps=True)
            self._grid.addWidget(self._notes[name], self._rows[name] + 3, 0, 1, 2)
        if name in self._notes:
            shown = self._notes[name]
            restyle(shown, "role", "wrong" if wrong else "small")
            shown.setText(text)
            shown.setVisible(bool(text))

    def _take(self, rows: int) -> int:
        """So many rows of the grid; gives the first."""
        self._next += rows
        return self._next - rows

    @property
    def complaints(self) -> dict[str, str]:
        """What is wrong with fields, by the name of their setting."""
        return {name: shown.text() for name, shown in self._complaints.items() if shown.text()}

    @property
    def fields(self) -> dict[str, Field]:
        """The fields by the name of their setting."""
        return self._fields
