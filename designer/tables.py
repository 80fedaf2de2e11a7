"""Plain tables: sorted by a click, copied as CSV, saved as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Self

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QAction, QColor, QGuiApplication, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from designer.theme import Theme


class Short(str):
    """A cell that reads short; its tooltip and the copied table hold it in full. A number in full stands right."""

    full: str | float

    def __new__(cls, text: str, full: str | float) -> Self:
        """`text` is what the cell shows."""
        made = super().__new__(cls, text)
        made.full = full
        return made


Cell = str | int | float | None
Row = Sequence[Cell]
_Index = QModelIndex | QPersistentModelIndex
SHARE = Qt.ItemDataRole.UserRole + 1
_ROOM = 24  # what a column is wider than its words
_WRAPPED = 1000  # rows whose sentences are wrapped
_LEADING = 8  # what a row is higher than its words
_LAST = 16  # letters that a last column of sentences has room for, at least
_MEASURED = 60  # rows that a column's width is taken from


class RowsModel(QAbstractTableModel):
    """Rows of cells under headers; numbers stand right."""

    def __init__(self, headers: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.headers = list(headers)
        self.rows: list[Row] = []
        self.bar_columns: frozenset[int] = frozenset()

    def show(self, rows: Sequence[Row], headers: Sequence[str] | None = None) -> None:
        """Put these rows in the place of the old."""
        self.beginResetModel()
        self.headers = list(headers) if headers is not None else self.headers
        self.rows = list(rows)
        self.endResetModel()

    def append(self, rows: Sequence[Row]) -> None:
        """Put these rows below the others."""
        count = len(self.rows)
        self.beginInsertRows(QModelIndex(), count, count + len(rows) - 1)
        self.rows += rows
        self.endInsertRows()

    def holds_numbers(self, column: int) -> bool:
        """Whether the first known cell of a column is a number."""
        known = (full_of(row[column]) for row in self.rows[:_MEASURED] if row[column] is not None)
        return isinstance(next(known, None), int | float)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many columns there are."""
        return 0 if parent.isValid() else len(self.headers)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The name of a column."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.headers[section]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(self.holds_numbers(section))
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's text, place and share of the column's largest."""
        cell = self.rows[index.row()][index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return text_of(cell)
            case Qt.ItemDataRole.ToolTipRole:
                return str(full_of(cell)) if isinstance(cell, Short) else text_of(cell)
            case Qt.ItemDataRole.TextAlignmentRole:
                right = self.holds_numbers(index.column()) if cell is None else isinstance(full_of(cell), int | float)
                return _side(right)
        if role == SHARE and index.column() in self.bar_columns and isinstance(cell, int | float):
            largest = max(abs(float(row[index.column()] or 0)) for row in self.rows)
            return abs(cell) / largest if largest else 0.0
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the rows by a column."""
        self.layoutAboutToBeChanged.emit()
        self.rows.sort(key=lambda row: _key(row[column]), reverse=order is Qt.SortOrder.DescendingOrder)
        self.layoutChanged.emit()

    def csv(self) -> str:
        """The whole table as CSV."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.headers)
        writer.writerows(["" if cell is None else full_of(cell) for cell in row] for row in self.rows)
        return text.getvalue()


class RowsTable(QTableView):
    """Shows rows; `bar` names a column whose numbers are drawn as bars as well. With `wrapped` cells take as many
    lines as their words need, as far as they stand in the first rows of a long table."""

    model_type: type[RowsModel] = RowsModel

    def __init__(
        self, headers: Sequence[str], name: str, bar: int = -1, parent: QWidget | None = None, wrapped: bool = False
    ) -> None:
        super().__init__(parent)
        self._fitted = False
        self._wrap = QTimer(self, interval=0, singleShot=True)
        self._wrap.timeout.connect(self._fit_rows)
        self.content = self.model_type(headers, self)
        self.content.bar_columns = frozenset([bar] if bar >= 0 else [])
        self.setModel(self.content)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setStyleSheet("QTableView::item { padding: 0 6px; } QAbstractScrollArea::corner { border: none; }")
        self.setWordWrap(wrapped)
        if wrapped:
            header = self.horizontalHeader()
            for changed in (self.content.modelReset, self.content.layoutChanged, header.sectionResized):
                changed.connect(lambda *_: self._wrap.start())
            self.content.rowsInserted.connect(lambda _parent, first, last: self._fit_rows(first, last + 1))
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setResizeContentsPrecision(_MEASURED)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(26)
        if bar >= 0:
            self.setItemDelegateForColumn(bar, BarDelegate(self))
        copy = QAction(self.tr("Copy table as CSV"), self)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def show_rows(self, rows: Sequence[Row], headers: Sequence[str] | None = None) -> None:
        """Put these rows in the place of the old, and fit the columns."""
        self.content.show(rows, headers)
        self.resizeColumnsToContents()
        widest, last = max(120, self.viewport().width() // 2), self.content.columnCount() - 1
        stretched = last in self.content.bar_columns or not self.content.holds_numbers(last)
        self.horizontalHeader().setStretchLastSection(stretched)  # a number would stand far from the others
        for column in range(last if stretched else last + 1):
            self.setColumnWidth(column, min(self.columnWidth(column) + 24, widest))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)

    def _fit_rows(self, first: int = 0, end: int = _WRAPPED) -> None:
        """As many lines for each row as its longest cell takes."""
        words, least = self.fontMetrics(), self.verticalHeader().defaultSectionSize()
        rooms = [QRect(0, 0, self.columnWidth(place) - _ROOM, 10_000) for place in range(self.content.columnCount())]
        for row, cells in enumerate(self.content.rows[first : min(end, _WRAPPED)], start=first):
            told = zip(rooms, map(text_of, cells), strict=True)
            high = max(words.boundingRect(room, Qt.TextFlag.TextWordWrap, text).height() for room, text in told)
            self.setRowHeight(row, max(least, high + _LEADING))

    def fit_columns(self) -> None:
        """Each but the last as wide as its words, so that many are seen at once; where cells can take several lines,
        no wider than leaves the last its room, also after the table has changed its size."""
        words = self.fontMetrics()
        wanted = []
        for column, head in enumerate(self.content.headers[:-1]):
            cells = (text_of(row[column]) for row in self.content.rows)
            wanted.append(max(words.horizontalAdvance(text) for text in (head, *cells)) + _ROOM)
        self._fitted = self.wordWrap()
        if self._fitted:
            wanted = _narrowed(wanted, self.viewport().width() - _LAST * words.averageCharWidth() - _ROOM)
        for column, width in enumerate(wanted):
            self.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns that fitted go on to."""
        super().resizeEvent(event)
        if self._fitted:
            self.fit_columns()

    def fit_height(self, most: int = 8) -> None:
        """As high as its rows, up to so many."""
        rows = max(1, min(most, self.content.rowCount()))
        widths = sum(self.columnWidth(column) for column in range(self.content.columnCount() - 1))
        bar = 12 if widths + 60 > self.viewport().width() else 0
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows * 26 + bar)

    def copy(self) -> None:
        """The whole table to the clipboard, as CSV."""
        QGuiApplication.clipboard().setText(self.content.csv())


class BarDelegate(QStyledItemDelegate):
    """Draws a number with a bar beside it, as long as its share of the largest."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """The bar, then the number over it."""
        share, theme = index.data(SHARE), Theme.current()
        box: QRectF = QRectF(option.rect)
        if isinstance(share, float) and share > 0:
            room = max(0.0, box.width() - 72)
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            painter.drawRoundedRect(QRectF(box.left() + 4, box.center().y() - 4, max(2.0, room * share), 8), 3, 3)
            painter.restore()
        super().paint(painter, option, index)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Room for the bar."""
        return super().sizeHint(option, index) + QSize(140, 0)


def text_of(cell: Cell) -> str:
    """A cell for reading: thousands apart, four significant digits, – for what could not be computed."""
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:.4g}"
    return f"{cell:,}".replace(",", " ") if isinstance(cell, int) else cell


def _narrowed(wanted: Sequence[int], room: int) -> list[int]:
    """Widths that fit into the room: the widest give up theirs first."""
    for place, width in enumerate(sorted(wanted)):
        share = room // (len(wanted) - place)
        if width > share:
            return [min(one, max(share, _ROOM)) for one in wanted]
        room -= width
    return list(wanted)


def _side(right: bool) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)


def full_of(cell: Cell) -> Cell:
    """What a cell stands for: a short one in full."""
    return cell.full if isinstance(cell, Short) else cell


def _key(short: Cell) -> tuple[int, float, str]:
    cell = full_of(short)
    if isinstance(cell, int | float):
        return (0, float(cell), "")
    return (1, 0.0, cell.casefold()) if isinstance(cell, str) else (2, 0.0, "")
