"""The ticked runs side by side: curves in one plot, differences in words, error against cost."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QTextBrowser, QVBoxLayout, QWidget

from designer.parts import button, label, row_of
from designer.process import CommandProcess, End
from designer.runs.cost_plot import CostPlot
from designer.runs.words import began
from designer.segments import Segments
from designer.training.curves import Curve, CurvePlot
from designer.training.history import spoken_name
from runtime.run_facts import RunFacts, from_record

_WAIT_MS = 150


class ComparisonPane(QWidget):
    """Asks a process for the ticked runs, shortly after the last tick."""

    chosen = Signal(object)  # the folder of a run that was clicked in a plot
    compared = Signal()  # what is ticked is shown now

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs: Sequence[RunFacts] = ()
        self.differences: Sequence[Sequence[str]] = ()
        self._curves: Sequence[Mapping[str, Any]] = ()
        self._folders: Sequence[Path] = ()
        self._process: CommandProcess | None = None
        self._due = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._due.timeout.connect(self._ask)
        self.title = label("", "title", wrap=False)
        self.names, self.cost = QComboBox(), QComboBox()
        for box in (self.names, self.cost):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.names.setAccessibleName(self.tr("Metric of the curves"))
        self.cost.setAccessibleName(self.tr("Cost"))
        self.cost.addItem(self.tr("over multiply-adds"), "multiply_adds")
        self.cost.addItem(self.tr("over parameters"), "parameters")
        self.copy = button(self.tr("Copy differences"), self.tr("Copy the differences as text"))
        self.plot = CurvePlot(self.tr("Curves"))
        self.words = QTextBrowser()
        self.words.setAccessibleName(self.tr("Differences"))
        self.words.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.costs = CostPlot()
        self.parts = Segments(self.tr("Comparison"))
        self.parts.add("curves", self.tr("Curves"), self.plot)
        self.parts.add("differences", self.tr("Differences"), self.words,
                       self.tr("What differs in settings, nodes and wires from the oldest ticked run"))  # fmt: skip
        self.parts.add("cost", self.tr("Error against cost"), self.costs)
        self._lay_out()
        self.names.activated.connect(self.redraw)
        self.cost.activated.connect(self.redraw)
        self.copy.clicked.connect(self._copy)
        self.parts.changed.connect(self._on_part)
        self.costs.chosen.connect(self.chosen)
        self._on_part("curves")

    def show_runs(self, folders: Sequence[Path]) -> None:
        """Compare these runs; the first is what the others are held against."""
        self._folders = list(folders)
        self.title.setText(self.tr("%s ticked runs: reading …") % len(folders))
        self._due.start()

    def dress(self) -> None:
        """Take the colours of the program's appearance."""
        self.plot.dress()
        self.costs.dress()
        self.redraw()

    def close_down(self) -> None:
        """The window is closing."""
        self._due.stop()
        if self._process is not None:
            self._process.abandon()
            self._process = None

    def redraw(self) -> None:
        """Draw what is known."""
        name = self.names.currentData() or ""
        curves = [
            Curve(began(Path(facts.run)), points[name], place, dashed=place >= 8)  # there are eight colours
            for place, (facts, points) in enumerate(zip(self.runs, self._curves, strict=True))
            if name in points
        ]
        self.plot.show_curves(curves)
        self.words.setHtml(self._html())
        self.costs.show_runs(self.runs, str(self.cost.currentData()))

    def text(self) -> str:
        """The differences as plain text."""
        lines = []
        for place, (facts, said) in enumerate(zip(self.runs, self.differences, strict=True)):
            lines.append(began(Path(facts.run)) + ("" if place else self.tr(" (the others are held against it)")))
            lines += [f"  {phrase}" for phrase in (said or ([self.tr("no difference")] if place else []))]
        return "\n".join(lines)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        head = row_of(self.title, self.parts)
        for widget in (self.names, self.cost, self.copy):
            head.addWidget(widget)
        column.addLayout(head)
        column.addWidget(self.parts.pages, 1)

    def _on_part(self, name: str) -> None:
        self.names.setVisible(name == "curves")
        self.cost.setVisible(name == "cost")
        self.copy.setVisible(name == "differences")

    def _ask(self) -> None:
        self.close_down()
        if not self._folders:
            return
        self._process = CommandProcess(["compare", *map(str, self._folders), "--json"], self)
        self._process.record.connect(self._on_record)
        self._process.ended.connect(self._on_end)
        self._process.start()

    def _on_record(self, record: dict[str, Any]) -> None:
        runs = record.get("runs", [])
        self.runs = [from_record(one) for one in runs]
        self._curves = [{name: [tuple(p) for p in points] for name, points in one["curves"].items()} for one in runs]
        self.differences = [one["differences"] for one in runs]
        self._list_metrics()
        self.title.setText(self.tr("%s ticked runs") % len(runs))
        self.redraw()
        self.compared.emit()

    def _on_end(self, end: End) -> None:
        if not end.ok and not end.stopped:
            self.title.setText(end.message)

    def _list_metrics(self) -> None:
        before = self.names.currentData()
        names = list(dict.fromkeys(name for points in self._curves for name in points))
        names.sort(key=lambda name: (not name.startswith("validation_"), name))
        self.names.clear()
        for name in names:
            self.names.addItem(spoken_name(name), name)
        usual = self.runs[0].metric if self.runs else ""
        place = self.names.findData(before if before in names else usual)
        self.names.setCurrentIndex(max(0, place))

    def _html(self) -> str:
        parts = []
        for place, (facts, said) in enumerate(zip(self.runs, self.differences, strict=True)):
            name = html.escape(began(Path(facts.run)))
            beside = self.tr("the others are held against it") if place == 0 else ""
            parts.append(f"<p><b>{name}</b> {beside}</p>")
            listed = said or ([self.tr("no difference")] if place else [])
            if listed:
                parts.append("<ul>" + "".join(f"<li>{html.escape(one)}</li>" for one in listed) + "</ul>")
        return "".join(parts)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
