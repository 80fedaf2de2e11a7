"""A row of buttons of which one is pressed, and the page that belongs to it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QStackedWidget, QToolButton, QWidget


class Segments(QWidget):
    """The buttons. `pages` shows the page of the one that is pressed; it is laid out by whoever uses it."""

    changed = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.pages = QStackedWidget()
        self.buttons: dict[str, QToolButton] = {}
        self._pages: dict[str, QWidget] = {}
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def add(self, name: str, title: str, page: QWidget, tip: str = "") -> None:
        """One more button with its page; the first one is pressed."""
        made = QToolButton()
        made.setText(title)
        made.setToolTip(tip or title)
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.clicked.connect(lambda: self.show_page(name))
        self._group.addButton(made)
        self._row.addWidget(made)
        self.buttons[name], self._pages[name] = made, page
        self.pages.addWidget(page)
        if len(self.buttons) == 1:
            made.setChecked(True)

    @property
    def current(self) -> str:
        """The name of the pressed button."""
        return next((name for name, made in self.buttons.items() if made.isChecked()), "")

    def show_page(self, name: str) -> None:
        """Press a button."""
        self.buttons[name].setChecked(True)
        if self.pages.currentWidget() is not self._pages[name]:
            self.pages.setCurrentWidget(self._pages[name])
            self.changed.emit(name)

    def rename(self, name: str, title: str) -> None:
        """Other words on a button."""
        self.buttons[name].setText(title)
