"""The page of a cross-validation: how the cases are divided, the folds as they are trained, and the pooled results."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from designer.folds.pooled_panel import PooledPanel
from designer.folds.question import Question
from designer.folds.session import FoldSession
from designer.folds.words import fold_headers, fold_rows, how_far, where_it_stands
from designer.moving_bar import MovingBar
from designer.parts import Empty, button, label, row_of, set_possible
from designer.project import Project
from designer.tables import RowsTable
from designer.training.blockers import blockers_of, why_not_train
from runtime.errors import RunError
from runtime.evaluation.fold_queue import FoldQueue, Standing, begin_queue, find_queues
from runtime.files import ProjectError

_BAR, _BAR_HEIGHT = 160, 16
_ROW = 26


class FoldsPage(QWidget):
    """Follows one queue of the project, the newest at first."""

    said = Signal(str, str)
    chosen = Signal(object)  # the folder of a fold's run
    wants_results = Signal(object)  # the folder with a pooled record, to be shown in full

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.session: FoldSession | None = None
        self.standing = Standing()
        self._stopping = False
        self.question = Question()
        self.start = button(self.tr("Cross-validate"), primary=True)
        self.more, self.stop = button(self.tr("Go on")), button(self.tr("Stop"))
        self.open_other = button(self.tr("Open folds …"), self.tr(
            "Show the folds of another folder: earlier ones of this project, or those that “netloom folds” made"))
        self.facts, self.bar = label("", "muted"), MovingBar()
        self.bar.setFixedSize(_BAR, _BAR_HEIGHT)
        self.folds = RowsTable((), self.tr("Folds"))
        self.pooled = PooledPanel()
        self.empty = Empty(self.tr("No cross-validation yet"), self.tr(
            "The project is trained several times, each time on other cases, so that each case is judged once by a "
            "network that has not seen it. Choose how the cases are divided, then press Cross-validate."
        ))  # fmt: skip
        self._lay_out()
        self._connect()
        self.look()

    def look(self) -> None:
        """Look for the project's queues; the newest is shown."""
        self._let_go()
        path = self.project.path
        found = find_queues(path) if path is not None and path.is_file() else []
        if found:
            self._follow(found[-1])
        self._refresh()

    def begin(self) -> None:
        """Begin a queue for the project as it is now."""
        self.project.settling.emit()
        path = self.project.path
        if path is None or self._why_not_begin():
            return
        try:
            queue = begin_queue(self.project.document.graph(), path, self.question.asked)
        except (RunError, ProjectError) as error:
            self.said.emit(str(error), "error")
            return
        self._follow(queue)
        self.go_on()

    def go_on(self) -> None:
        """Train and measure what is missing of the queue that is shown."""
        if self.session is None:
            return
        self._stopping = False
        try:
            self.session.start()
        except RunError as error:
            self.said.emit(str(error), "error")
        except OSError as error:
            self.said.emit(self.tr("The folds could not be started: %s.") % (error.strerror or error), "error")
        self._refresh()

    def open_folder(self, folder: Path) -> None:
        """Follow the folds of a folder, wherever it lies."""
        try:
            queue = FoldQueue(folder)
            _ = queue.asked
        except RunError as error:
            self.said.emit(str(error), "error")
            return
        self._follow(queue)
        self._refresh()

    def close_down(self) -> None:
        """The window is closing: the queue goes on."""
        self.question.close_down()
        self._let_go()

    def showEvent(self, event: QShowEvent) -> None:
        """Columns are looked for when somebody may choose one."""
        super().showEvent(event)
        self.question.look_for_columns(self.project.path)

    def _lay_out(self) -> None:
        self.parts = below = QSplitter(Qt.Orientation.Vertical)
        below.setHandleWidth(1)
        below.setChildrenCollapsible(False)
        below.addWidget(self.folds)
        below.addWidget(self.pooled)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(below)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addLayout(row_of(self.question, self.start, self.more, self.stop, self.open_other))
        column.addLayout(row_of(self.facts, self.bar, stretch=0))
        column.addWidget(self.pages, 1)

    def _connect(self) -> None:
        self.start.clicked.connect(self.begin)
        self.more.clicked.connect(self.go_on)
        self.stop.clicked.connect(self._stop)
        self.open_other.clicked.connect(self._choose)
        self.question.changed.connect(self._on_question)
        self.folds.activated.connect(self._show_run)
        self.folds.setToolTip(self.tr("Double-click, or press Enter: the curves of this fold"))
        self.pooled.open.clicked.connect(self._show_results)
        self.project.analysed.connect(lambda _analysis: self._refresh())
        self.project.saved_state_changed.connect(lambda _dirty: self._refresh())

    def _on_question(self) -> None:
        if self.isVisible():
            self.question.look_for_columns(self.project.path)
        self._refresh()

    def _choose(self) -> None:
        path = self.project.path
        begins = self.session.queue.folder.parent if self.session is not None else path.parent if path else Path.home()
        chosen = QFileDialog.getExistingDirectory(self, self.tr("A folder of folds"), str(begins))
        if chosen:
            self.open_folder(Path(chosen))

    def _stop(self) -> None:
        if self.session is not None:
            self._stopping = True
            self.session.stop()
            self._refresh()

    def _follow(self, queue: FoldQueue) -> None:
        self._let_go()
        self.session = FoldSession(queue, self)
        self.session.told.connect(self._on_told)
        self.session.broke_off.connect(self._on_broke_off)
        try:
            self.question.show_asked(queue.asked)
        except RunError as error:
            self.said.emit(str(error), "error")
        self.session.follow()

    def _let_go(self) -> None:
        if self.session is not None:
            self.session.close_down()
            self.session.deleteLater()
        self.session, self.standing, self._stopping = None, Standing(), False
        self.folds.show_rows([], [])

    def _on_told(self, standing: Standing) -> None:
        before, self.standing = self.standing, standing
        if standing.problem and standing.problem != before.problem:
            self.said.emit(standing.problem, "error")
        if standing != before:
            self._show_folds()
        self._stopping = self._stopping and self._working
        self._refresh()

    def _on_broke_off(self, why: str) -> None:
        failed = next((fold.reason for fold in self.standing.runs if fold.reason), "")
        self.said.emit(failed or why or self.tr("The folds ended unexpectedly; press Go on to try again."), "error")

    def _show_folds(self) -> None:
        here = self.folds.currentIndex().row()
        self.folds.show_rows(fold_rows(self.standing), fold_headers(self.standing))
        self.folds.fit_columns()
        if here >= 0:
            self.folds.selectRow(here)
        if self.standing.pooled is not None:
            self.pooled.show_record(self.standing.pooled)
            high = _ROW * (min(len(self.standing.runs), 8) + 2)
            self.parts.setSizes([high, max(high, self.pages.height() - high)])

    def _show_run(self, index: QModelIndex) -> None:
        number = self.folds.content.rows[index.row()][0]
        run: Path = self.standing.runs[int(number) - 1].run if isinstance(number, int) else Path()
        if (run / "job.json").exists():
            self.chosen.emit(run)
        else:
            self.said.emit(self.tr("This fold has not begun yet."), "note")

    def _show_results(self) -> None:
        if self.session is not None:
            self.wants_results.emit(self.session.queue.folder)

    @property
    def _working(self) -> bool:
        return self.standing.working or (self.session is not None and self.session.started_here)

    def _why_not_begin(self) -> str:
        if self._working:
            return self.tr("The folds are being trained; stop them first.")
        if self.project.path is None:
            return self.tr("Save the project first: the folds are kept beside it.")
        lack = self.project.devices.lack(self.project.document.training)
        return why_not_train(blockers_of(self.project.analysis, lack)) or self.question.fault

    def _refresh(self) -> None:
        working, pooled = self._working, self.standing.pooled is not None
        self.pages.setCurrentIndex(0 if self.session is None else 1)
        self.pooled.setVisible(pooled)
        self.question.setEnabled(not working)
        set_possible(self.start, self._why_not_begin(), self.tr("Train and test the project as it is, fold by fold"))
        busy = self.tr("The folds are being trained.") if working else ""
        none = self.tr("There are no folds yet.") if self.session is None else ""
        whole = self.tr("All folds are done.") if pooled else ""
        set_possible(self.more, none or busy or whole, self.tr("Train and measure what is missing"))
        stopping = self.tr("It stops after the step it is in.") if self._stopping else ""
        set_possible(self.stop, stopping or ("" if working else self.tr("Nothing is being trained here.")),
                     self.tr("Stop; what was learned is kept, and Go on goes on"))  # fmt: skip
        self._show_progress(working)

    def _show_progress(self, working: bool) -> None:
        done, whole = how_far(self.standing)
        self.bar.setVisible(working)
        self.bar.setRange(0, whole)
        self.bar.setValue(done)
        if self.session is None:
            self.facts.setText("")
        elif self._stopping:
            self.facts.setText(self.tr("Stopping …"))
        elif working and self.standing.pooled is None and not self.standing.working:
            self.facts.setText(self.tr("Reading the data …"))
        else:
            self.facts.setText(where_it_stands(self.standing))
