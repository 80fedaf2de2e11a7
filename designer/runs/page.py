"""The page of runs: the table, what can be done with the selected ones, and below it the ticked ones compared."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from designer.parts import Empty, button, counted, label, row_of, set_possible
from designer.process import CommandProcess, End
from designer.runs.comparison import ComparisonPane
from designer.runs.model import RunsModel
from designer.runs.table import RunsTable
from designer.runs.words import began
from runtime.amounts import memory


class RunsPage(QWidget):
    """Works on the rows; whoever uses it shows a chosen run, opens its graph and looks for runs anew."""

    chosen = Signal(object)  # the folder of a run
    reopens = Signal(object)  # the folder of a run whose graph is wanted on the canvas
    deleted = Signal()
    said = Signal(str, str)

    def __init__(self, runs: RunsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = runs
        self.table = RunsTable(runs)
        self.comparison = ComparisonPane()
        self.facts = label("", "muted", wrap=False)
        self.reopen = button(self.tr("Open its graph"))
        self.compare = button(self.tr("Compare selected"))
        self.untick = button(self.tr("Untick all"), self.tr("End the comparison"))
        self.delete = button(self.tr("Delete …"))
        self._process: CommandProcess | None = None
        self._lay_out()
        self._connect()
        self._refresh()

    def close_down(self) -> None:
        """The window is closing; a deletion that has begun goes on to its end."""
        self.comparison.close_down()

    def dress(self) -> None:
        """Take the colours of the program's appearance."""
        self.comparison.dress()

    def _lay_out(self) -> None:
        says = self.tr("Tick runs in the table, or select some and press “Compare selected”.")
        self.below = QStackedWidget()
        self.below.addWidget(Empty(self.tr("Compare runs"), says))
        self.below.addWidget(self.comparison)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setObjectName("runs")
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.below)
        split.setSizes([320, 360])
        tools = row_of(self.facts, self.reopen, self.compare, self.untick, self.delete, stretch=0)
        tools.setContentsMargins(16, 8, 16, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(tools)
        column.addWidget(split, 1)

    def _connect(self) -> None:
        self.table.chosen.connect(self.chosen)
        self.table.selection_changed.connect(self._refresh)
        self.comparison.chosen.connect(self.table.select)
        self.comparison.chosen.connect(self.chosen)
        self.runs.ticks_changed.connect(self._on_ticks)
        self.runs.modelReset.connect(self._refresh)
        self.runs.dataChanged.connect(lambda *_: self._refresh())
        self.runs.failed.connect(lambda text: self.said.emit(text, "error"))
        self.reopen.clicked.connect(lambda: self.reopens.emit(self.table.selected()[0]))
        self.compare.clicked.connect(self._tick_selected)
        self.untick.clicked.connect(self.runs.untick_all)
        self.delete.clicked.connect(self._delete)

    def _refresh(self) -> None:
        chosen = self.table.selected()
        known = self.runs.facts.values()
        size = memory(sum(facts.bytes for facts in known))
        self.facts.setText(self.tr("{0}, {1} on the disk").format(counted(len(self.runs.folders), "run"), size))
        one = "" if len(chosen) == 1 else self.tr("Select one run in the table first.")
        set_possible(self.reopen, one, self.tr("Put the graph of this run on the canvas, just as it was trained. "
                                               "Undo takes it back."))  # fmt: skip
        few = "" if len(chosen) > 1 else self.tr("Select several runs in the table first (Ctrl or Shift and click).")
        set_possible(self.compare, few, self.tr("Lay the curves of these runs over each other, say how they differ."))
        unticked = "" if self.runs.ticked() else self.tr("No run is ticked.")
        set_possible(self.untick, unticked, self.tr("Untick all runs"))
        set_possible(self.delete, self._why_not_delete(chosen), self.tr("Delete the selected runs for good"))

    def _why_not_delete(self, chosen: list[Path]) -> str:
        if self._process is not None:
            return self.tr("A deletion is under way.")
        if not chosen:
            return self.tr("Select runs in the table first.")
        if any(folder in self.runs.facts and self.runs.facts[folder].status == "running" for folder in chosen):
            return self.tr("One of these runs is being trained; stop it first.")
        return ""

    def _on_ticks(self, folders: list[Path]) -> None:
        self.below.setCurrentIndex(1 if folders else 0)
        if folders:
            self.comparison.show_runs(folders[::-1])  # the oldest first: the others are held against it
        self._refresh()

    def _tick_selected(self) -> None:
        chosen = self.table.selected()
        for folder in self.runs.folders:
            self.runs.tick(folder, folder in chosen)

    def _delete(self) -> None:
        chosen = self.table.selected()
        sizes = [self.runs.facts[folder].bytes for folder in chosen if folder in self.runs.facts]
        named = began(chosen[0]) if len(chosen) == 1 else counted(len(chosen), "run")
        text = self.tr("Delete {0} for good, with all checkpoints, curves and exports? That frees {1}.")
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self, self.tr("Delete runs?"), text.format(named, memory(sum(sizes))), buttons.Yes | buttons.Cancel,
            buttons.Cancel,
        )  # fmt: skip
        if answer != buttons.Yes:
            return
        self._process = CommandProcess(["delete", *map(str, chosen), "--yes", "--json"], self)
        self._process.record.connect(self._on_deleted)
        self._process.ended.connect(self._on_end)
        self._process.start()
        self._refresh()

    def _on_deleted(self, record: dict[str, object]) -> None:
        freed = record.get("freed")
        if isinstance(freed, int):
            self.said.emit(self.tr("Deleted; %s are free again.") % memory(freed), "good")

    def _on_end(self, end: End) -> None:
        self._process = None
        if not end.ok:
            self.said.emit(end.message, "error")
        self.deleted.emit()
        self._refresh()
