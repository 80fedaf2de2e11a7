"""The runs of a project: the one that is shown, and others laid over it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from runtime.runs import Run

_ROW = 26
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
            item = QListWidgetItem(title_of(run))
            item.setData(_FOLDER, str(run.folder))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if run.folder in ticked else Qt.CheckState.Unchecked)
            item.setSizeHint(QSize(0, _ROW))
            item.setToolTip(f"{run.folder}\n{run.reason}".strip())
            self.addItem(item)
            if run.folder == current:
                self.setCurrentItem(item)
        self.blockSignals(False)
        self.setFixedHeight(max(1, min(8, self.count())) * _ROW + 4)

    def ticked(self) -> list[Path]:
        """The folders of the runs that are laid over."""
        items = [self.item(row) for row in range(self.count())]
        return [Path(item.data(_FOLDER)) for item in items if item.checkState() is Qt.CheckState.Checked]

    def _on_current(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(Path(item.data(_FOLDER)))


def title_of(run: Run) -> str:
    """When the run began and how it stands."""
    return f"{began(run)} · {_WORDS[run.status]}"


def began(run: Run) -> str:
    """When the run began, from its folder's name, or else the name itself."""
    try:
        moment = datetime.strptime(run.folder.name[:15], "%Y%m%d-%H%M%S")
    except ValueError:
        return run.folder.name
    return f"{moment:%d %b %H:%M:%S}" + run.folder.name[15:]
