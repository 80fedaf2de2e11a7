"""The Deliver workspace: a trained run leaves as a checked file, or answers for a folder of images."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QPushButton, QVBoxLayout, QWidget

from designer.busy import BusyLine
from designer.parts import button, label, row_of, scrolled, set_possible
from designer.process import CommandProcess, End
from designer.project import Project
from designer.run_choice import RunChoice


class DeliveryWorkspace(QWidget):
    """One card for each way out; work runs in a process of its own."""

    said = Signal(str, str)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self._process: CommandProcess | None = None
        self._record: Mapping[str, Any] = {}
        self.runs = RunChoice(project)
        self.busy = BusyLine(self.tr("Stop; nothing is kept"))
        self.busy.cancelled.connect(self._cancel)
        self.onnx = button(self.tr("Export ONNX …"), primary=True)
        self.python = button(self.tr("Export Python …"))
        self.predict = button(self.tr("Choose folder …"))
        self.results = {name: label("", "small") for name in ("onnx", "python", "predict")}
        self._lay_out()
        self.onnx.clicked.connect(lambda: self._ask_export("onnx"))
        self.python.clicked.connect(lambda: self._ask_export("python"))
        self.predict.clicked.connect(self._ask_predict)
        self.runs.chosen.connect(self._on_run)
        project.replaced.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        body = QWidget()
        inside = QVBoxLayout(body)
        inside.setContentsMargins(0, 8, 0, 0)
        inside.setSpacing(12)
        inside.addWidget(self._card(
            self.tr("ONNX file"), self.tr(
                "Runs in other programs and on other machines without this one. Preparation of pixels and names of the "
                "classes are inside. The file is compared with the trained model before you get it."),
            self.onnx, self.results["onnx"]))  # fmt: skip
        inside.addWidget(self._card(
            self.tr("Python source"), self.tr(
                "The network as a readable PyTorch file, with its weights beside it. It needs PyTorch, and nothing of "
                "this program."), self.python, self.results["python"]))  # fmt: skip
        inside.addWidget(self._card(
            self.tr("Predict a folder"), self.tr(
                "The model answers for every image of a folder. You get a table (CSV) with a row for each file; files "
                "that could not be read get a row that says why."), self.predict, self.results["predict"]))  # fmt: skip
        inside.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        research = label(self.tr("For research use only: not a medical device."), "warning", wrap=False)
        column.addLayout(row_of(self.runs, research))
        column.addWidget(self.busy)
        column.addWidget(scrolled(body), 1)

    def _card(self, title: str, says: str, made: QPushButton, result: QWidget) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card")
        card.setMaximumWidth(760)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(16, 16, 16, 16)
        inside.setSpacing(8)
        inside.addWidget(label(title, "title"))
        inside.addWidget(label(says, "muted"))
        inside.addLayout(row_of(made))
        inside.addWidget(result)
        result.hide()
        return card

    def refresh(self) -> None:
        """List the runs anew."""
        self._abandon()
        self.runs.refresh()

    def export(self, to: str, file: Path) -> None:
        """Export the chosen run and check the file."""
        run = self.runs.run
        if run is None:
            return
        self._start(to, self.tr("Exporting, and comparing with the trained model …"),
                    "export", str(run.folder), "--to", to, "--out", str(file), "--json")  # fmt: skip

    def predict_folder(self, folder: Path, file: Path) -> None:
        """Let the chosen run answer for a folder."""
        run = self.runs.run
        if run is None:
            return
        self._start("predict", self.tr("Predicting …"), "predict", str(run.folder), str(folder), "--out", str(file))

    def close_down(self) -> None:
        """The window is closing."""
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
        folder = QFileDialog.getExistingDirectory(self, self.tr("The images to answer for"), str(Path.home()))
        if not folder:
            return
        start = str(Path(folder).parent / f"{Path(folder).name}-predictions.csv")
        name, _ = QFileDialog.getSaveFileName(self, self.tr("The table to write"), start, self.tr("Table (*.csv)"))
        if name:
            self.predict_folder(Path(folder), Path(name))

    def _start(self, what: str, text: str, *words: str) -> None:
        if self._process is not None:
            return
        self._record = {}
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
            self._tell(what, "\n".join([told, *end.notes]), "small")
        elif not end.stopped:
            self._tell(what, end.message, "wrong")

    def _tell(self, what: str, text: str, role: str) -> None:
        result = self.results[what]
        result.setProperty("role", role)
        result.style().unpolish(result)
        result.style().polish(result)
        result.setText(text)
        result.show()

    def _on_run(self, _run: object) -> None:
        for result in self.results.values():
            result.hide()
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        why = self.tr("There is no trained run yet; train the project first.") if self.runs.run is None else ""
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


def export_text(record: Mapping[str, Any]) -> str:
    """What the check of an export found, in plain words."""
    opset = f" (ONNX opset {record['opset']})" if record.get("opset") else ""
    cases, difference = record["checked_cases"], float(record["max_abs_difference"])
    found = f"differ from those of the trained model by at most {difference:.2g}"
    found = found if difference else "are exactly those of the trained model"
    checked = f"On {cases} cases that the training did not learn from, its answers {found}."
    return f"Written and checked: {record['file']}{opset}\n{checked}"
