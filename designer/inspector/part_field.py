"""Which frame or block an optimizer trains, chosen among those that the drawing has."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QSizePolicy, QWidget

from designer.inspector.fields import CalmBox, Field, restyle
from nodes.settings import Setting


class PartField(Field):
    """A list of names; one that is there no longer stays in it, and is told as wrong."""

    wide = True

    def __init__(self, setting: Setting, names: Callable[[], tuple[str, ...]], parent: QWidget | None = None) -> None:
        """`names` gives the frames and blocks that can be named now."""
        super().__init__(setting, parent)
        self._names = names
        self._value = ""
        self._listed: list[tuple[str, str]] = []
        self.box = CalmBox()
        self.box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a long name widens no panel
        self._place(self.box)
        self.box.activated.connect(lambda _row: self.edited.emit(self.box.currentData()))
        self.show_value(setting.default)

    def show_value(self, value: object) -> None:
        self._value = str(value)
        self.follow()

    def follow(self) -> None:
        """List what can be named now; what is wrong with the name is in `fault`."""
        names = self._names()
        gone = bool(self._value) and self._value not in names
        listed = [(self.tr("everything before its losses"), ""), *((name, name) for name in names if name)]
        if gone:
            listed.append((self.tr("{0} (not there)").format(self._value), self._value))
        if listed != self._listed:
            self._listed = listed
            self.box.clear()
            for text, name in listed:
                self.box.addItem(text, name)
        self.box.setCurrentIndex(self.box.findData(self._value))
        self.box.setToolTip(f"{self.box.currentText()}\n{self.setting.help}")
        self._say(gone)

    def set_wrong(self, wrong: bool) -> None:
        restyle(self.box, "wrong", wrong)

    def _say(self, gone: bool) -> None:
        why = self.tr("No frame and no block is called “{0}”: choose another, or give one this name.")
        fault = why.format(self._value) if gone else ""
        if fault != self.fault:
            self.fault = fault
            self.refused.emit(fault)
