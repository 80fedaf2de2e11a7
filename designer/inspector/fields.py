"""One editing field for each form of setting. A field keeps what was typed, also when it is wrong, and tells of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from nodes.settings import Form, Setting, WrongValue
from runtime.graph import Json

_HISTORY = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class Field(QWidget):
    """A field for one setting: `edited` tells every change by hand, `refused` why a text is not taken."""

    edited = Signal(object)
    refused = Signal(str)
    wide = False  # stands below its label, in both columns
    fault = ""  # why the text that is shown was not taken

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self._computed: QLabel | None = None
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(4)

    def show_value(self, value: object) -> None:
        """Show a value without telling of it; what is shown already stays as it was typed."""
        raise NotImplementedError

    def set_wrong(self, wrong: bool) -> None:
        """Outline the field in red."""

    def show_computed(self, text: str) -> None:
        """Show the value of an expression beside it; "" for none."""
        if self._computed is None and text:
            self.add_computed()
        if self._computed is not None:
            self._computed.setText(text)
            self._computed.setVisible(bool(text))

    def add_computed(self) -> None:
        """Make room for the value of an expression, at the right end."""
        self._computed = QLabel()
        self._computed.setProperty("role", "small")
        self._computed.hide()
        self.row.addWidget(self._computed)

    def _place(self, editor: QWidget) -> None:
        editor.setAccessibleName(self.setting.label)
        editor.setAccessibleDescription(self.setting.help)
        self.row.addWidget(editor, 1)
        if self.setting.unit:
            unit = QLabel(self.setting.unit)
            unit.setProperty("role", "small")
            self.row.addWidget(unit)
        self.setFocusProxy(editor)


class Line(QLineEdit):
    """A line whose undo is the document's: Ctrl+Z takes back the edit, not the letter."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_history(event):
            event.ignore()
            return False
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_history(event):
            event.ignore()
        else:
            super().keyPressEvent(event)


class LineField(Field):
    """Text, numbers and lists; up and down step a number."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(setting, parent)
        self.line = _SteppingLine(setting) if setting.form in (Form.INTEGER, Form.NUMBER) else Line()
        self.line.setPlaceholderText(spelled_value(setting.default))
        self._place(self.line)
        self.line.textEdited.connect(self._tell)

    def show_value(self, value: object) -> None:
        if not self._shows(value):
            self.line.setText(spelled_value(value))
            if not self.line.hasFocus():
                self.line.setCursorPosition(0)  # the beginning of a long text is read

    def set_wrong(self, wrong: bool) -> None:
        restyle(self.line, "wrong", wrong)

    def _shows(self, value: object) -> bool:
        shown = parsed(self.setting, self.line.text())
        return value == self.line.text() or (bool(self.line.text()) and shown == _plain(value))

    def _tell(self, text: str) -> None:
        self.edited.emit(parsed(self.setting, text))


class _SteppingLine(Line):
    """A line with a number that the up and down keys change."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._setting = setting

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        by = steps.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
            return
        try:
            value = self._setting.read(self.text())
            stepped = self._setting.read(value + by if self._setting.form is Form.INTEGER else value * 2.0**by)
        except WrongValue:
            return
        self.setText(spelled_value(stepped))
        self.textEdited.emit(self.text())


class ChoiceField(Field):
    """One of a few words. `names` gives what people read for each of them."""

    def __init__(self, setting: Setting, parent: QWidget | None = None, names: Mapping[str, str] | None = None) -> None:
        super().__init__(setting, parent)
        self.box = CalmBox()
        for choice in setting.choices:
            self.box.addItem((names or {}).get(choice, choice), choice)
        self._place(self.box)
        self.box.activated.connect(lambda _row: self.edited.emit(self.box.currentData()))

    def show_value(self, value: object) -> None:
        row = self.box.findData(value)
        if row < 0:  # a wrong value from a file stays visible until another is chosen
            self.box.setPlaceholderText(str(value))
        self.box.setCurrentIndex(row)

    def set_wrong(self, wrong: bool) -> None:
        restyle(self.box, "wrong", wrong)


class CalmBox(QComboBox):
    """A list that the wheel does not change by accident while the panel is scrolled."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class SwitchField(Field):
    """On or off."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(setting, parent)
        self.check = QCheckBox()
        self._place(self.check)
        self.check.clicked.connect(lambda on: self.edited.emit(bool(on)))

    def show_value(self, value: object) -> None:
        self.check.setChecked(value is True)


class FolderField(LineField):
    """A path with a button to choose it; a typed one counts when it is whole: at Enter, or on leaving the field."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(setting, parent)
        self._value: object = ""
        self.line.editingFinished.connect(self._on_typed)
        self.line.setPlaceholderText(self.tr("no folder yet") if self._is_folder() else self.tr("no file yet"))
        button = QToolButton()
        button.setText("…")
        button.setIconSize(QSize(16, 16))
        button.setToolTip(self.tr("Choose a folder") if self._is_folder() else self.tr("Choose a file"))
        button.setAccessibleName(button.toolTip())
        button.clicked.connect(self._ask)
        self.row.addWidget(button)

    def show_value(self, value: object) -> None:
        if value != self._value:
            self._value = value
            self.line.setText(spelled_value(value))
            self._say("")

    def _tell(self, text: str) -> None:
        """Half a path is another folder, so typing alone tells nothing."""

    def _on_typed(self) -> None:
        text = self.line.text().strip()
        reason = "" if text == self._value else self._why_not(text)
        self._say(reason)
        if not reason and text != self._value:
            self._take(text)

    def _why_not(self, text: str) -> str:
        place = os.path.expanduser(text)
        there = os.path.isdir(place) if self._is_folder() else os.path.isfile(place)
        if there and os.path.isabs(place):
            return ""
        what = self.tr("folder") if self._is_folder() else self.tr("file")
        if not text:
            return self.tr("No {0} is named; the project keeps the one before.").format(what)
        return self.tr(
            "There is no {0} “{1}”; type the whole path of one that exists, or choose it with “…”. The project is as "
            "before."
        ).format(what, text)

    def _take(self, text: str) -> None:
        chosen = str(Path(text).expanduser())
        self.line.setText(chosen)
        self._say("")
        if chosen != self._value:
            self._value = chosen
            self.edited.emit(chosen)

    def _say(self, fault: str) -> None:
        if fault != self.fault:
            self.fault = fault
            self.refused.emit(fault)

    def _is_folder(self) -> bool:
        return self.setting.form is Form.FOLDER

    def _ask(self) -> None:
        title, start = self.setting.label, self.line.text()
        chosen = (
            QFileDialog.getExistingDirectory(self, title, start)
            if self._is_folder()
            else QFileDialog.getOpenFileName(self, title, start)[0]
        )
        if chosen:
            self._take(chosen)


_FIELDS: Mapping[Form, Callable[[Setting], Field]] = {
    Form.CHOICE: ChoiceField,
    Form.SWITCH: SwitchField,
    Form.FOLDER: FolderField,
    Form.FILE: FolderField,
}


def field_for(setting: Setting) -> Field:
    """The field that suits the setting's form."""
    return _FIELDS.get(setting.form, LineField)(setting)


def parsed(setting: Setting, text: str) -> Json:
    """The value that a text means, as a project file holds it; the text itself when it is wrong or half typed."""
    try:
        value = setting.read(text)
    except WrongValue:
        return text
    return _plain(value)


def spelled_value(value: object) -> str:
    """A setting's value as it is typed and read."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple | list):
        sign = "×" if all(isinstance(part, int) for part in value) else ", "
        return sign.join(spelled_value(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def _plain(value: object) -> Json:
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value if isinstance(value, bool | int | float | str) else None


def _is_history(event: QKeyEvent) -> bool:
    return any(event.matches(key) for key in _HISTORY)
