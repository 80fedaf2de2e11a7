"""The tree of patients, studies, series, stacks and files, with a filter."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHeaderView, QTreeView, QVBoxLayout, QWidget

from designer.data.cases import CaseBook
from designer.data.search_field import search_field
from designer.data.tree_entries import Entry, entries_of, matching
from designer.parts import label
from designer.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_WAIT_MS = 150
_FEW = 24  # lines that are opened by themselves
_MEASURED = 100  # lines that the width of a column is made for
_ROLES = frozenset({
    Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.ForegroundRole, Qt.ItemDataRole.SizeHintRole,
})  # fmt: skip


class TreeModel(QAbstractItemModel):
    """Entries as Qt wants them; files are made when their series is opened."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._verdicts = {
            "use": self.tr("use"), "note": self.tr("use, with note"), "excluded": self.tr("not used")
        }  # fmt: skip
        self._top: list[Entry] = []
        self._parents: dict[int, tuple[Entry | None, int]] = {}  # id of an entry -> what it stands under, and where

    def show(self, entries: list[Entry]) -> None:
        """Other entries."""
        self.beginResetModel()
        self._top = entries
        self._parents = {}
        self._enter(None, entries)
        self.endResetModel()

    def entry(self, index: _Index) -> Entry:
        """The entry of a line."""
        found: Entry = index.internalPointer()
        return found

    def _enter(self, above: Entry | None, entries: list[Entry]) -> None:
        for row, entry in enumerate(entries):
            self._parents[id(entry)] = (above, row)
            self._enter(entry, entry.children)

    def _below(self, index: _Index) -> list[Entry]:
        return self.entry(index).children if index.isValid() else self._top

    def index(self, row: int, column: int, parent: _Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """The line below another."""
        below = self._below(parent)
        return self.createIndex(row, column, below[row]) if 0 <= row < len(below) else QModelIndex()

    def parent(self, index: _Index) -> QModelIndex:  # type: ignore[override]
        """The line above."""
        above = self._parents.get(id(self.entry(index)), (None, 0))[0] if index.isValid() else None
        return QModelIndex() if above is None else self.createIndex(self._parents[id(above)][1], 0, above)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many lines are below."""
        return 0 if parent.column() > 0 else len(self._below(parent))

    def columnCount(self, _parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Name and verdict."""
        return 2

    def hasChildren(self, parent: _Index = QModelIndex()) -> bool:  # noqa: B008
        """Whether it can be opened."""
        return bool(self._below(parent)) or (parent.isValid() and self.entry(parent).more is not None)

    def canFetchMore(self, parent: _Index) -> bool:
        """Whether lines are to be made below."""
        return parent.isValid() and self.entry(parent).more is not None

    def fetchMore(self, parent: _Index) -> None:
        """Make the lines below."""
        entry = self.entry(parent)
        more, entry.more = entry.more, None
        made = more() if more is not None else []
        if made:
            self.beginInsertRows(self.createIndex(parent.row(), 0, entry), 0, len(made) - 1)
            entry.children = made
            self._enter(entry, made)
            self.endInsertRows()

    def headerData(self, section: int, _way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The names of the columns."""
        titles = (self.tr("Patients and series"), self.tr("Verdict"))
        return titles[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, verdict and reason."""
        if role not in _ROLES:
            return None
        entry = self.entry(index)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                about = f"   {entry.about}" if entry.about else ""
                return entry.title + about if index.column() == 0 else self._verdict(entry)
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(self._said(entry))
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(self._said(entry))
            case Qt.ItemDataRole.ForegroundRole if index.column() == 1:
                theme = Theme.current()
                return QColor({"use": theme.good, "note": theme.warning}.get(entry.verdict, theme.muted))
            case Qt.ItemDataRole.SizeHintRole if index.column() == 0:
                return QSize(0, 24)
        return None

    def _said(self, entry: Entry) -> list[str]:
        why = " – ".join(part for part in (self._verdict(entry), entry.why) if part)
        return [part for part in (entry.title, entry.about, why) if part]

    def _verdict(self, entry: Entry) -> str:
        return self._verdicts.get(entry.verdict, "")


class DataTree(QWidget):
    """A filter above the tree; what is chosen is told."""

    picked = Signal(object)  # an Entry

    def __init__(self, book: CaseBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self.over = True  # no more is to come
        self.filter = search_field(self.tr("Filter: patient, kind, verdict, reason …"), self.tr("Filter of the tree"))
        self.model_ = TreeModel(self)
        self.tree = QTreeView()
        self.tree.setModel(self.model_)
        self.tree.setUniformRowHeights(True)
        self.tree.setIndentation(14)
        self.tree.setAccessibleName(self.tr("Patients, studies, series and files"))
        head = self.tree.header()
        head.setStretchLastSection(False)
        head.setResizeContentsPrecision(_MEASURED)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.nothing = label("", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part in (self.filter, self.nothing, self.tree):
            column.addWidget(part)
        self._wait = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._wait.timeout.connect(self.refresh)
        self.filter.textChanged.connect(lambda _text: self._wait.start())
        self.tree.selectionModel().currentChanged.connect(self._on_current)
        self._soon = QTimer(self, interval=0, singleShot=True)  # in a turn of its own: the other parts take theirs
        self._soon.timeout.connect(self.refresh)
        book.changed.connect(self._soon.start)
        book.names_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Make the tree anew, with what the filter lets through."""
        everything = entries_of(self._book)
        words = self.filter.text().strip()
        entries = matching(everything, words) if words else everything
        self.model_.show(entries)
        self._open(entries, QModelIndex(), 3 if words or _lines(entries, 2) <= _FEW else 1)
        empty = (
            self.tr("Nothing fits the filter.")
            if everything
            else self.tr("There are no images here.")
            if self.over and self._book.found is not None
            else self.tr("The series appear here when the headers are read.")
        )
        self.nothing.setText("" if entries else empty)
        self.nothing.setVisible(not entries)

    def _open(self, entries: list[Entry], above: QModelIndex, depth: int) -> None:
        """Open what stands there already; files are made when their series is opened by hand."""
        for row, entry in enumerate(entries):
            if entry.children and depth and entry.level != "group":
                line = self.model_.index(row, 0, above)
                self.tree.setExpanded(line, True)
                self._open(entry.children, line, depth - 1)

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.picked.emit(self.model_.entry(index))


def _lines(entries: list[Entry], depth: int) -> int:
    return len(entries) + (sum(_lines(entry.children, depth - 1) for entry in entries) if depth else 0)
