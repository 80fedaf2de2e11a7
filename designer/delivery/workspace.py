"""The Deliver workspace: a trained run leaves as a checked file, or answers for a folder of images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from designer.busy import BusyLine
from designer.delivery.card import Card, export_text
from designer.parts import button, label, row_of, scrolled, set_possible
from designer.process import CommandProcess, End
from designer.project import Project
from designer.run_choice import RunChoice
from runtime.analysis import analyse
from runtime.delivery.contract import contract_of


class DeliveryWorkspace(QWidget):
    """One card for each way out; work runs in a process of its own."""

    said = Signal(str, str)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self._process: CommandProcess | None = None
        self._record: Mapping[str, Any] = {}
        self._file: Path | None = None  # what is being written
        self.runs = RunChoice(project)
        self.busy = BusyLine(self.tr("Stop; nothing is kept"))
        self.busy.cancelled.connect(self._cancel)
        self.onnx = button(self.tr("Export ONNX …"), primary=True)
        self.python = button(self.tr("Export Python …"))
        self.predict = button(self.tr("Choose folder …"))
        self.cards = self._make_cards()
        self.results = {name: card.result for name, card in self.cards.items()}
        self._lay_out()
        self.onnx.clicked.connect(lambda: self._ask_export("onnx"))
        self.python.clicked.connect(lambda: self._ask_export("python"))
        self.predict.clicked.connect(self._ask_predict)
        self.runs.chosen.connect(self._on_run)
        project.replaced.connect(self.refresh)
        self.refresh()

    def _make_cards(self) -> dict[str, Card]:
        onnx = self.tr(
            "Runs in other programs and on other machines without this one. Preparation of pixels and names of the "
            "classes are inside. The file is compared with the trained model before you get it."
        )  # fmt: skip
        python = self.tr(
            "The network as a readable PyTorch file, with its weights beside it. It needs PyTorch, and nothing of this "
            "program."
        )  # fmt: skip
        predict = self.tr(
            "The model answers for every image of a folder. You get a table (CSV) with a row for each file; files that "
            "could not be read get a row that says why."
        )  # fmt: skip
        return {
            "onnx": Card(self.tr("ONNX file"), onnx, self.onnx),
            "python": Card(self.tr("Python source"), python, self.python),
            "predict": Card(self.tr("Predict a folder"), predict, self.predict),
        }

    def _lay_out(self) -> None:
        body = QWidget()
        inside = QVBoxLayout(body)
        inside.setContentsMargins(0, 8, 0, 0)
        inside.setSpacing(12)
        for card in self.cards.values():
            inside.addWidget(card)
        inside.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        research = label(self.tr("For research use only: not a medical device."), "warning", wrap=False)
        column.addLayout(row_of(self.runs, research))
        column.addWidget(self.runs.note)
        column.addWidget(self.busy)
        column.addWidget(scrolled(body), 1)

    def refresh(self) -> None:
        """List the runs anew."""
        self._abandon()
        self.runs.refresh()

    def export(self, to: str, file: Path) -> None:
        """Export the chosen run and check the file."""
        run = self.runs.run
        if run is None:
            return
        self._start(to, file, self.tr("Exporting, and comparing with the trained model …"),
                    "export", str(run.folder), "--to", to, "--out", str(file), "--json")  # fmt: skip

    def predict_folders(self, folders: Sequence[Path], file: Path) -> None:
        """Let the chosen run answer for a folder, or for one for each of its sources."""
        run = self.runs.run
        if run is None:
            return
        words = ("predict", str(run.folder), *map(str, folders), "--out", str(file))
        self._start("predict", file, self.tr("Predicting …"), *words)

    def close_down(self) -> None:
        """The window is closing."""
        self.runs.close_down()
        self._abandon()

    def _ask_export(self, to: str) -> None:
        run = self.runs.run
        if run is None:
            return
        ending, kinds = (".onnx", "ONNX (*.onnx)") if to == "onnx" else (".py", "Python (*.py)")
        start = str(run.folder / "exports" / f"{self.project.name.replace(' ', '-')}{ending}")
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Export to"), start, kinds)
        if name:
            self.export(to, Path(name) if Path(name).suffix else Path(name + ending))

    def _ask_predict(self) -> None:
        run = self.runs.run
        if run is None:
            return
        inputs = contract_of(analyse(run.job.graph)).inputs
        names = [entry.name for entry in inputs if entry.feed == "data"] or [""]
        folders: list[Path] = []
        for name in names:
            what = self.tr("The images to answer for") + (f": “{name}”" if len(names) > 1 else "")
            folder = QFileDialog.getExistingDirectory(self, what, str(folders[-1] if folders else Path.home()))
            if not folder:
                return
            folders.append(Path(folder))
        start = str(folders[0].parent / f"{folders[0].name}-predictions.csv")
        name, _ = QFileDialog.getSaveFileName(self, self.tr("The table to write"), start, self.tr("Table (*.csv)"))
        if name:
            self.predict_folders(folders, Path(name))

    def _start(self, what: str, file: Path, text: str, *words: str) -> None:
        if self._process is not None:
            return
        self._record, self._file = {}, file.absolute()
        self._process = CommandProcess(words, self)
        self._process.record.connect(self._on_record)
        self._process.ended.connect(lambda end: self._on_end(what, end))
        self.busy.begin(text)
        self._refresh_buttons()
        self._process.start()

    def _on_record(self, record: Mapping[str, Any]) -> None:
        self._record = record

    def _on_end(self, what: str, end: End) -> None:
        self._process = None
        self.busy.hide()
        self._refresh_buttons()
        if end.ok:
            told = export_text(self._record) if what in ("onnx", "python") else end.message
            self.cards[what].tell("\n".join([told, *end.notes]), file=self._file)
        elif not end.stopped:
            self.cards[what].tell(end.message, "wrong")

    def _on_run(self, _run: object) -> None:
        for card in self.cards.values():
            card.clear()
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        why = self.runs.why_none
        why = self.tr("Wait for the work that is being done now, or cancel it.") if self._process is not None else why
        set_possible(self.onnx, why, self.tr("Write an ONNX file of the best epoch, and check it"))
        set_possible(self.python, why, self.tr("Write the network as PyTorch source with its weights, and check it"))
        set_possible(self.predict, why, self.tr("Choose the images, and where the table is written"))

    def _cancel(self) -> None:
        if self._process is not None:
            self._process.stop()

    def _abandon(self) -> None:
        if self._process is not None:
            self._process.abandon()
            self._process.deleteLater()
            self._process = None
            self.busy.hide()
