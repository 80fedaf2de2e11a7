"""The Train workspace: the course of the run that is shown, other runs, and what keeps the project from training."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from designer.parts import Empty, row_of, scrolled
from designer.project import Project
from designer.training.blockers import blockers_of, why_not_train
from designer.training.charts import Charts
from designer.training.course_page import CoursePage
from designer.training.history import History
from designer.training.session import TrainingSession
from designer.training.shelf import Shelf
from designer.training.side import Side
from designer.training.silence import Silence
from designer.training.strip import Strip
from designer.training.views import Views
from designer.training.what_comes import what_comes
from runtime.analysis import Analysis
from runtime.errors import RunError
from runtime.events import Event, Failed, Finished, Started
from runtime.files import ProjectError
from runtime.problems import Problem
from runtime.runs import Run, default_run_folder

_REDRAW_MS = 50
_SIDE = 320  # pixels in which the fields of the settings show their words


class TrainingWorkspace(QWidget):
    """Follows one session; the worker goes on when the window closes."""

    said = Signal(str, str)
    goes_to_node = Signal(str)
    state_changed = Signal()  # a run began or ended, or the problems changed
    device_known = Signal(str)
    failed = Signal(object, object)  # how it ended, and the run
    trained = Signal(object)  # a run that ended with a checkpoint worth evaluating

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.session: TrainingSession | None = None
        self.shown: Run | None = None
        self.history = History()
        self.blockers: tuple[Problem, ...] = ()
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self.strip = Strip()
        self.silence = Silence()
        self.charts = Charts()
        self.shelf = Shelf(project, self)
        self.side = Side(project, self.shelf.runs)
        self.empty = Empty("", "")
        self._lay_out()
        self._connect()
        self.find_runs()
        self._on_analysed(project.analysis)

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setObjectName("training")
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(split)
        left = QWidget()
        split.addWidget(left)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(self.silence)
        self.course = CoursePage(self.project, self.charts, self.empty)
        self.pages = self.course.pages
        self.views = Views(self.course, self.shelf.page, self.shelf.search, self.shelf.folds)
        self.cases, self.layers = self.views.cases, self.views.layers
        views = row_of(self.views)
        views.setContentsMargins(16, 8, 16, 4)
        column.addLayout(views)
        column.addWidget(self.views.pages, 1)
        beside = scrolled(self.side)
        beside.setMinimumWidth(_SIDE)
        split.addWidget(beside)
        split.setSizes([1000, 380])
        split.setStretchFactor(0, 1)

    def _connect(self) -> None:
        self.strip.stop.clicked.connect(self.stop)
        self.strip.resume.clicked.connect(self.resume)
        self.side.runs.chosen.connect(self.show_run)
        self.shelf.page.chosen.connect(self.show_run)
        self.shelf.overlaid.connect(self.redraw)
        self.shelf.deleted.connect(self._on_deleted)
        self.shelf.said.connect(self.said)
        self.shelf.trial_chosen.connect(self.show_run)
        self.shelf.trial_chosen.connect(lambda: self.views.show_page("curves"))
        self.side.problems.chosen.connect(self.goes_to_node)
        self.course.coach.said.connect(self.said)
        self.views.changed.connect(self.redraw)
        self._redraw.timeout.connect(self.redraw)
        self.project.analysed.connect(self._on_analysed)
        self.project.replaced.connect(self.find_runs)
        self.project.devices.changed.connect(lambda: self._on_analysed(self.project.analysis))

    # Training

    @property
    def running(self) -> bool:
        """Whether a run is being trained."""
        return self.session is not None and not self.session.over

    def why_not_train(self) -> str:
        """The reason for which training cannot begin now, "" when it can."""
        if self.running:
            return self.tr("A training is running; stop it first.")
        return why_not_train(self.blockers)

    def start(self) -> None:
        """Train the project as it is now, in a folder beside its file; it must have one."""
        path = self.project.path
        if path is None or self.why_not_train():
            return
        try:
            session = TrainingSession.begin(self.project.document.graph(), default_run_folder(path), self)
        except (RunError, ProjectError) as error:
            self.said.emit(str(error), "error")
            return
        self._take(session)

    def resume(self) -> None:
        """Go on with the shown run after its last checkpoint."""
        if self.shown is None or self.running:
            return
        try:
            session = TrainingSession.resume(self.shown, self)
        except RunError as error:
            self.said.emit(str(error), "error")
            return
        self._take(session, History.of(event for event, _ in self.shown.events()))

    def stop(self) -> None:
        """Ask the training to stop; it keeps what it has learned."""
        if self.session is not None and self.running:
            self.session.stop()
            self.redraw()

    def find_runs(self) -> None:
        """Look for the project's runs; one that is still being trained is followed."""
        self._let_go()
        runs = self.shelf.find()
        self.shown, self.history = None, History()
        live = [run for run in runs if run.status == "running"]
        if live:
            self._take(TrainingSession(live[-1], self))
        elif runs:
            self.show_run(runs[-1].folder)
        self.side.show_current(self.shown)
        self.shelf.read()
        self.redraw()

    def show_run(self, folder: Path) -> None:
        """Show the curves of a run."""
        if self.session is not None and self.session.run.folder == folder:
            self.shown = self.session.run
        else:
            self.shown = Run(folder)
        self.history = History.of(event for event, _ in self.shown.events())
        self.side.show_current(self.shown)
        self.shelf.page.table.select(folder)
        self.redraw()

    def close_down(self) -> None:
        """The window is closing: the worker goes on."""
        self._let_go()
        self.shelf.close_down()
        self.views.close_down()

    def _take(self, session: TrainingSession, history: History | None = None) -> None:
        self._let_go()
        self.session, self.shown, self.history = session, session.run, history or History()
        self.history.end = None
        session.happened.connect(self._on_event)
        session.ended.connect(self._on_end)
        self.silence.follow(session)
        session.follow()
        self.shelf.find()
        self.shelf.read(session.run.folder)
        self.side.show_current(self.shown)
        self.redraw()
        self.state_changed.emit()

    def _let_go(self) -> None:
        if self.session is not None:
            self.session.let_go()
            self.silence.hide()
            self.session.deleteLater()
            self.session = None

    def _on_event(self, event: Event) -> None:
        if self.session is None or self.shown is None or self.shown.folder != self.session.run.folder:
            return  # another run is looked at; the events are read from its file when this one is chosen again
        self.history.take(event)
        if isinstance(event, Started):
            self.device_known.emit(event.device)
        if isinstance(event, Finished | Failed):
            self.redraw()
        elif not self._redraw.isActive():
            self._redraw.start()

    def _on_end(self, run: Run) -> None:
        self.shelf.read(run.folder)
        self.redraw()
        self.state_changed.emit()
        end = next((event for event, _ in reversed(run.events()) if isinstance(event, Finished | Failed)), None)
        end = end or self.history.end
        if isinstance(end, Failed):
            self.failed.emit(end, run)
        elif isinstance(end, Finished) and end.best_epoch:
            self.trained.emit(run)

    # Showing

    def redraw(self) -> None:
        """Bring everything up to date; so rarely that most of the window's time is left however long the curves are."""
        self._redraw.stop()
        began = time.monotonic()
        self._show_all()
        self._redraw.setInterval(max(_REDRAW_MS, round(3000 * (time.monotonic() - began))))

    def _show_all(self) -> None:
        if self.session is not None and self._shows_session():
            self.shelf.runs.follow(self.session.run.folder, self.history, self.running)
        running = self.running and self._shows_session()
        stopping = running and self.shown is not None and self.shown.asked_to_stop
        others = self.shelf.others(self.shown.folder if self.shown is not None else None)
        self.charts.show_history(self.history, others)
        self.pages.setCurrentWidget(self.charts if self.history.series or others else self.empty)
        self._say_what_comes()
        self.strip.setVisible(self.shown is not None)
        self.strip.show_history(self.history, running, stopping)
        self.strip.show_possible(running, stopping, self._why_not_resume())
        self.side.show_run(self.shown, self.history)
        self.course.coach.show_run(self.shown, self.history)
        self.views.show_run(self.shown.folder if self.shown is not None else None, self.history)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the program's appearance."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "charts"):
            self.charts.dress()
            self.views.dress()
            self.shelf.dress()
            self.side.show_problems(self.blockers)

    def _say_what_comes(self) -> None:
        running, drawn = self.running and self._shows_session(), bool(self.project.document.nodes)
        self.empty.say(*what_comes(self.history, self.shown, self.blockers, running=running, drawn=drawn))

    def _why_not_resume(self) -> str:
        if self.running:
            return self.tr("Another run is being trained; stop it first.")
        if self.shown is None or not self.shown.can_resume:
            return self.tr("This run has no checkpoint to go on from.")
        return self.tr("This run was trained to its last epoch.") if self.shown.status == "finished" else ""

    def _shows_session(self) -> bool:
        return self.session is not None and self.shown is not None and self.shown.folder == self.session.run.folder

    def _on_deleted(self) -> None:
        """The shown run may be gone; one that is being trained is not."""
        self.shelf.find()
        if self.shown is not None and not self.shown.folder.exists():
            self.find_runs()

    def _on_analysed(self, analysis: Analysis) -> None:
        self.blockers = blockers_of(analysis, self.project.devices.lack(self.project.document.training))
        self.side.show_problems(self.blockers)
        self._say_what_comes()
        self.state_changed.emit()
