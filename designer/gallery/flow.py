"""A layout that puts widgets in rows, as many in each as there is room for."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class Flow(QLayout):
    """Rows of widgets. With `least` they stand in equal columns, none narrower than that; without, each is as wide
    as it asks, and `centred` rows stand in the middle. A widget added as a line has a row for itself."""

    def __init__(self, gap: int = 8, least: int = 0, parent: QWidget | None = None, centred: bool = False) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._least = least
        self._centred = centred
        self._lines: set[QWidget] = set()
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def add_line(self, widget: QWidget) -> None:
        """Add a widget that has a row for itself, such as a title."""
        self._lines.add(widget)
        self.addWidget(widget)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._placed(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._placed(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        bound = [item for item in self._shown() if item.widget() not in self._lines]
        widest = max((item.minimumSize().width() for item in bound), default=0)
        tallest = max((item.minimumSize().height() for item in self._shown()), default=0)
        return QSize(min(self._least, widest) if self._least else widest, tallest)

    def columns(self, width: int) -> int:
        """How many equal columns fit into a width."""
        return max(1, (width + self._gap) // (self._least + self._gap)) if self._least else 1

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _placed(self, rect: QRect, move: bool) -> int:
        """Put the items in rows from the top of the rectangle; gives the height of all."""
        y = rect.y()
        for row in self._rows(rect.width()):
            taken = sum(width for _, width in row) + self._gap * (len(row) - 1)
            x, tall = rect.x() + (max(rect.width() - taken, 0) // 2 if self._centred else 0), 0
            for item, width in row:
                height = item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
                if move:
                    item.setGeometry(QRect(x, y, width, height))
                x += width + self._gap
                tall = max(tall, height)
            y += tall + self._gap
        return max(y - self._gap - rect.y(), 0)

    def _rows(self, room: int) -> list[list[tuple[QLayoutItem, int]]]:
        """The items with their widths, as many in each row as there is room for."""
        columns = self.columns(room)
        equal = (room - self._gap * (columns - 1)) // columns
        rows: list[list[tuple[QLayoutItem, int]]] = []
        free = 0
        for item in self._shown():
            width = equal if self._least else min(item.sizeHint().width(), room)
            width = room if item.widget() in self._lines else width
            if not rows or width > free:
                rows.append([])
                free = room
            rows[-1].append((item, width))
            free -= width + self._gap
        return rows
