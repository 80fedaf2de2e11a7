"""The Evaluate workspace: how good a trained run is, on cases it has not learned from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from designer.busy import BusyLine
from designer.evaluation.results import Results
from designer.parts import Empty, button, scrolled, set_possible
from designer.process import CommandProcess, End
from designer.project import Project
from designer.run_choice import RunChoice
from runtime.runs import Run


class EvaluationWorkspace(QWidget):
    """Measuring runs in a process of its own; results are kept in the run folder and shown again."""

    said = Signal(str, str)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.result: Mapping[str, Any] = {}
        self._process: CommandProcess | None = None
        self.runs = RunChoice(project)
        self.part = QComboBox()
        self.evaluate_button = button(self.tr("Evaluate"), primary=True)
        self.copy_button = button(self.tr("Copy as CSV"))
        self.busy = BusyLine(self.tr("Stop measuring"))
        self.shown = Results()
        self.metrics, self.confusion = self.shown.metrics, self.shown.confusion
        self.empty = Empty("", "")
        self._lay_out()
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        self.part.addItem(self.tr("validation cases"), "validation")
        self.part.addItem(self.tr("test cases"), "test")
        self.part.setAccessibleName(self.tr("Part of the data"))
        self.part.setToolTip(self.tr(
            "Validation cases chose the best epoch. Test cases were never looked at: measure them last, and once."
        ))  # fmt: skip
        self.part.activated.connect(self._show_kept)
        self.runs.chosen.connect(self._on_run)
        self.runs.offered.connect(self._on_offered)
        self.evaluate_button.clicked.connect(self.evaluate)
        self.copy_button.clicked.connect(self.copy)
        self.busy.cancelled.connect(self._cancel)
        self.project.replaced.connect(self.refresh)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        for widget in (self.runs, self.part, self.evaluate_button):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self.copy_button)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(scrolled(self.shown))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.runs.note)
        column.addWidget(self.busy)
        column.addWidget(self.pages, 1)

    def refresh(self) -> None:
        """List the runs anew."""
        self._abandon()
        self.runs.refresh()

    def evaluate_trained(self, run: Run) -> None:
        """A training has ended: if it is the chosen run, measure its best epoch on the validation cases."""
        self.runs.offer(run)

    def evaluate(self) -> None:
        """Measure the chosen run on the chosen part."""
        run = self.runs.run
        if run is None or self._process is not None:
            return
        words = ["evaluate", str(run.folder), "--part", str(self.part.currentData()), "--json"]
        self._process = CommandProcess(words, self)
        self._process.record.connect(self._show)
        self._process.ended.connect(self._on_end)
        self.busy.begin(self.tr("Measuring …"))
        self._refresh_buttons()
        self._process.start()

    def copy(self) -> None:
        """Metrics and confusion matrix to the clipboard."""
        QGuiApplication.clipboard().setText(self.csv())

    def csv(self) -> str:
        """Metrics, an empty line, and the confusion matrix."""
        return self.shown.csv()

    def close_down(self) -> None:
        """The window is closing."""
        self.runs.close_down()
        self._abandon()

    def _on_offered(self, _run: Run, taken: bool) -> None:
        if taken:
            self._abandon()
            self.part.setCurrentIndex(0)
            self.evaluate()

    def _on_run(self, run: Run | None) -> None:
        """Show what was measured of this run, on whichever part of the data."""
        here = self.part.currentIndex()
        measured = [bool(run and _kept(run, str(self.part.itemData(place)))) for place in (here, 1 - here)]
        if measured == [False, True]:
            self.part.setCurrentIndex(1 - here)
        self._show_kept()

    def _show_kept(self, _chosen: object = None) -> None:
        """Show the result that lies in the run folder, if there is one."""
        run = self.runs.run
        kept = _kept(run, str(self.part.currentData())) if run is not None else {}
        if kept:
            self._show(kept)
        else:
            self.result = {}
            self.pages.setCurrentWidget(self.empty)
            self._say_what_comes(run)
        self._refresh_buttons()

    def _say_what_comes(self, run: Run | None) -> None:
        if run is None and self.runs.count():
            self.empty.say(self.tr("No run is chosen"), self.runs.why_none)
        elif run is None and self.runs.reader.reading:
            self.empty.say(self.tr("Reading the runs …"), self.runs.why_none)
        elif run is None:
            says = self.tr("Train the project first (F5). Its best epoch is measured here when the training has ended.")
            self.empty.say(self.tr("No trained run yet"), says)
        else:
            says = self.tr("Press Evaluate: the best epoch of the run answers for cases it has not learned from.")
            self.empty.say(self.tr("Not measured yet"), says)

    def _show(self, result: Mapping[str, Any]) -> None:
        self.result = result
        self.shown.show_result(result, self.part.itemText(max(0, self.part.findData(result.get("part")))))
        self.pages.setCurrentIndex(1)
        self._refresh_buttons()

    def _on_end(self, end: End) -> None:
        self._process = None
        self.busy.hide()
        self._refresh_buttons()
        if not end.ok and not end.stopped:
            self.said.emit(end.message, "error")

    def _refresh_buttons(self) -> None:
        measuring = self.tr("It is being measured now.") if self._process is not None else ""
        why = measuring or self.runs.why_none
        set_possible(self.evaluate_button, why, self.tr("Measure the best epoch of this run"))
        empty = "" if self.result else self.tr("There is nothing to copy yet; evaluate a run first.")
        set_possible(self.copy_button, empty, self.tr("Copy metrics and confusion matrix as CSV"))

    def _cancel(self) -> None:
        if self._process is not None:
            self._process.stop()

    def _abandon(self) -> None:
        if self._process is not None:
            self._process.abandon()
            self._process.deleteLater()
            self._process = None
            self.busy.hide()


def _kept(run: Run, part: str) -> Mapping[str, Any]:
    try:
        found = json.loads((run.folder / f"evaluation-{part}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("metrics"), dict) else {}
