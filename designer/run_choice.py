"""Choosing one of the project's trained runs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from designer.parts import label
from designer.project import Project
from designer.training.runs_panel import title_of
from runtime.runs import Run, find_runs


class RunChoice(QComboBox):
    """The runs that have a checkpoint, newest first. What the user chose stays until the user chooses another."""

    chosen = Signal(object)  # a Run, or None when there is none

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.note = label("", "warning")  # that another run was chosen, for the workspace to show
        self.note.hide()
        self._by_hand = False
        self.setAccessibleName(self.tr("Run"))
        self.setToolTip(self.tr("Which trained run of this project"))
        self.setMinimumWidth(240)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.activated.connect(self._on_activated)
        project.replaced.connect(self._forget)

    @property
    def run(self) -> Run | None:
        """The chosen run."""
        folder = self.currentData()
        return Run(Path(folder)) if folder else None

    @property
    def why_none(self) -> str:
        """Why no run is chosen, and what to do; "" when one is."""
        if self.run is not None:
            return ""
        if self.count():
            return self.tr("Choose a run first: none of them was trained to its end.")
        return self.tr("There is no trained run yet; train the project first.")

    def refresh(self) -> None:
        """List the runs anew; the one chosen before stays, else the newest that was trained to its end is chosen."""
        before = self.currentData()
        self.clear()
        path = self.project.path
        runs = [run for run in find_runs(path) if has_best(run)] if path is not None and path.is_file() else []
        for run in reversed(runs):
            self.addItem(title_of(run), str(run.folder))
        finished = next((str(run.folder) for run in reversed(runs) if run.status == "finished"), "")
        place = self.findData(before) if before else -1
        self.setPlaceholderText(self.tr("choose a run") if runs else self.tr("no trained run yet"))
        self.setCurrentIndex(place if place >= 0 else self.findData(finished))
        self.chosen.emit(self.run)

    def offer(self, run: Run) -> bool:
        """A run has ended. One that was trained to its end is chosen, with a note, unless the user chose another.

        Gives whether it is the chosen one now.
        """
        before = self.run
        if run.status == "finished" and not self._by_hand and has_best(run):
            self._choose(run, before)
        self.refresh()
        return self.run is not None and self.run.folder == run.folder

    def _choose(self, run: Run, before: Run | None) -> None:
        if self.findData(str(run.folder)) < 0:
            self.insertItem(0, title_of(run), str(run.folder))
        self.setCurrentIndex(self.findData(str(run.folder)))
        if before is not None and before.folder != run.folder:
            self.note.setText(self.tr("The run that has just finished is chosen now; before, it was %s.")
                              % title_of(before))  # fmt: skip
            self.note.show()

    def _on_activated(self, _index: int) -> None:
        self._by_hand = True
        self.note.hide()
        self.chosen.emit(self.run)

    def _forget(self) -> None:
        """Another project was opened."""
        self._by_hand = False
        self.note.hide()
        self.clear()


def has_best(run: Run) -> bool:
    """Whether the run has a best epoch that can be evaluated and exported."""
    return any((run.folder / "checkpoints").glob("best*.safetensors"))
