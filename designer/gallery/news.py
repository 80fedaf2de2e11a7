"""“New to try”: a short list from resources/whats_new.json, shown until it is closed, once for each version of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

import resources
from designer import remember
from designer.data.practice import practice_tip
from designer.parts import button, label, line, row_of

_SEEN = "whats_new/closed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to try. `needs` names a command without which it does not exist, `command` one that it runs."""

    title: str
    says: str
    where: str
    command: str = ""
    practice: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class WhatsNew:
    """The list of one version."""

    version: str
    entries: tuple[Entry, ...]


def read_news() -> WhatsNew:
    """The list as it comes with the program."""
    read = json.loads(resources.path("whats_new.json").read_text(encoding="utf-8"))
    return WhatsNew(read["version"], tuple(Entry(**entry) for entry in read["entries"]))


class News(QFrame):
    """The list with its buttons. Commands are found in the window by their names; what the window lacks is left out."""

    practice_chosen = Signal(str)

    def __init__(self, news: WhatsNew) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.shown: list[Entry] = []
        self.buttons: dict[str, QPushButton] = {}
        self._news = news
        self._narrow = False
        self.open = button(self.tr("Show"), self.tr("Show what is new. It is a short list."))
        self.close_button = button(
            self.tr("Close"), self.tr("Close this list. It comes back when there is more to try.")
        )
        self.close_button.setAccessibleName(self.tr("Close what is new to try"))
        self.open.setAccessibleName(self.tr("Show what is new to try"))
        self.body = QWidget()
        self._column = QVBoxLayout(self.body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.setSpacing(8)
        head = label(self.tr("New to try"), "title", wrap=False)
        whole.addLayout(row_of(head, QWidget(), self.open, self.close_button, stretch=1))
        whole.addWidget(self.body)
        self.open.clicked.connect(self._toggle)
        self.close_button.clicked.connect(self._close_for_good)

    @property
    def wanted(self) -> bool:
        """Whether this version was not closed yet, and has something to show."""
        return bool(self.shown) and remember.settings().value(_SEEN, "") != self._news.version

    def refresh(self) -> None:
        """Show the entries about what this window has, with buttons as its commands are now."""
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.buttons.clear()
        self.shown = [entry for entry in self._news.entries if self._exists(entry)]
        for place, entry in enumerate(self.shown):
            if place:
                self._column.addWidget(line())
            self._column.addWidget(self._row(entry))
        self.setVisible(self.wanted)

    def be_narrow(self, narrow: bool) -> None:
        """In a narrow window the list is shut until it is asked for."""
        if narrow == self._narrow and self.open.isHidden() is not narrow:
            return
        self._narrow = narrow
        self.open.setVisible(narrow)
        self._show_body(not narrow)

    def _toggle(self) -> None:
        self._show_body(self.body.isHidden())

    def _show_body(self, shown: bool) -> None:
        self.body.setVisible(shown)
        self.open.setText(self.tr("Hide") if shown else self.tr("Show"))

    def _close_for_good(self) -> None:
        remember.settings().setValue(_SEEN, self._news.version)
        self.hide()

    def _exists(self, entry: Entry) -> bool:
        return all(self._action(name) is not None for name in (entry.command, entry.needs) if name)

    def _action(self, name: str) -> QAction | None:
        found = self.window().findChild(QAction, name)
        return found if isinstance(found, QAction) else None

    def _row(self, entry: Entry) -> QWidget:
        tr = QCoreApplication.translate
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(2)
        title = label(tr("News", entry.title), "title")
        action = self._action(entry.command) if entry.command else None
        if entry.practice or action is not None:
            column.addLayout(row_of(title, self._button(entry, action), stretch=0))
        else:
            column.addWidget(title)
        column.addWidget(label(tr("News", entry.says)))
        column.addWidget(label(tr("News", entry.where), "small"))
        return made

    def _button(self, entry: Entry, action: QAction | None) -> QPushButton:
        made = button(self.tr("Try it"), practice_tip(entry.practice) if entry.practice else entry.says)
        made.setAccessibleName(self.tr("Try: %s") % entry.title)
        made.setProperty("fix", True)
        if action is not None:
            made.setEnabled(action.isEnabled())
            made.setToolTip(action.toolTip())
            made.clicked.connect(action.trigger)
        else:
            made.clicked.connect(lambda: self.practice_chosen.emit(entry.practice))
        self.buttons[entry.title] = made
        return made
