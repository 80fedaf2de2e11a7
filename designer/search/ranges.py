"""The ranges of a search as a table: every change of a cell is an edit of the project that undo takes back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from designer.project import Project
from runtime.ranges import Choice, Range
from runtime.search.space import current, proposed, range_faults, readable, searchable, title_of

_Index = QModelIndex | QPersistentModelIndex
_LOW, _HIGH, _SCALE = 2, 3, 4


class RangesModel(QAbstractTableModel):
    """A row for each range: what is searched, its present value, lowest and highest value or choices, the scale."""

    wrong = Signal(str)

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.project = project
        self._shown: tuple[Range, ...] = ()
        project.analysed.connect(lambda _analysis: self._follow())
        self._follow()

    @property
    def ranges(self) -> tuple[Range, ...]:
        """The ranges of the project."""
        return self.project.document.training.search

    def offered(self) -> dict[tuple[str, str], str]:
        """What can be searched and is not yet, with its title."""
        taken = {(one.node, one.setting) for one in self.ranges}
        known = searchable(self.project.document.graph())
        return {place: title for place, title in known.items() if place not in taken}

    def add(self, node_id: str, setting: str) -> None:
        """Search one more setting, around its present value."""
        graph = self.project.document.graph()
        self._put((*self.ranges, proposed(node_id, setting, graph)), self.tr("search one more setting"))

    def remove(self, rows: list[int]) -> None:
        """Search these settings no longer."""
        kept = tuple(one for row, one in enumerate(self.ranges) if row not in rows)
        self._put(kept, self.tr("search fewer settings"))

    def fault(self) -> str:
        """Why there is nothing to search yet."""
        return "" if self.ranges else self.tr("Choose a setting to search first.")

    # Qt's own

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many ranges there are."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many columns there are."""
        return 0 if parent.isValid() else 5

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The titles."""
        titles = (
            self.tr("Setting"),
            self.tr("Now"),
            self.tr("Lowest, or choices"),
            self.tr("Highest"),
            self.tr("Steps"),
        )
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return titles[section]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """The ends and choices are written in place; the scale is ticked."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        choice = self._shown[index.row()].kind == "choice"
        if index.column() == _LOW or (index.column() == _HIGH and not choice):
            flags |= Qt.ItemFlag.ItemIsEditable
        if index.column() == _SCALE and not choice:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a cell shows."""
        one, choice = self._shown[index.row()], self._shown[index.row()].kind == "choice"
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(one, index.column())
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == _SCALE and not choice:
            return Qt.CheckState.Checked if one.log else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tr("Double-click to write. Choices have commas between them.")
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Change an end, the choices or the scale."""
        one = self._shown[index.row()]
        try:
            if role == Qt.ItemDataRole.CheckStateRole:
                changed = replace(one, log=Qt.CheckState(value) is Qt.CheckState.Checked)
            elif one.kind == "choice":
                changed = replace(one, choices=tuple(_choice(part) for part in str(value).split(",") if part.strip()))
            else:
                number = float(str(value).replace(",", "."))
                changed = replace(one, low=number) if index.column() == _LOW else replace(one, high=number)
        except ValueError:
            self.wrong.emit(self.tr("“%s” is no number.") % value)
            return False
        for fault in range_faults(changed):
            self.wrong.emit(f"{title_of(one, self.project.document.graph())}: {fault}.")
            return False
        ranges = list(self.ranges)
        ranges[index.row()] = changed
        self._put(tuple(ranges), self.tr("change a range of the search"))
        return True

    def _text(self, one: Range, column: int) -> str:
        graph = self.project.document.graph()
        match column:
            case 0:
                return title_of(one, graph)
            case 1:
                return _now(one, graph)
            case 2:
                return ", ".join(map(readable, one.choices)) if one.kind == "choice" else f"{one.low:g}"
            case 3:
                return "" if one.kind == "choice" else f"{one.high:g}"
        return "" if one.kind == "choice" else self.tr("by order of magnitude")

    def _put(self, ranges: tuple[Range, ...], label: str) -> None:
        document = self.project.document
        with document.edit(label):
            document.train_with(replace(document.training, search=ranges))
        self._follow()

    def _follow(self) -> None:
        """Show the project's ranges; a cell that is being written must not lose its row under its editor."""
        if len(self.ranges) == len(self._shown):
            self._shown = self.ranges
            if self._shown:
                self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, self.columnCount() - 1))
            return
        self.beginResetModel()
        self._shown = self.ranges
        self.endResetModel()


def _now(one: Range, graph: Any) -> str:
    try:
        value = current(one.node, one.setting, graph)
    except (KeyError, StopIteration):
        return "–"
    return readable(value) if isinstance(value, bool | int | float | str) else str(value)


def _choice(text: str) -> Choice:
    """A choice as written: on, off, a number or a word."""
    word = text.strip()
    if word in ("on", "off"):
        return word == "on"
    try:
        value = json.loads(word)
    except ValueError:
        return word
    return value if isinstance(value, bool | int | float | str) else word
