"""The runs of a project: the one that is shown, and others laid over it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from designer.training.history import LOSSES, History, spoken_name
from runtime.events import Event
from runtime.runs import Run

_ROW = 22  # of each line
_MOST = 6
_FOLDER = Qt.ItemDataRole.UserRole
_WORDS = {"running": "running", "finished": "finished", "stopped": "stopped", "failed": "failed", "died": "broke off"}


class RunsPanel(QListWidget):
    """A row for each run, newest first. The chosen row is shown; ticked rows are laid over it."""

    chosen = Signal(object)  # the folder
    overlaid = Signal(object)  # the folders

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Runs of this project"))
        self.setToolTip(self.tr("Choose a run to see its curves; tick others to lay them over."))
        self.currentItemChanged.connect(self._on_current)
        self.itemChanged.connect(lambda _item: self.overlaid.emit(self.ticked()))

    def show_runs(self, runs: Sequence[Run], current: Path | None) -> None:
        """Show these runs, oldest first in the sequence."""
        ticked = self.ticked()
        self.blockSignals(True)
        self.clear()
        for run in reversed(runs):
            item = QListWidgetItem(title_of(run, "\n"))
            item.setData(_FOLDER, str(run.folder))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if run.folder in ticked else Qt.CheckState.Unchecked)
            item.setSizeHint(QSize(0, _ROW * (1 + item.text().count("\n"))))
            item.setToolTip(f"{title_of(run)}\n{run.folder}\n{run.reason}".strip())
            self.addItem(item)
            if run.folder == current:
                self.setCurrentItem(item)
        self.blockSignals(False)
        rows = [self.item(row).sizeHint().height() for row in range(min(_MOST, self.count()))]
        self.setFixedHeight((sum(rows) or _ROW) + 4)

    def ticked(self) -> list[Path]:
        """The folders of the runs that are laid over."""
        items = [self.item(row) for row in range(self.count())]
        return [Path(item.data(_FOLDER)) for item in items if item.checkState() is Qt.CheckState.Checked]

    def _on_current(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(Path(item.data(_FOLDER)))


def title_of(run: Run, between: str = " · ") -> str:
    """When the run began, how it stands, and `between` that and its best epoch with the main measure."""
    best = best_of(event for event, _ in run.events())
    return f"{began(run)} · {_WORDS[run.status]}" + (f"{between}{best}" if best else "")


def best_of(events: Iterable[Event]) -> str:
    """The best epoch with its first metric, or else its loss: "epoch 8 · validation accuracy 0.98"."""
    history = History.of(events)
    known = {name: value for name, value in history.best.items() if value is not None and name not in LOSSES}
    name = next((name for name in known if name.startswith("validation_")), "validation_loss")
    value = history.best.get(name)
    if not history.best_epoch:
        return ""
    return f"epoch {history.best_epoch}" + ("" if value is None else f" · {spoken_name(name)} {value:.3g}")


def began(run: Run) -> str:
    """When the run began, from its folder's name, or else the name itself."""
    try:
        moment = datetime.strptime(run.folder.name[:15], "%Y%m%d-%H%M%S")
    except ValueError:
        return run.folder.name
    return f"{moment:%d %b %H:%M:%S}" + run.folder.name[15:]
