"""The command palette: every command by name, reached with a few letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from designer.actions import fuzzy

_WIDTH, _HEIGHT = 520, 380
_ACTION = Qt.ItemDataRole.UserRole


class CommandPalette(QFrame):
    """A search field over a list; arrows and Enter choose, Escape leaves."""

    def __init__(self, actions: Callable[[], Sequence[QAction]], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "panel")
        self._actions = actions
        self._over = parent
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Type a command …"))
        self.search.setAccessibleName(self.tr("Search commands"))
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Commands"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.search)
        column.addWidget(self.list)
        self.search.textChanged.connect(self._fill)
        self.search.installEventFilter(self)
        self.list.itemClicked.connect(self._choose)
        self.resize(_WIDTH, _HEIGHT)

    def open(self) -> None:
        """Show it over the top of its window, empty."""
        window = self._over.window()
        self.search.clear()
        self._fill("")
        self.move(window.mapToGlobal(QPoint((window.width() - self.width()) // 2, 64)))
        self.show()
        self.search.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list while the search field keeps the focus."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            key = Qt.Key(event.key())
            if key in steps:
                row = self.list.currentRow() + steps[key]
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, row)))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _fill(self, wanted: str) -> None:
        self.list.clear()
        ranked = [(fuzzy(wanted, action.text()), action) for action in self._actions() if action.text()]
        fits = [(cost, action) for cost, action in ranked if cost is not None]
        for _, action in sorted(fits, key=lambda one: one[0]):
            self.list.addItem(_item(action))
        self.list.setCurrentRow(0)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        action: QAction = item.data(_ACTION)
        if action.isEnabled():
            self.hide()
            action.trigger()


def _item(action: QAction) -> QListWidgetItem:
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    reason = action.statusTip() if not action.isEnabled() else ""
    behind = f"    {reason}" if reason else f"    {keys}" if keys else ""
    item = QListWidgetItem(action.text().replace("&", "") + behind)
    item.setData(_ACTION, action)
    item.setToolTip(action.toolTip())
    if not action.isEnabled():
        item.setForeground(Qt.GlobalColor.gray)
    return item
