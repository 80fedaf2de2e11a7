"""The runs of the project as rows: what is known of each, and which are ticked. Read by a process, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal

from designer.runs.words import COLUMNS, main_metric, side_of, sort_key, text_of, title_of_facts
from designer.training.history import History, spoken_name
from runtime.errors import RunError
from runtime.run_facts import RunFacts
from runtime.run_notes import Notes, tidy_tags, write_notes
from runtime.runs import Run

FOLDER = Qt.ItemDataRole.UserRole
SORT = Qt.ItemDataRole.UserRole + 1
TITLE = Qt.ItemDataRole.UserRole + 2
_EDITED = {"tags", "note"}
_Index = QModelIndex | QPersistentModelIndex


class RunsModel(QAbstractTableModel):
    """A row for each run. What is not read yet shows the run's name alone."""

    ticks_changed = Signal(object)  # the folders that are ticked
    read = Signal(object)  # RunFacts of a run that was read
    failed = Signal(str)  # why a note could not be kept

    def __init__(self) -> None:
        super().__init__()
        self.folders: list[Path] = []
        self.facts: dict[Path, RunFacts] = {}
        self._ticked: set[Path] = set()

    def show(self, runs: Sequence[Run]) -> None:
        """Show these runs, oldest first in the sequence; what is known of them stays."""
        folders = [run.folder for run in reversed(runs)]
        if folders == self.folders:
            return
        self.beginResetModel()
        self.folders = folders
        self.facts = {folder: facts for folder, facts in self.facts.items() if folder in folders}
        gone = self._ticked - set(folders)
        self._ticked -= gone
        self.endResetModel()
        if gone:
            self.ticks_changed.emit(self.ticked())

    def take(self, facts: RunFacts) -> None:
        """A run was read."""
        folder = Path(facts.run)
        if folder in self.folders:
            self.facts[folder] = facts
            self._tell(folder)
            self.read.emit(facts)

    def follow(self, folder: Path, history: History, running: bool) -> None:
        """What the events of a run told that is being trained."""
        known = self.facts.get(folder)
        if known is None:
            return
        name = known.metric if known.metric in history.best else main_metric(history.best)
        self.facts[folder] = replace(
            known, status="running" if running else known.status, epochs=history.done, planned=history.epochs,
            best_epoch=history.best_epoch, metric=name, value=history.best.get(name), metrics=history.best,
            loss=history.best.get("validation_loss"), device=history.device or known.device,
        )  # fmt: skip
        self._tell(folder)

    def ticked(self) -> list[Path]:
        """The folders of the ticked runs, newest first."""
        return [folder for folder in self.folders if folder in self._ticked]

    def tick(self, folder: Path, on: bool) -> None:
        """Tick a run or no longer."""
        if (folder in self._ticked) == on or folder not in self.folders:
            return
        (self._ticked.add if on else self._ticked.discard)(folder)
        self._tell(folder)
        self.ticks_changed.emit(self.ticked())

    def untick_all(self) -> None:
        """Tick none."""
        for folder in self.ticked():
            self._ticked.discard(folder)
            self._tell(folder)
        self.ticks_changed.emit([])

    def folder_at(self, index: _Index) -> Path:
        """The run of a row."""
        return self.folders[index.row()]

    def index_of(self, folder: Path) -> QModelIndex:
        """The row of a run."""
        return self.index(self.folders.index(folder), 0) if folder in self.folders else QModelIndex()

    def note(self, folder: Path, notes: Notes) -> bool:
        """Keep tags and a note of a run."""
        try:
            write_notes(folder, notes)
        except RunError as error:
            self.failed.emit(str(error))
            return False
        if folder in self.facts:
            self.facts[folder] = replace(self.facts[folder], tags=tidy_tags(notes.tags), note=notes.note)
            self._tell(folder)
        return True

    # Qt's own

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many runs there are."""
        return 0 if parent.isValid() else len(self.folders)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The title of a column and what it means."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        title, tip = self._titles()[COLUMNS[section]]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return title
            case Qt.ItemDataRole.ToolTipRole:
                return tip
            case Qt.ItemDataRole.TextAlignmentRole:
                return side_of(COLUMNS[section])
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """The first column is ticked; tags and notes are written in place."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        column = COLUMNS[index.column()]
        if column == "run":
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        if column in _EDITED and self.folder_at(index) in self.facts:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a cell shows, sorts by and explains."""
        folder, column = self.folder_at(index), COLUMNS[index.column()]
        facts = self.facts.get(folder)
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return text_of(folder, facts, column)
            case Qt.ItemDataRole.CheckStateRole if column == "run":
                return Qt.CheckState.Checked if folder in self._ticked else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(folder, facts, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return side_of(column)
            case _ if role == FOLDER:
                return str(folder)
            case _ if role == SORT:
                return sort_key(folder, facts, column)
            case _ if role == TITLE:
                return title_of_facts(folder, facts)
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick a run, or write tags and a note."""
        folder, column = self.folder_at(index), COLUMNS[index.column()]
        if role == Qt.ItemDataRole.CheckStateRole and column == "run":
            self.tick(folder, Qt.CheckState(value) is Qt.CheckState.Checked)
            return True
        facts = self.facts.get(folder)
        if role != Qt.ItemDataRole.EditRole or column not in _EDITED or facts is None:
            return False
        tags = tidy_tags(str(value).split(",")) if column == "tags" else facts.tags
        return self.note(folder, Notes(tags, str(value) if column == "note" else facts.note))

    def _tell(self, folder: Path) -> None:
        row = self.folders.index(folder)
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def _tip(self, folder: Path, facts: RunFacts | None, column: str) -> str:
        if facts is None:
            return str(folder)
        if column == "best" and facts.metrics:
            named = [f"{spoken_name(name)} {value:.4g}" for name, value in facts.metrics.items() if value is not None]
            return self.tr("Best epoch %s:") % facts.best_epoch + "\n" + "\n".join(named)
        if column in ("run", "state"):
            return "\n".join(filter(None, [title_of_facts(folder, facts), str(folder), facts.reason, facts.problem]))
        return text_of(folder, facts, column)

    def _titles(self) -> Mapping[str, tuple[str, str]]:
        return {
            "run": (self.tr("Run"), self.tr("When it was begun. Tick runs to compare them.")),
            "state": (self.tr("State"), self.tr("How the run stands.")),
            "best": (self.tr("Best"), self.tr("The first metric of the validation part in the best epoch.")),
            "loss": (self.tr("Loss"), self.tr("The validation loss in the best epoch.")),
            "epochs": (self.tr("Epochs"), self.tr("How many epochs were trained, of how many.")),
            "parameters": (self.tr("Parameters"), self.tr("How many numbers the network learned.")),
            "multiply_adds": (self.tr("Multiply-adds"), self.tr("What one case costs to compute.")),
            "time": (self.tr("Time"), self.tr("How long it was trained.")),
            "device": (self.tr("Device"), self.tr("Where it was computed.")),
            "size": (self.tr("Size"), self.tr("What the run folder takes on the disk.")),
            "tags": (self.tr("Tags"), self.tr("Words of your own, with commas between them: double-click to write.")),
            "note": (self.tr("Note"), self.tr("A remark of your own: double-click to write.")),
        }


class SortedRuns(QSortFilterProxyModel):
    """The runs in the order of a column; what is not known stands last, whichever way it is sorted."""

    def __init__(self, runs: RunsModel) -> None:
        super().__init__()
        self.setSourceModel(runs)
        self.setSortRole(SORT)

    def lessThan(self, left: _Index, right: _Index) -> bool:
        """Compare two cells."""
        source = self.sourceModel()
        one, other = source.data(left, SORT), source.data(right, SORT)
        if one is None or other is None:
            falling = self.sortOrder() is Qt.SortOrder.DescendingOrder
            return (one is None and other is not None) == falling and one is not other
        return bool(one < other)
