"""The runs of the open project: the rows that the list and the table share, and what is done with a run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from designer.folds.page import FoldsPage
from designer.project import Project
from designer.runs.model import RunsModel
from designer.runs.page import RunsPage
from designer.runs.reader import RunsReader
from designer.runs.words import began
from designer.search.page import SearchPage
from designer.training.history import History
from runtime.errors import RunError
from runtime.files import ProjectError
from runtime.run_facts import epoch_events
from runtime.runs import Run, find_runs
from runtime.whole_drawing import put_drawing


class Shelf(QObject):
    """Finds the runs, has them read by a process, and keeps the curves of those that are laid over."""

    overlaid = Signal()
    deleted = Signal()
    reopened = Signal(str)  # what was done, for the window to say beside the canvas
    said = Signal(str, str)
    trial_chosen = Signal(object)  # the folder of a run that a search or a cross-validation trained

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.runs = RunsModel()
        self.reader = RunsReader(self.runs, self)
        self.page = RunsPage(self.runs)
        self.search = SearchPage(project)
        self.folds = FoldsPage(project)
        self._histories: dict[Path, tuple[int, History]] = {}
        self.runs.ticks_changed.connect(lambda _folders: self.overlaid.emit())
        self.page.reopens.connect(self.reopen)
        self.page.deleted.connect(self.deleted)
        self.page.said.connect(self.said)
        self.search.said.connect(self.said)
        self.search.chosen.connect(self._on_trial)
        self.folds.said.connect(self.said)
        self.folds.chosen.connect(self.trial_chosen)
        project.replaced.connect(self.search.look)
        project.replaced.connect(self.folds.look)

    def find(self) -> list[Run]:
        """The project's runs, oldest first; the rows follow."""
        path = self.project.path
        runs = find_runs(path) if path is not None and path.is_file() else []
        self.runs.show(runs)
        return runs

    def read(self, folder: Path | None = None) -> None:
        """Have one run read anew, or all."""
        path = self.project.path
        if folder is not None:
            self.reader.read(folder)
        elif path is not None and self.runs.folders:
            self.reader.read(path)

    def others(self, shown: Path | None) -> dict[str, History]:
        """The ticked runs but the one that is shown, by name; each is read again only when its file has grown."""
        return {began(folder): self._history(folder) for folder in self.runs.ticked() if folder != shown}

    def reopen(self, folder: Path) -> None:
        """Put the graph of a run on the canvas as one edit."""
        name = began(folder)
        try:
            graph = Run(folder).job.graph
        except (RunError, ProjectError) as error:
            self.said.emit(str(error), "error")
            return
        put_drawing(self.project.document, graph, self.tr("open the graph of run %s") % name)
        self.reopened.emit(self.tr("This is the graph of run %s as it was trained. Undo brings yours back.") % name)

    def close_down(self) -> None:
        """The window is closing."""
        self.reader.close_down()
        self.page.close_down()
        self.search.close_down()
        self.folds.close_down()

    def dress(self) -> None:
        """Take the colours of the program's appearance."""
        self.page.dress()
        self.search.dress()

    def _on_trial(self, folder: Path) -> None:
        """A trial's run may be new here."""
        self.find()
        self.read(folder)
        self.trial_chosen.emit(folder)

    def _history(self, folder: Path) -> History:
        run = Run(folder)
        try:
            size = run.events_file.stat().st_size
        except OSError:
            size = 0
        known = self._histories.get(folder)
        if known is None or known[0] != size:
            known = self._histories[folder] = (size, History.of(event for event, _ in epoch_events(run)))
        return known[1]
