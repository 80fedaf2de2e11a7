"""The Deliver workspace: a trained run leaves as a checked file or a report, or answers for images."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QPushButton, QSplitter, QVBoxLayout, QWidget

from designer.busy import BusyLine
from designer.delivery.card import Card, export_text
from designer.delivery.choice_box import ChoiceBox
from designer.delivery.prediction import PredictionPanel
from designer.delivery.statements import StatementsWindow
from designer.delivery.ways import Way, choices_of, ways
from designer.parts import button, label, row_of, scrolled, set_possible
from designer.process import End, OneCommand
from designer.project import Project
from designer.run_choice import RunChoice

_REPORT = "report"
_SCROLL_BAR = 16


class DeliveryWorkspace(QWidget):
    """One card for each way out, and a place to drop images on; work runs in processes of its own."""

    said = Signal(str, str)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self._record: Mapping[str, Any] = {}
        self._making = ""
        self._file: Path | None = None  # what is being written
        self.command = OneCommand(self)
        self.runs = RunChoice(project)
        self.busy = BusyLine(self.tr("Stop; nothing is kept"))
        self.ways = {way.key: way for way in ways()}
        self.buttons = {key: button(way.button, primary=key == "onnx") for key, way in self.ways.items()}
        self.choices = {key: [ChoiceBox(one) for one in choices_of(key)] for key in self.ways}
        self.report = button(self.tr("Write report …"))
        self.statements = button(self.tr("What only you can write …"))
        self.cards = self._make_cards()
        self.results = {name: card.result for name, card in self.cards.items()}
        self.prediction = PredictionPanel()
        self._lay_out()
        self._connect()
        self.refresh()

    @property
    def onnx(self) -> QPushButton:
        """The button that people look for first."""
        return self.buttons["onnx"]

    def _make_cards(self) -> dict[str, Card]:
        cards = {key: Card(way.title, way.says, self.buttons[key], self.choices[key]) for key, way in self.ways.items()}
        says = self.tr(
            "One page to print or to send, in the order of the CLAIM checklist: flow of cases, settings, curves, "
            "measures with intervals, failures, versions. A model card for programs (model_card.json) lies beside it. "
            "No identifiers are in them; what only you can write is marked where it is missing."
        )  # fmt: skip
        cards[_REPORT] = Card(self.tr("Report and model card"), says, self.report, beside=[self.statements], opens=True)
        return cards

    def _lay_out(self) -> None:
        body = QWidget()
        inside = QVBoxLayout(body)
        inside.setContentsMargins(0, 8, 8, 0)
        inside.setSpacing(12)
        for card in self.cards.values():
            inside.addWidget(card)
        inside.addStretch(1)
        halves = QSplitter(Qt.Orientation.Horizontal)
        left = scrolled(body)
        left.setMinimumWidth(body.minimumSizeHint().width() + _SCROLL_BAR)  # nothing of a card is cut off at the side
        halves.addWidget(left)
        halves.addWidget(self.prediction)
        halves.setChildrenCollapsible(False)
        halves.setSizes([400, 800])
        halves.setStretchFactor(0, 2)
        halves.setStretchFactor(1, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        research = label(self.tr("For research use only: not a medical device."), "warning", wrap=False)
        column.addLayout(row_of(self.runs, research))
        column.addWidget(self.runs.note)
        column.addWidget(self.busy)
        column.addWidget(halves, 1)

    def _connect(self) -> None:
        for key, made in self.buttons.items():
            made.clicked.connect(partial(self._ask_export, self.ways[key]))
        self.report.clicked.connect(self._ask_report)
        self.statements.clicked.connect(self.write_statements)
        self.busy.cancelled.connect(self.command.stop)
        self.command.record.connect(self._on_record)
        self.command.ended.connect(self._on_end)
        self.runs.chosen.connect(self._on_run)
        self.project.replaced.connect(self.refresh)

    def refresh(self) -> None:
        """List the runs anew."""
        self.command.abandon()
        self.busy.hide()
        self.runs.refresh()

    def export(self, to: str, file: Path) -> None:
        """Export the chosen run as its choices say, and check the file."""
        run = self.runs.run
        if run is None:
            return
        options = [word for box in self.choices[to] for word in box.words()]
        self._start(to, file, self.tr("Exporting, and comparing with the trained model …"),
                    "export", str(run.folder), "--to", to, "--out", str(file), *options, "--json")  # fmt: skip

    def write_report(self, file: Path) -> None:
        """Write the report of the chosen run, and its model card beside it."""
        run = self.runs.run
        if run is not None:
            text = self.tr("Reading the run and its data for the report …")
            self._start(_REPORT, file, text, "report", str(run.folder), "--out", str(file), "--json")

    def write_statements(self) -> None:
        """Ask for what no program can know; the reports of the chosen run show it."""
        run = self.runs.run
        if run is not None:
            StatementsWindow(run.folder, self).open()

    def close_down(self) -> None:
        """The window is closing."""
        self.runs.close_down()
        self.prediction.close_down()
        self.command.abandon()

    def _ask_export(self, way: Way) -> None:
        self._ask(way.ending, way.kinds, partial(self.export, way.key), "" if way.ending else "-python")

    def _ask_report(self) -> None:
        self._ask(".html", self.tr("Page (*.html)"), self.write_report, "-report")

    def _ask(self, ending: str, kinds: str, then: Any, after: str = "") -> None:
        run = self.runs.run
        if run is None:
            return
        start = str(run.folder / "exports" / f"{self.project.name.replace(' ', '-')}{after}{ending}")
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Write to"), start, kinds)
        if name:
            then(Path(name) if Path(name).suffix else Path(name + ending))

    def _start(self, what: str, file: Path, text: str, *words: str) -> None:
        if not self.command.start(*words):
            return
        self._record, self._making, self._file = {}, what, file.absolute()
        self.busy.begin(text)
        self._refresh_buttons()

    def _on_record(self, record: Mapping[str, Any]) -> None:
        self._record = record

    def _on_end(self, end: End) -> None:
        self.busy.hide()
        self._refresh_buttons()
        card = self.cards[self._making]
        if end.ok:
            told = self._report_text() if self._making == _REPORT else export_text(self._record)
            card.tell("\n".join([told, *end.notes]), file=self._file)
        elif not end.stopped:
            card.tell(end.message, "wrong")

    def _report_text(self) -> str:
        missing = len(self._record["not_reported"])
        left = self.tr("%d items are still for you to write; they are marked “not reported”.") % missing
        return f"{self._record['file']}\n{self._record['card']}\n{left if missing else ''}".strip()

    def _on_run(self, _run: object) -> None:
        for card in self.cards.values():
            card.clear()
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        why = self.runs.why_none
        self.prediction.show_run(self.runs.run, why)
        why = self.tr("Wait for the work that is being done now, or cancel it.") if self.command.running else why
        for key, made in self.buttons.items():
            set_possible(made, why, self.ways[key].tip)
        set_possible(self.statements, self.runs.why_none, self.tr("Question, ethics, limitations: kept with this run"))
        set_possible(self.report, why, self.tr("Write the report of this run as a page, and the model card beside it"))
