"""All cases in a table: sorted, filtered, chosen together with the tree, the charts and the viewer."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QAction, QColor, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from designer.data.cases import CaseBook
from designer.parts import counted, pixels
from designer.tables import text_of
from designer.theme import Theme
from runtime.data.catalogue import Sample

_Index = QModelIndex | QPersistentModelIndex


class CaseModel(QAbstractTableModel):
    """One row for each case that the filter lets through."""

    def __init__(self, book: CaseBook, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self.places: list[int] = []
        self._of_all = [self.tr("Case"), self.tr("Patient"), self.tr("Label"), self.tr("Part"), self.tr("Size (px)"),
                        self.tr("State")]  # fmt: skip
        self.headers = [*self._of_all]

    def show(self, words: str = "", only: frozenset[int] | None = None) -> None:
        """The cases in which all words occur, of these alone."""
        wanted = words.casefold().split()
        self.beginResetModel()
        self.headers = [*self._of_all, *self._book.columns]
        everything = range(len(self._book.samples))
        self.places = [place for place in everything if (only is None or place in only) and self._fits(place, wanted)]
        self.endResetModel()

    def _fits(self, place: int, wanted: list[str]) -> bool:
        if not wanted:
            return True
        said = " ".join(str(text) for text in self.row(place)).casefold()
        return all(word in said for word in wanted)

    def row(self, place: int) -> tuple[str | float | int | None, ...]:
        """The cells of a case."""
        book, sample = self._book, self._book.samples[place]
        state = [self.tr("left out")] if book.is_left_out(place) else []
        state += [self.tr("label by hand")] if book.is_mended(place) else []
        patient = book.names.patient(sample.patient) if sample.patient else ""
        size = pixels(sample.size)
        label = book.label_of(place)
        shown = self._drawn(sample) if label is None else label
        values = ("–" if math.isnan(value) else value for value in sample.values)
        return book.name_of(place), patient, shown, sample.part or "", size, ", ".join(state), *values

    def _drawn(self, sample: Sample) -> str:
        if sample.boxes is not None:
            return counted(len(sample.boxes), self.tr("box"))
        return self.tr("mask") if sample.mask else ""

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many cases are shown."""
        return 0 if parent.isValid() else len(self.places)

    def columnCount(self, _parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many columns there are."""
        return len(self.headers)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The names of the columns."""
        return (
            self.headers[section] if way is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole else None
        )

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell."""
        place = self.places[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                cell = self.row(place)[index.column()]
                taken = index.column() >= len(self._of_all)  # a number of a table, as it stands there
                return f"{cell:.10g}" if taken and isinstance(cell, float) else text_of(cell)
            case Qt.ItemDataRole.ForegroundRole:
                theme = Theme.current()
                if self._book.is_left_out(place):
                    return QColor(theme.faint)
                return QColor(theme.accent) if index.column() == 2 and self._book.is_mended(place) else None
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the cases by a column."""
        self.layoutAboutToBeChanged.emit()
        numbers = column == 4  # sizes by their area would surprise nobody, but names are compared as texts
        self.places.sort(
            key=lambda place: self._key(place, column, numbers), reverse=order is Qt.SortOrder.DescendingOrder
        )
        self.layoutChanged.emit()

    def _key(self, place: int, column: int, sizes: bool) -> tuple[Any, ...]:
        if sizes:
            return (tuple(self._book.samples[place].size),)
        if column in (0, 1) and not self._book.names.shown:  # numbers in the order of the names
            sample = self._book.samples[place]
            return (sample.patient, sample.path, sample.frame) if column else (sample.path, sample.frame)
        cell = self.row(place)[column]
        return (0, cell, "") if isinstance(cell, int | float) else (1, 0, str(cell).casefold())

    def csv(self) -> str:
        """What is shown, as CSV; names are numbers there too while they are hidden."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.headers)
        writer.writerows(self.row(place) for place in self.places)
        return text.getvalue()


class CaseTable(QTableView):
    """The cases; choosing rows chooses cases for everybody."""

    def __init__(self, book: CaseBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self._following = False
        self.cases = CaseModel(book, self)
        self.setModel(self.cases)
        self.setAccessibleName(self.tr("Cases"))
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        head = self.horizontalHeader()
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setStretchLastSection(True)
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate((104, 82, 112, 72, 92)):
            self.setColumnWidth(column, width)
        self.selectionModel().selectionChanged.connect(self._on_selection)
        book.chosen_changed.connect(self.follow)
        copy = QAction(self.tr("Copy chosen rows as CSV"), self)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def chosen(self) -> list[int]:
        """The cases of the chosen rows."""
        selection = self.selectionModel().selection()
        ranges = [selection.at(number) for number in range(selection.count())]
        rows = sorted({row for one in ranges for row in range(one.top(), one.bottom() + 1)})
        return [self.cases.places[row] for row in rows]

    def show_cases(self, words: str, only: frozenset[int] | None) -> None:
        """Other cases; what is chosen stays chosen where it is shown."""
        self._following = True
        self.cases.show(words, only)
        self.setColumnHidden(1, not any(sample.patient for sample in self._book.samples))
        self.setColumnHidden(2, bool(self._book.columns) and not self._book.is_labelled)
        self.setColumnHidden(3, not any(sample.part for sample in self._book.samples))
        self.setColumnHidden(4, bool(self._book.columns))  # rows of a table have no size
        if (column := self.horizontalHeader().sortIndicatorSection()) >= 0:
            self.cases.sort(column, self.horizontalHeader().sortIndicatorOrder())
        self._following = False
        self.follow()

    def follow(self) -> None:
        """Choose the rows of the cases that are chosen elsewhere."""
        if self._following:
            return
        self._following = True
        chosen = set(self._book.chosen)
        rows = [row for row, place in enumerate(self.cases.places) if place in chosen] if chosen else []
        wanted, last = QItemSelection(), self.cases.columnCount() - 1
        for first, end in _runs(rows):
            wanted.select(self.cases.index(first, 0), self.cases.index(end, last))
        self.selectionModel().select(wanted, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if rows:
            self.scrollTo(self.cases.index(rows[0], 0))
        self._following = False

    def copy(self) -> None:
        """The chosen rows to the clipboard, all where none is chosen."""
        chosen = set(self.chosen())
        lines = self.cases.csv().splitlines(keepends=True)
        kept = [line for place, line in zip(self.cases.places, lines[1:], strict=True) if not chosen or place in chosen]
        QGuiApplication.clipboard().setText(lines[0] + "".join(kept))

    def _on_selection(self) -> None:
        if not self._following:
            self._following = True
            self._book.choose(self.chosen())
            self._following = False


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    """First and last of each run of rows: many at once are chosen in few pieces."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
