"""What the layers of a run see in the case that is looked at: one node after the other."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from designer.looking.features_panel import FeaturesPanel
from designer.parts import label, row_of
from nodes.roles import Loss, Metric, Optimizer, Output, Source
from runtime.analysis import analyse
from runtime.errors import RunError
from runtime.files import ProjectError
from runtime.runs import Run

_WITHOUT_PICTURES = (Source, Loss, Metric, Optimizer, Output)


class LayersPage(QWidget):
    """Offers the nodes of the run in the order in which they compute."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Path | None = None
        self._case = ""
        self._data: Path | None = None
        self.node = QComboBox()
        self.node.setAccessibleName(self.tr("Node"))
        self.node.setToolTip(self.tr("Whose output is shown, channel by channel"))
        self.node.activated.connect(self._show)
        self.features = FeaturesPanel()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row_of(label(self.tr("Node"), "muted", wrap=False), self.node))
        column.addWidget(self.features, 1)

    def show_case(self, run: Path, case: str, data: Path | None = None) -> None:
        """Show a case (its key) of the run's data, or of another folder; at the node that was looked at before where
        the run has it."""
        if run != self._run:
            self._run = run
            self._offer(run)
        self._case, self._data = case, data
        self._show()

    def close_down(self) -> None:
        """End what is on its way."""
        self.features.close_down()

    def _offer(self, run: Path) -> None:
        chosen = self.node.currentData()
        self.node.clear()
        try:
            analysis = analyse(Run(run).job.graph)
        except (RunError, ProjectError) as error:
            self.features.say(str(error))
            return
        shown = [node for node in analysis.order if not isinstance(analysis.facts[node].type, _WITHOUT_PICTURES)]
        for node in shown:
            self.node.addItem(analysis.title(node), node)
        learned = [place for place, node in enumerate(shown) if analysis.facts[node].parameters]
        before = self.node.findData(chosen) if chosen is not None else -1
        self.node.setCurrentIndex(before if before >= 0 else next(iter(learned), 0))

    def _show(self) -> None:
        node = self.node.currentData()
        if self._run is not None and node is not None:
            self.features.show_node(self._run, self._case, node, self._data)
