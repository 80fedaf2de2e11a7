"""The command palette: every command by name, reached with a few letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QAction, QColor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from designer.actions import fuzzy
from designer.theme import Theme

_WIDTH, _HEIGHT = 640, 420
_KEYS = 216  # the width of the second column; a longer reason is cut there and whole in the tooltip
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
        self.list = QTreeWidget()
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        self.list.header().resizeSection(1, _KEYS)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
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
        self.resize(min(_WIDTH, window.width() - 32), min(_HEIGHT, window.height() - 80))
        self.move(window.mapToGlobal(QPoint((window.width() - self.width()) // 2, 64)))
        self.show()
        self.search.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list while the search field keeps the focus."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            key = Qt.Key(event.key())
            if key in steps:
                row = self.list.currentIndex().row() + steps[key]
                self._mark(max(0, min(self.list.topLevelItemCount() - 1, row)))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _fill(self, wanted: str) -> None:
        self.list.clear()
        ranked = [(fuzzy(wanted, action.text().partition("\t")[0]), action) for action in self._actions()]
        fits = [(cost, action) for cost, action in ranked if cost is not None]
        for _, action in sorted(fits, key=lambda one: one[0]):
            self.list.addTopLevelItem(_item(action))
        self._mark(0)

    def _mark(self, row: int) -> None:
        item = self.list.topLevelItem(row)
        if item is not None:
            self.list.setCurrentItem(item)

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        if item is None:
            return
        action: QAction = item.data(0, _ACTION)
        if action.isEnabled():
            self.hide()
            action.trigger()


def _item(action: QAction) -> QTreeWidgetItem:
    title, _, shown_keys = action.text().replace("&", "").partition("\t")
    keys = shown_keys or action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    reason = "" if action.isEnabled() else action.statusTip()
    item = QTreeWidgetItem([title, reason or keys])
    item.setData(0, _ACTION, action)
    item.setSizeHint(0, QSize(0, 26))
    for column in (0, 1):
        item.setToolTip(column, reason or title)
        if column or reason:
            item.setForeground(column, QColor(Theme.current().muted if not reason else Theme.current().faint))
    return item
