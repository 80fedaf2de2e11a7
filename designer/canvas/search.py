"""The search box on the canvas: type a few letters, choose with the arrows, Enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QIcon, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from designer.theme import Theme

_WIDTH = 288
_ROWS = 9
_ROW = 28
_REFUSED = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to choose."""

    value: object
    text: str
    tip: str
    icon: QIcon
    refused: str = ""  # why it cannot be chosen, "" when it can


Rows = Callable[[str], Sequence[Row]]


class SearchBox(QFrame):
    """Shows what matches and tells what was chosen; gone on Esc or when the focus leaves."""

    chosen = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setFixedWidth(_WIDTH)
        self._rows: Rows = lambda _query: ()
        self.field = QLineEdit(self)
        self.field.setAccessibleName(self.tr("Search"))
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("What was found"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setIconSize(QSize(18, 18))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._none = QLabel(self.tr("Nothing fits these letters. Try a purpose, such as “smaller” or “classes”."), self)
        self._none.setProperty("role", "small")
        self._none.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        for part in (self.field, self.list, self._none):
            layout.addWidget(part)
        self.field.installEventFilter(self)
        self.field.textEdited.connect(self._fill)
        self.list.itemClicked.connect(self._choose)
        self.hide()

    def open(self, at: QPoint, rows: Rows, hint: str) -> None:
        """Show the box near a place of the parent, with what there is to choose."""
        self._rows = rows
        self.field.clear()
        self.field.setPlaceholderText(hint)
        self._fill("")
        self._move_to(at)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_box(self) -> None:
        """Hide the box."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            if event.reason() not in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
                self.close_box()
            return False
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Escape:
                self.close_box()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._choose(self.list.currentItem())
            case Qt.Key.Key_Down | Qt.Key.Key_Tab:
                self._step(1)
            case Qt.Key.Key_Up | Qt.Key.Key_Backtab:
                self._step(-1)
            case _:
                return False
        return True

    def _step(self, by: int) -> None:
        if self.list.count():
            self.list.setCurrentRow((self.list.currentRow() + by) % self.list.count())

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None and not item.data(_REFUSED):
            value = item.data(Qt.ItemDataRole.UserRole)
            self.close_box()
            self.chosen.emit(value)

    def _fill(self, query: str) -> None:
        self.list.clear()
        for row in self._rows(query):
            item = QListWidgetItem(row.icon, row.text)
            item.setData(Qt.ItemDataRole.UserRole, row.value)
            item.setToolTip(row.tip)
            if row.refused:
                item.setText(f"{row.text} — {row.refused}")
                item.setData(_REFUSED, row.refused)
                item.setForeground(QColor(Theme.current().faint))
            item.setSizeHint(QSize(0, _ROW))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        count = self.list.count()
        self.list.setVisible(count > 0)
        self._none.setVisible(count == 0)
        self.list.setFixedHeight(_ROW * max(1, min(count, self._rows_seen())) + 4)
        self.adjustSize()

    def _rows_seen(self) -> int:
        """How many rows there is room for under the field."""
        around = self.parentWidget() or self
        return max(2, min(_ROWS, (around.height() - self.field.sizeHint().height() - 48) // _ROW))

    def _move_to(self, at: QPoint) -> None:
        around = self.parentWidget() or self
        room = around.rect().adjusted(8, 8, -8, -8)
        x = max(room.left(), min(at.x(), room.right() - self.width()))
        y = max(room.top(), min(at.y(), room.bottom() - self.height()))
        self.move(x, y)
