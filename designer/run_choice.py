"""Choosing one of the project's trained runs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from designer.project import Project
from designer.training.runs_panel import title_of
from runtime.runs import Run, find_runs


class RunChoice(QComboBox):
    """The runs that have a checkpoint, newest first."""

    chosen = Signal(object)  # a Run, or None when there is none

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.setAccessibleName(self.tr("Run"))
        self.setToolTip(self.tr("Which trained run of this project"))
        self.setMinimumWidth(240)
        self.setPlaceholderText(self.tr("no trained run yet"))
        self.activated.connect(lambda _index: self.chosen.emit(self.run))

    @property
    def run(self) -> Run | None:
        """The chosen run."""
        folder = self.currentData()
        return Run(Path(folder)) if folder else None

    def refresh(self, wanted: Path | None = None) -> None:
        """List the runs anew; the wanted one, else the one chosen before, else the newest is chosen."""
        before = wanted or (Path(self.currentData()) if self.currentData() else None)
        self.clear()
        path = self.project.path
        for run in reversed(find_runs(path) if path is not None and path.is_file() else []):
            if has_best(run):
                self.addItem(title_of(run), str(run.folder))
        place = self.findData(str(before)) if before is not None else 0
        self.setCurrentIndex(max(0, place) if self.count() else -1)
        self.chosen.emit(self.run)


def has_best(run: Run) -> bool:
    """Whether the run has a best epoch that can be evaluated and exported."""
    return any((run.folder / "checkpoints").glob("best*.safetensors"))
