"""The coach above the curves: what it finds in the shown run, each with buttons that change the drawing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from designer.gallery.flow import Flow
from designer.mending import FixButton
from designer.parts import button, label
from designer.project import Project
from designer.training.history import History
from runtime.analysis import Analysis, analyse
from runtime.coach.advice import advice
from runtime.coach.finding import Finding
from runtime.coach.reading import read_course
from runtime.errors import RunError
from runtime.files import ProjectError
from runtime.fixes import apply_fix
from runtime.runs import Run

_READ_MS = 300
_REST = 20  # times as long as reading took is waited before the next: runs of many thousand epochs take a while


class CoachPanel(QFrame):
    """Hidden while there is nothing to say. It reads a run that grows a few times a second at most."""

    said = Signal(str, str)

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setObjectName("coach")
        self.setAccessibleName(self.tr("What the coach says of this run"))
        self.rows: list[CoachRow] = []
        self._project = project
        self._run: Run | None = None
        self._analysis: Analysis | None = None
        self._history = History()
        self._read = 0  # how many events were read
        self._closed: tuple[str, ...] = ()
        self._timer = _once(self, _READ_MS, self.read)
        self._turn = _once(self, 0, self._advise_next)
        self._waiting: list[CoachRow] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(12)
        close = button("×", self.tr("Close this until the coach finds something else"))
        close.setAccessibleName(self.tr("Close what the coach says"))
        close.setFixedSize(26, 26)
        close.setStyleSheet("padding: 0;")
        close.clicked.connect(self.close_up)
        self.closer = close
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 8, 12)
        row.addLayout(self._column, 1)
        side = QVBoxLayout()
        side.addWidget(close)
        side.addStretch(1)
        row.addLayout(side)
        project.analysed.connect(self._on_analysed)
        self.hide()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is shown."""
        return tuple(row.finding for row in self.rows)

    def show_run(self, run: Run | None, history: History) -> None:
        """Read this run; what is new in it is read in a moment."""
        if history is not self._history:
            self._history, self._read, self._closed = history, 0, ()
            self._take_graph(run)
            self.read()
        elif len(history.course) != self._read and not self._timer.isActive():
            self._timer.start()

    def read(self) -> None:
        """Look at the run as it is now."""
        self._timer.stop()
        began = time.monotonic()
        self._read = len(self._history.course)
        found = read_course(self._history.course, self._analysis) if self._analysis is not None else ()
        if found != self.findings:
            self._show(found)
        took = round(1000 * (time.monotonic() - began))
        self._timer.setInterval(max(_READ_MS, _REST * took))

    def close_up(self) -> None:
        """Say no more, until something else is found."""
        self._closed = tuple(finding.code for finding in self.findings)
        self.hide()

    def _take_graph(self, run: Run | None) -> None:
        folder = run.folder if run is not None else None
        if self._run is not None and self._run.folder == folder:
            return
        self._run, self._analysis = run, None
        if run is None or not (run.folder / "job.json").is_file():
            return
        try:
            self._analysis = analyse(run.job.graph)
        except (RunError, ProjectError):
            return  # the list of runs says of a damaged run what is wrong with it

    def _show(self, findings: Sequence[Finding]) -> None:
        codes = tuple(finding.code for finding in findings)
        if codes == tuple(row.finding.code for row in self.rows):
            for row, finding in zip(self.rows, findings, strict=True):
                row.show_finding(finding)
            return
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [CoachRow(finding, self._apply) for finding in findings]
        for row in self.rows:
            self._column.addWidget(row)
        self.setVisible(bool(self.rows) and codes != self._closed)
        self._advise()

    def _on_analysed(self, _analysis: Analysis) -> None:
        self._advise()

    def _advise(self) -> None:
        """Look for remedies, one finding in each turn of the event loop."""
        self._waiting = list(self.rows)
        if self._waiting:
            self._turn.start()

    def _advise_next(self) -> None:
        if not self._waiting or self._analysis is None:
            return
        row = self._waiting.pop(0)
        fixes = advice(row.finding, self._analysis, self._project.analyse_now())
        row.offer(tuple(fix.label for fix in fixes))
        if self._waiting:
            self._turn.start()

    def _apply(self, row: CoachRow, what: str) -> None:
        """Make the change if it is still to be made."""
        if self._analysis is None:
            return
        fixes = advice(row.finding, self._analysis, self._project.analyse_now())
        fix = next((fix for fix in fixes if fix.label == what), None)
        if fix is None:
            self.said.emit(self.tr("“%s” no longer fits the drawing; nothing was changed.") % what, "warning")
            return
        apply_fix(fix, self._project.document)
        row.note_done(what)
        text = self.tr("Changed in the drawing: %s. Train again to see what it does; Ctrl+Z takes it back.")
        self.said.emit(text % what, "good")


class CoachRow(QWidget):
    """One finding with its buttons."""

    def __init__(self, finding: Finding, do: Callable[[CoachRow, str], None]) -> None:
        super().__init__()
        self.finding = finding
        self.buttons: list[FixButton] = []
        self._do = do
        self._done: list[str] = []
        self.title = label(finding.title, "title", wrap=False)
        self.message = label(finding.message)
        self.done = label("", "small")
        self.done.hide()
        self._flow = Flow(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.message)
        column.addWidget(self.done)
        column.addLayout(self._flow)

    def show_finding(self, finding: Finding) -> None:
        """The same with newer numbers."""
        self.finding = finding
        self.message.setText(finding.message)

    def note_done(self, what: str) -> None:
        """The drawing was changed so."""
        self._done.append(what)
        self._show_done()

    def offer(self, labels: tuple[str, ...]) -> None:
        """Put these buttons in the place of the old ones; what is offered again was taken back."""
        self._done = [what for what in self._done if what not in labels]
        self._show_done()
        if labels == tuple(made.text() for made in self.buttons):
            return
        while (item := self._flow.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        self.buttons = [FixButton(what, self._doing(what), self.finding.message) for what in labels]
        for made in self.buttons:
            self._flow.addWidget(made)

    def _doing(self, what: str) -> Callable[[], None]:
        return lambda: self._do(self, what)

    def _show_done(self) -> None:
        told = "; ".join(self._done)
        self.done.setText(self.tr("Changed in the drawing: %s. Train again to see what it does.") % told)
        self.done.setVisible(bool(told))


def _once(parent: QWidget, milliseconds: int, do: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(do)
    return timer
