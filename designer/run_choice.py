"""Choosing one of the project's trained runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from designer.beside import Beside
from designer.parts import label
from designer.project import Project
from designer.trained_runs import TrainedRun, trained_runs
from runtime.runs import Run


@dataclass(frozen=True)
class _Asked:
    """The runs of a project, and the run that has just ended, if that is why."""

    project: Path
    ended: Run | None


class RunChoice(QComboBox):
    """The runs that have a checkpoint, newest first. What the user chose stays until the user chooses another.

    The folders are read beside the window; until that is done, what was known before stays.
    """

    chosen = Signal(object)  # a Run, or None when there is none
    offered = Signal(object, bool)  # a Run that has ended, and whether it came to its end and is the chosen one

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.note = label("", "warning")  # that another run was chosen, for the workspace to show
        self.note.hide()
        self._by_hand = False
        self._runs: tuple[TrainedRun, ...] = ()
        self._ended: Run | None = None
        self._told: tuple[str, str] = ("", "")
        self.reader = Beside(_read, self)
        self.reader.came.connect(self._on_read)
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
        if self.project.path is not None and self.reader.reading:
            return self.tr("The runs of this project are still being read; wait a moment.")
        return self.tr("There is no trained run yet; train the project first.")

    def refresh(self) -> None:
        """List the runs anew; the one chosen before stays, else the newest that was trained to its end is chosen."""
        if self.project.path is None:
            self._show(())
        else:
            self.reader.ask(_Asked(self.project.path, self._ended))
        self._tell()

    def offer(self, run: Run) -> None:
        """A run has ended. One that was trained to its end is chosen, with a note, unless the user chose another.

        `offered` tells what came of it.
        """
        self._ended = run
        self.refresh()

    def close_down(self) -> None:
        """The window is closing."""
        self.reader.close_down()

    def _on_read(self, asked: _Asked, found: tuple[TrainedRun, ...]) -> None:
        if asked.project != self.project.path:
            return  # another project was opened meanwhile
        ended, before = asked.ended, self._known(self.run)
        self._show(found)
        if ended is None or ended is not self._ended:
            if (self._folder, self.why_none) != self._told:
                self._tell()
            return
        self._ended = None
        known = self._known(ended)
        finished = known is not None and known.finished
        if finished and not self._by_hand:
            self._choose(ended, before)
        self._tell()
        self.offered.emit(ended, finished and self._folder == str(ended.folder))

    def _show(self, runs: tuple[TrainedRun, ...]) -> None:
        before = self._folder
        if runs != self._runs:
            self._runs = runs
            self.clear()
            for run in runs:
                self.addItem(run.title, str(run.folder))
        self.setPlaceholderText(self.tr("choose a run") if runs else self.tr("no trained run yet"))
        finished = next((str(run.folder) for run in runs if run.finished), "")
        place = self.findData(before) if before else -1
        self.setCurrentIndex(place if place >= 0 else self.findData(finished))

    def _choose(self, run: Run, before: TrainedRun | None) -> None:
        self.setCurrentIndex(self.findData(str(run.folder)))
        if before is not None and before.folder != run.folder:
            text = self.tr("The run that has just finished is chosen now; before, it was %s.")
            self.note.setText(text % before.title)
            self.note.show()

    @property
    def _folder(self) -> str:
        return str(self.currentData() or "")

    def _known(self, run: Run | None) -> TrainedRun | None:
        return next((one for one in self._runs if run is not None and one.folder == run.folder), None)

    def _tell(self) -> None:
        self._told = (self._folder, self.why_none)
        self.chosen.emit(self.run)

    def _on_activated(self, _index: int) -> None:
        self._by_hand = True
        self.note.hide()
        self._tell()

    def _forget(self) -> None:
        """Another project was opened."""
        self._by_hand = False
        self._ended = None
        self.note.hide()
        self._show(())


def _read(asked: _Asked) -> tuple[TrainedRun, ...]:
    """On a thread of its own."""
    return trained_runs(asked.project)
