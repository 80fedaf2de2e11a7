"""Fields that take an expression: “=2*channels”. Its value stands beside it, and the names it may use are offered."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QCompleter, QLineEdit, QToolButton, QWidget

from designer.inspector.fields import ChoiceField, Field, Line, LineField, SwitchField, restyle
from nodes.settings import Setting
from runtime.expressions import MARK, is_expression

_LAST_NAME = re.compile(r"(?:^|[^\w.])([A-Za-z_]\w*)?$")


class NameCompleter(QCompleter):
    """Offers the names of arguments for the word that is being typed in an expression."""

    def __init__(self, line: QLineEdit, names: Sequence[str]) -> None:
        super().__init__(line)
        self._names = tuple(names)
        self._offers = QStringListModel(self)
        self.setModel(self._offers)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        line.setCompleter(self)
        line.textEdited.connect(self.follow)
        self.activated.connect(line.textEdited)

    def follow(self, text: str) -> None:
        """Offer what the text may become."""
        fitting = offers(text, self._names)
        self._offers.setStringList(list(fitting))
        popup = self.popup()
        if not fitting and popup is not None:
            popup.hide()  # it came up for the letter before, and would swallow the next press


def offers(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """The text with each of the names that its last word may become; none unless it is an expression."""
    found = _LAST_NAME.search(text) if is_expression(text) else None
    if found is None:
        return ()
    word = found[1] or ""
    before = text[: len(text) - len(word)]
    return tuple(before + name for name in names if name.startswith(word) and name != word)


class ComputedField(Field):
    """A choice or a switch, with a button that puts a line for an expression in its place."""

    def __init__(self, inner: Field, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(inner.setting, parent)
        self.inner = inner
        self.line = Line()
        self.line.setPlaceholderText("=" + (names[0] if names else "1"))
        self.line.setAccessibleName(inner.setting.label)
        NameCompleter(self.line, names)
        self.sign = QToolButton()
        self.sign.setText("=")
        self.sign.setCheckable(True)
        self.sign.setAutoRaise(True)
        self.sign.setToolTip(self.tr("Compute this from the block's arguments"))
        self.sign.setAccessibleName(self.tr("Compute {0}").format(inner.setting.label))
        for part in (inner, self.line):
            self.row.addWidget(part, 1)
        self.row.addWidget(self.sign)
        self.add_computed()
        self.setFocusProxy(inner)
        inner.edited.connect(self.edited)
        self.line.textEdited.connect(self._tell)
        self.sign.clicked.connect(self._turn)
        self._show_line(False)

    def show_value(self, value: object) -> None:
        self._show_line(is_expression(value))
        if not is_expression(value):
            self.inner.show_value(value)
        elif value != self.line.text():
            self.line.setText(value)

    def set_wrong(self, wrong: bool) -> None:
        self.inner.set_wrong(wrong)
        restyle(self.line, "wrong", wrong)

    def _tell(self, text: str) -> None:
        self.edited.emit(text if text.startswith(MARK) else MARK + text)

    def _turn(self, on: bool) -> None:
        if on:
            self.line.setText(MARK)
            self._show_line(True)
            self.line.setFocus()
        else:
            self.edited.emit("")  # back to the default

    def _show_line(self, shown: bool) -> None:
        self.line.setVisible(shown)
        self.inner.setVisible(not shown)
        self.sign.setChecked(shown)


def computed_field(field: Field, setting: Setting, names: Sequence[str]) -> Field:
    """The field made to take expressions, where the setting can be computed and there are names to compute it from."""
    if not names or setting.learned:
        return field
    if isinstance(field, ChoiceField | SwitchField):
        return ComputedField(field, names)
    if type(field) is LineField:
        NameCompleter(field.line, names)
        field.line.setToolTip(f"{setting.help}\n= : {', '.join(names)}")
    return field
