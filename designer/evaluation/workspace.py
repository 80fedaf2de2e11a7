"""The Evaluate workspace: how good a trained run is, on cases it has not learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from designer.beside import Beside
from designer.busy import BusyLine
from designer.evaluation.case_files import Known
from designer.evaluation.measured import Asked, Reading, read_measured
from designer.evaluation.measured_view import MeasuredView
from designer.evaluation.parts_bar import OTHER, PartsBar
from designer.evaluation.unmeasured import Unmeasured
from designer.parts import Stack, button, make_primary, set_possible
from designer.process import CommandProcess, End
from designer.project import Project
from designer.run_choice import RunChoice
from runtime.evaluation.folds import POOLED
from runtime.evaluation.record import record_file
from runtime.runs import Run

_SHOWN_FIRST = ("validation", "test", OTHER, "train")


class EvaluationWorkspace(QWidget):
    """Measuring runs in a process of its own; results are kept in the run folder and shown again."""

    said = Signal(str, str)

    def __init__(self, project: Project, known: Known | None = None, parent: QWidget | None = None) -> None:
        """`known` gives what the Data workspace has read of its folder already."""
        super().__init__(parent)
        self.project = project
        self.external: Path | None = None
        self.pooled: Path | None = None  # the folder of a cross-validation
        self._run: Path | None = None  # that was told last
        self._process: CommandProcess | None = None
        self._reading = Reading()
        self._unsealing: Sequence[str] | None = None  # the seal is shown again, for the groups of these columns
        self.runs = RunChoice(project)
        self.parts = PartsBar()
        self.evaluate_button = button(self.tr("Evaluate"), primary=True)
        self.busy = BusyLine(self.tr("Stop measuring"))
        self.view = MeasuredView(project, known)
        self.metrics, self.confusion = self.view.numbers.metrics, self.view.numbers.confusion
        self.empty = Unmeasured()
        self.reader = Beside(read_measured, self)
        self._lay_out()
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        self.parts.chosen.connect(self._on_part)
        self.runs.chosen.connect(self._on_run)
        self.runs.offered.connect(self._on_offered)
        self.evaluate_button.clicked.connect(self._on_evaluate)
        self.empty.open_button.clicked.connect(lambda: self.evaluate(self._unsealing or ()))
        self.empty.keep_button.clicked.connect(lambda: self._seal(None))
        self.empty.folder_button.clicked.connect(self.choose_folder)
        self.busy.cancelled.connect(self._cancel)
        self.view.said.connect(self.said)
        self.view.groups.by_asked.connect(self._on_by)
        self.reader.came.connect(self._on_read)
        self.project.replaced.connect(self._on_replaced)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        for widget in (self.runs, self.parts, self.evaluate_button):
            head.addWidget(widget)
        head.addStretch(1)
        self.pages = Stack()
        for page in (self.empty, self.view):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        for below in (self.runs.note, self.busy, self.pages):
            column.addWidget(below)
        column.setStretchFactor(self.pages, 1)

    @property
    def result(self) -> Mapping[str, Any]:
        """What is shown, as `netloom evaluate --json` prints it; {} when there is nothing."""
        measured = self._reading.measured
        return measured.as_dict if measured is not None else {}

    @property
    def copy_button(self) -> QWidget:
        """What copies metrics and confusion matrix."""
        return self.view.copy_button

    def refresh(self) -> None:
        """List the runs anew."""
        self._abandon()
        self.runs.refresh()

    def evaluate_trained(self, run: Run) -> None:
        """A training has ended: if it is the chosen run, measure its best epoch on the validation cases."""
        self.runs.offer(run)

    def evaluate(self, by: Sequence[str] = ()) -> None:
        """Measure the chosen run on the chosen part, or on the other folder; `by` names columns of groups."""
        run, part = self.runs.run, self.parts.current
        if run is None or self._process is not None or part == POOLED or (part == OTHER and self.external is None):
            return
        of = ["--data", str(self.external)] if part == OTHER else ["--part", part]
        groups = [word for column in by or self._columns() for word in ("--by", column)]
        self._process = CommandProcess(["evaluate", str(run.folder), *of, *groups, "--events"], self)
        self._process.record.connect(self._on_record)
        self._process.ended.connect(self._on_end)
        self._unsealing = None
        self.busy.begin(self.tr("Measuring …"))
        self._show_page()
        self._process.start()

    def choose_folder(self) -> None:
        """Ask for another folder, and measure the run on all its labelled cases."""
        chosen = QFileDialog.getExistingDirectory(
            self, self.tr("A folder with labels, laid out as the run's own"), str(self.external or Path.home())
        )
        if chosen:
            self.evaluate_folder(Path(chosen))

    def evaluate_folder(self, folder: Path) -> None:
        """Measure the run on another folder."""
        self.external = folder
        self.parts.choose(OTHER)
        self.evaluate()

    def show_pooled(self, folder: Path) -> None:
        """Show what all folds of a cross-validation gave together."""
        self.pooled = folder
        self.parts.offer_pooled(True)
        self.parts.choose(POOLED)
        self._on_part(POOLED)

    def csv(self) -> str:
        """Metrics, an empty line, and the confusion matrix."""
        return self.view.numbers.csv()

    def close_down(self) -> None:
        """The window is closing."""
        self.runs.close_down()
        self.reader.close_down()
        self._abandon()
        self.view.close_down()

    def showEvent(self, event: QShowEvent) -> None:
        """Pictures are read when somebody comes to see them."""
        super().showEvent(event)
        self.view.on_seen()

    def _on_evaluate(self) -> None:
        """Measure; the test part is opened in a step of its own, another folder is asked for."""
        if self.parts.current == "test" and self._reading.measured is not None:
            self._seal(())
        elif self.parts.current == OTHER:
            self.choose_folder()
        else:
            self.evaluate()

    def _on_by(self, columns: list[str]) -> None:
        """Measure again with these groups: of the test part when it is opened, of another folder while it is known."""
        if self.parts.current == OTHER and self.external is None:
            self.said.emit(self.tr("Choose the other folder again first."), "warning")
            return
        if self.parts.current == "test":
            self._seal(columns)
        else:
            self.evaluate(columns)

    def _seal(self, by: Sequence[str] | None) -> None:
        """Show the seal before the test part is measured once more, with groups by columns; or leave that (None)."""
        self._unsealing = by
        self._show_page()

    def _on_offered(self, _run: Run, taken: bool) -> None:
        if taken:
            self._abandon()
            self.parts.choose("validation")
            self.evaluate()

    def _on_run(self, run: Run | None) -> None:
        """Show what was measured of this run, on whichever part of the data. All folds stay until another is chosen."""
        here, before = self.parts.current, self._run
        self._run = run.folder if run is not None else before
        stays = here == POOLED and before in (None, self._run)
        if run is not None and not stays and not record_file(run.folder, here).exists():
            kept = (part for part in _SHOWN_FIRST if record_file(run.folder, part).exists())
            self.parts.choose(next(kept, here))
        self._read()

    def _on_part(self, _part: str) -> None:
        self._unsealing = None
        self._read()

    def _on_replaced(self) -> None:
        """Another project: its own other folder."""
        self.external = self.pooled = self._run = None
        self.parts.offer_pooled(False)
        self.refresh()

    def _read(self) -> None:
        """Read the record that lies in the run folder; until it is there, nothing is shown."""
        asked = self._asked()
        self._take(replace(self._reading, measured=None, why="", point=None) if asked else Reading())
        if asked is not None:
            self.reader.ask(asked)

    def _asked(self) -> Asked | None:
        """Which evaluation is looked at."""
        run, part = self.runs.run, self.parts.current
        if part == POOLED:
            return Asked(self.pooled, POOLED) if self.pooled is not None else None
        return Asked(run.folder, part) if run is not None else None

    def _on_read(self, asked: Asked, reading: Reading) -> None:
        if asked == self._asked():
            self._take(reading)
            if reading.why:
                self.said.emit(reading.why, "error")

    def _take(self, reading: Reading) -> None:
        self._reading = reading
        self.parts.show_counts(reading.counts, reading.opened)
        self.view.show_reading(reading, self.parts.words, self.external)
        self._show_page()

    def _show_page(self) -> None:
        shown = self._reading.measured is not None and self._unsealing is None
        self.pages.setCurrentIndex(1 if shown else 0)
        if not shown:
            self._say_what_comes()
        self._refresh_buttons()

    def _say_what_comes(self) -> None:
        run = self.runs.run
        if self._process is not None and run is not None:
            self.empty.say_measuring()
        elif self.parts.current == POOLED:
            self.empty.say_reading()
        elif run is None:
            self.empty.say_no_run(self.runs)
        else:
            self.empty.say_part(self.parts.current, self._reading, self._unsealing)

    def _columns(self) -> Sequence[str]:
        """The columns of the groups that are shown: measured again, they stay; or those of the validation part."""
        measured = self._reading.measured
        kept = self._reading.groups if self.parts.current != OTHER else ()  # elsewhere these may be unknown
        return kept if measured is None else [*measured.cases.columns]

    def _on_record(self, record: Mapping[str, Any]) -> None:
        if record.get("event") == "preparing":
            self.busy.tell(str(record["what"]), int(record["done"]), int(record["total"]))

    def _on_end(self, end: End) -> None:
        self._process = None
        self.busy.hide()
        if not end.ok and not end.stopped:
            self.said.emit(end.message, "error")
        self._read()

    def _refresh_buttons(self) -> None:
        measuring = self.tr("It is being measured now.") if self._process is not None else ""
        part, why = self.parts.current, measuring or self.runs.why_none
        asked_below = part in ("test", OTHER) and self.pages.currentIndex() == 0
        self.evaluate_button.setVisible(part != POOLED and (not asked_below or self._process is not None))
        again = self._reading.measured is not None
        make_primary(self.evaluate_button, part != "test" or not again)  # opening it once more is nobody's next step
        self.evaluate_button.setText({"test": self.tr("Open again …"), OTHER: self.tr("Choose a folder …")}.get(
            part, self.tr("Evaluate again") if again else self.tr("Evaluate")))  # fmt: skip
        set_possible(self.evaluate_button, why, self.tr("Measure the best epoch of this run"))
        set_possible(self.empty.open_button, why, self.tr("Measure the best epoch on the test cases; this is counted"))
        set_possible(self.empty.folder_button, why, self.tr("Measure the best epoch on all labelled cases of a folder"))

    def _cancel(self) -> None:
        if self._process is not None:
            self._process.stop()

    def _abandon(self) -> None:
        if self._process is not None:
            self._process.abandon()
            self._process.deleteLater()
            self._process = None
            self.busy.hide()
