"""The runs of a project beside the curves: the one that is shown, and others laid over it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Signal
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from designer.runs.model import TITLE, RunsModel
from designer.runs.words import WORDS, began, main_metric
from designer.training.history import History, spoken_name
from runtime.errors import RunError
from runtime.events import Event
from runtime.files import ProjectError
from runtime.run_facts import names_of_losses
from runtime.runs import Run

_ROW = 22  # of each line
_MOST = 6
_NEW_LINE = "\u2028"  # what Qt breaks lines at
_Index = QModelIndex | QPersistentModelIndex


class RunsPanel(QListView):
    """A row for each run, newest first. The chosen row is shown; ticked rows are laid over it."""

    chosen = Signal(object)  # the folder

    def __init__(self, runs: RunsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = runs
        self.setModel(runs)
        self.setItemDelegate(_Titles(self))
        self.setAccessibleName(self.tr("Runs of this project"))
        self.setToolTip(self.tr("Choose a run to see its curves; tick others to lay them over."))
        self.selectionModel().currentChanged.connect(self._on_current)
        runs.modelReset.connect(self._fit)
        runs.dataChanged.connect(lambda *_: self._fit())
        self._fit()

    def show_current(self, folder: Path | None) -> None:
        """Mark the row of the run that is shown."""
        self.blockSignals(True)
        self.setCurrentIndex(self.runs.index_of(folder) if folder is not None else QModelIndex())
        self.blockSignals(False)

    def _fit(self) -> None:
        rows = [self.sizeHintForRow(row) for row in range(min(_MOST, self.runs.rowCount()))]
        self.setFixedHeight((sum(rows) or _ROW) + 4)

    def _on_current(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid() and not self.signalsBlocked():
            self.chosen.emit(self.runs.folder_at(index))


class _Titles(QStyledItemDelegate):
    """A row in two lines: when the run began and how it stands; its best epoch."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        """The title in the place of the table's cell."""
        super().initStyleOption(option, index)
        option.text = str(index.data(TITLE)).replace("\n", _NEW_LINE)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """As high as its lines."""
        return QSize(0, _ROW * (1 + str(index.data(TITLE)).count("\n")))


def title_of(run: Run, between: str = " · ") -> str:
    """When the run began, how it stands, and `between` that and its best epoch with the main measure."""
    best = best_of((event for event, _ in run.events()), _losses(run))
    return f"{began(run.folder)} · {WORDS[run.status]}" + (f"{between}{best}" if best else "")


def _losses(run: Run) -> frozenset[str]:
    try:
        return names_of_losses(run.job.graph)
    except (RunError, ProjectError):  # its events still tell of it
        return frozenset()


def best_of(events: Iterable[Event], losses: Collection[str] = ()) -> str:
    """The best epoch with its first metric that is none of the `losses`, or else the loss: "epoch 8 · validation
    accuracy 0.98"."""
    history = History.of(events)
    name = main_metric({name: value for name, value in history.best.items() if name not in losses})
    value = history.best.get(name)
    if not history.best_epoch:
        return ""
    return f"epoch {history.best_epoch}" + ("" if value is None else f" · {spoken_name(name)} {value:.3g}")
