"""The views of the Train workspace, one at a time: curves, cases and layers of the shown run, all runs, queues."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from designer.segments import Segments
from designer.training.cases_panel import CasesPanel
from designer.training.history import History
from designer.training.layers_panel import LayersPanel


class Views(Segments):
    """The row of buttons, with the two views that read files of their own when they are looked at."""

    def __init__(self, course: QWidget, runs: QWidget, search: QWidget, folds: QWidget) -> None:
        super().__init__("")
        self.setAccessibleName(self.tr("What is shown"))
        self.cases, self.layers = CasesPanel(), LayersPanel()
        self.add("curves", self.tr("Curves"), course, self.tr("The course of the run that is shown"))
        self.add("cases", self.tr("Cases"), self.cases, self.tr("What the network answers for a few validation cases"))
        self.add("layers", self.tr("Layers"), self.layers, self.tr("Weights and gradients of each layer"))
        self.add("runs", self.tr("Runs"), runs, self.tr("All runs of this project, compared"))
        self.add("search", self.tr("Search"), search, self.tr("Try settings, keep the best"))
        self.add("folds", self.tr("Cross-validation"), folds, self.tr(
            "Train several times, so that each case is judged once by a network that has not seen it"))

    def show_run(self, folder: Path | None, history: History) -> None:
        """Bring the view that is looked at up to date."""
        if self.current == "cases":
            self.cases.show_run(folder, history)
        elif self.current == "layers":
            self.layers.show_run(folder, history)

    def dress(self) -> None:
        """Take the colours of the program's appearance."""
        self.cases.dress()
        self.layers.dress()

    def close_down(self) -> None:
        """The window is closing."""
        self.cases.close_down()
