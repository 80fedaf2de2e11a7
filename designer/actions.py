"""Every command of the window, declared once: menus, top bar and command palette all read this list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from designer.icons import has_icon, icon


def _always() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: `why_not` gives the reason for which it cannot be done now, "" when it can."""

    id: str
    title: str
    menu: str  # "File", "Edit", "View", "Run", "Help"; "" shows it in the command palette alone
    run: Callable[[], None]
    shortcut: str = ""
    icon: str = ""
    why_not: Callable[[], str] = _always
    line_before: bool = False  # a separator stands before it in the menu
    warns: Callable[[], str] = _always  # what stands in its way; the command itself says so when it is done
    current_title: Callable[[], str] | None = None  # for titles that change, such as that of undo


class Actions(QObject):
    """The commands as QActions of a window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}

    def add(self, *commands: Command) -> None:
        """Enter commands; the window answers their shortcuts from now on."""
        for command in commands:
            action = QAction(command.title, self)
            action.setObjectName(command.id)
            if command.shortcut:
                action.setShortcuts([QKeySequence(part) for part in command.shortcut.split(" | ")])
                action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            if command.icon and has_icon(command.icon):
                action.setIcon(icon(command.icon))
            action.triggered.connect(lambda _checked=False, name=command.id: self.trigger(name))
            self._commands[command.id] = command
            self._actions[command.id] = action
            self._window.addAction(action)
        self.refresh()

    def __getitem__(self, command_id: str) -> QAction:
        return self._actions[command_id]

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def why_not(self, command_id: str) -> str:
        """The reason for which a command cannot be done now, "" when it can."""
        return self._commands[command_id].why_not()

    def trigger(self, command_id: str) -> bool:
        """Do a command if it can be done now."""
        command = self._commands[command_id]
        if command.why_not():
            self.refresh()
            return False
        command.run()
        self.refresh()
        return True

    def refresh(self) -> None:
        """Bring titles, enabled states and tooltips up to date."""
        for command in self._commands.values():
            self._refresh_one(command)

    def _refresh_one(self, command: Command) -> None:
        action, reason = self._actions[command.id], command.why_not()
        action.setEnabled(not reason)
        if command.current_title is not None:
            action.setText(command.current_title())
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        title, _, shown = action.text().partition("\t")
        tip = f"{title} ({keys or shown})" if keys or shown else title
        told = reason or command.warns()
        action.setToolTip(f"{tip}\n{told}" if told else tip)
        action.setStatusTip(told)


def fuzzy(wanted: str, title: str) -> int | None:
    """How well a title answers what was typed, letters in order: smaller is better, None if they are not there."""
    text, cost, place = title.casefold(), 0, -1
    for letter in wanted.casefold():
        if letter.isspace():
            continue
        found = text.find(letter, place + 1)
        if found < 0:
            return None
        begins_word = found == 0 or not text[found - 1].isalnum()
        cost += 0 if found == place + 1 else 1 if begins_word else 3 + (found - place)
        place = found
    return cost
