"""The page of a search: what is searched, the trials as they come, what mattered, and the best one to take over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHeaderView,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from designer.parts import Empty, Stack, button, label, row_of, set_possible, spin_box
from designer.project import Project
from designer.search.importance import ImportancePlot
from designer.search.ranges import RangesModel
from designer.search.session import SearchSession
from designer.search.taking_over import take_over
from designer.tables import RowsTable
from designer.training.history import spoken_name
from runtime.errors import RunError
from runtime.files import ProjectError
from runtime.graph import Graph
from runtime.ranges import Range
from runtime.search.folder import begin_search, find_searches
from runtime.search.space import readable, title_of

_ROWS = 120


class SearchPage(QWidget):
    """Follows one search of the project, the newest at first."""

    said = Signal(str, str)
    chosen = Signal(object)  # the folder of a trial's run

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.session: SearchSession | None = None
        self.state: Mapping[str, Any] = {}
        self.ranges = RangesModel(project)
        self._make_fields()
        self.trials = RowsTable((), self.tr("Trials"))
        self.importance = ImportancePlot()
        self._lay_out()
        self._connect()
        self.look()

    def look(self) -> None:
        """Look for the project's searches; the newest is shown."""
        self._let_go()
        path = self.project.path
        found = find_searches(path) if path is not None and path.is_file() else []
        if found and path is not None:
            self._follow(SearchSession(found[-1], path, self))
            if self.session is not None:
                self.session.follow()
        self._refresh()

    def close_down(self) -> None:
        """The window is closing: workers go on."""
        self._let_go()

    def dress(self) -> None:
        """Take the colours of the program's appearance."""
        self.importance.dress()

    def begin(self) -> None:
        """Begin a search of the project as it is now."""
        path = self.project.path
        if path is None:
            return
        how = {"sampler": self.sampler.currentData(), "pruning": self.pruning.isChecked(), "trials": self.count.value()}
        try:
            search = begin_search(self.project.document.graph(), path, **how)
        except (RunError, ProjectError) as error:
            self.said.emit(str(error), "error")
            return
        self._follow(SearchSession(search, path, self))
        self._start()

    def go_on(self) -> None:
        """More workers for the search that is shown, or its stopped trials again."""
        self._start()

    def take_best(self) -> None:
        """Put the values of the best trial onto the canvas, as one edit."""
        best = next((one for one in self.state.get("trials", ()) if one["number"] == self.state.get("best")), None)
        if best is not None:
            self.said.emit(*take_over(self.project, best["number"], best["values"]))

    def _make_fields(self) -> None:
        self.table = QTableView()
        self.table.setModel(self.ranges)
        self.table.setAccessibleName(self.tr("What is searched"))
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.setMinimumHeight(_ROWS)
        self.offered = QComboBox()
        self.offered.setAccessibleName(self.tr("Setting to search"))
        self.offered.setMinimumWidth(260)
        self.add = button(self.tr("Search this setting"), self.tr("Try values of this setting between two ends"))
        self.remove = button(self.tr("Remove"), self.tr("Search the selected settings no longer"))
        self.count, self.workers = spin_box(1, 100_000, self.tr("Trials")), spin_box(1, 16, self.tr("Workers at once"))
        self.count.setValue(20)
        self.sampler = QComboBox()
        self.sampler.addItem(self.tr("learn from trials (TPE)"), "tpe")
        self.sampler.addItem(self.tr("by chance"), "random")
        self.pruning = QCheckBox(self.tr("End bad trials early"))
        self.pruning.setChecked(True)
        self.pruning.setToolTip(self.tr("A trial that is worse than half of the others after as many epochs is ended."))
        self.start = button(self.tr("Search"), primary=True)
        self.stop = button(self.tr("Stop"))
        self.more = button(self.tr("Go on"))
        self.best = button(self.tr("Take over the best"))
        self.facts = label("", "muted")

    def _lay_out(self) -> None:
        what = row_of(self.offered, self.add, self.remove)
        how = row_of(
            label(self.tr("Trials"), "muted", wrap=False), self.count, label(self.tr("Workers"), "muted", wrap=False),
            self.workers, self.sampler, self.pruning, self.start, self.more, self.stop,
        )  # fmt: skip
        done = row_of(self.facts, self.best, stretch=0)
        self.below = Stack()
        self.below.addWidget(Empty(self.tr("No trials yet"), self.tr(
            "Choose settings and their ranges above, then press Search. Each trial is a run of its own; what a setting "
            "mattered is known after some of them."
        )))  # fmt: skip
        below = QSplitter(Qt.Orientation.Horizontal)
        below.setHandleWidth(1)
        below.addWidget(self.trials)
        below.addWidget(self.importance)
        below.setSizes([720, 280])
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addLayout(what)
        column.addWidget(self.table, 1)
        column.addLayout(how)
        found = QWidget()
        rows = QVBoxLayout(found)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(done)
        rows.addWidget(below, 1)
        self.below.addWidget(found)
        column.addWidget(self.below, 3)

    def _connect(self) -> None:
        self.add.clicked.connect(lambda: self.ranges.add(*self.offered.currentData()))
        self.remove.clicked.connect(self._remove)
        self.ranges.wrong.connect(lambda text: self.said.emit(text, "warning"))
        self.ranges.modelReset.connect(self._refresh)
        self.start.clicked.connect(self.begin)
        self.more.clicked.connect(self.go_on)
        self.stop.clicked.connect(self._stop)
        self.best.clicked.connect(self.take_best)
        self.trials.doubleClicked.connect(lambda index: self._show_run(index.row()))

    def _remove(self) -> None:
        self.ranges.remove([index.row() for index in self.table.selectionModel().selectedRows()])

    def _stop(self) -> None:
        if self.session is not None:
            self.session.stop()

    def _start(self) -> None:
        if self.session is None:
            return
        try:
            self.session.start(self.workers.value(), self.count.value())
        except OSError as error:
            self.said.emit(self.tr("The search could not be started: %s.") % (error.strerror or error), "error")
        self._refresh()

    def _follow(self, session: SearchSession) -> None:
        self._let_go()
        self.session = session
        session.told.connect(self._on_told)
        session.changed.connect(self._refresh)

    def _let_go(self) -> None:
        if self.session is not None:
            self.session.close_down()
            self.session.deleteLater()
        self.session, self.state = None, {}
        self.trials.show_rows([], [])
        self.importance.show_shares({})

    def _on_told(self, state: Mapping[str, Any]) -> None:
        self.state = state
        self._show_trials()
        titles = self._titles()
        shares = {titles.get(key, key): share for key, share in state["importances"].items()}
        self.importance.show_shares(shares)
        self._refresh()

    def _titles(self) -> dict[str, str]:
        graph: Graph = self.project.document.graph()
        return {f"{one['node']}.{one['setting']}": title_of(Range(one["node"], one["setting"]), graph)
                for one in self.state.get("ranges", ())}  # fmt: skip

    def _show_trials(self) -> None:
        titles = self._titles()
        metric = spoken_name(self.state["plan"]["metric"])
        head = [self.tr("Trial"), self.tr("State"), metric, self.tr("Epochs"), *titles.values(), self.tr("Remark")]
        rows = [
            [one["number"], one["state"] + (" ★" if one["number"] == self.state["best"] else ""), one["value"],
             one["epochs"], *(_cell(one["values"].get(key)) for key in titles), one["reason"]]
            for one in reversed(self.state["trials"])
        ]  # fmt: skip
        self.trials.show_rows(rows, head)

    def _show_run(self, row: int) -> None:
        number = self.trials.content.rows[row][0]
        if self.session is None or not isinstance(number, int):
            return
        run: Path = self.session.search.run_folder(number)
        if run.exists():
            self.chosen.emit(run)

    def _refresh(self) -> None:
        chosen = self.offered.currentText()
        self.offered.clear()
        for place, title in self.ranges.offered().items():
            self.offered.addItem(title, place)
        self.offered.setCurrentIndex(max(0, self.offered.findText(chosen)))
        running = self.session is not None and self.session.running
        saved = "" if self.project.path is not None else self.tr("Save the project first: a search is kept beside it.")
        busy = self.tr("A search is running; stop it first.") if running else ""
        set_possible(
            self.start, busy or saved or self.ranges.fault(), self.tr("Begin a search of the project as it is")
        )
        none = "" if self.session is not None else self.tr("There is no search yet.")
        set_possible(self.more, none or busy, self.tr("Go on with the search that is shown, to as many trials"))
        set_possible(
            self.stop, "" if running else self.tr("No search is running."), self.tr("Stop; it can go on later")
        )
        has_best = self.state.get("best") is not None
        set_possible(self.best, "" if has_best else self.tr("No trial has come to its end yet."),
                     self.tr("Put the values of the best trial onto the canvas; undo takes them back."))  # fmt: skip
        set_possible(self.add, "" if self.offered.count() else self.tr("There is nothing to search."),
                     self.tr("Try values of this setting between two ends"))  # fmt: skip
        self.facts.setText(self._words(running))
        self.below.setCurrentIndex(1 if self.state else 0)

    def _words(self, running: bool) -> str:
        if not self.state:
            return ""
        trials = self.state["trials"]
        done = sum(one["state"] in ("complete", "pruned", "refused", "failed") for one in trials)
        how = self.tr("searching") if running else self.tr("not running")
        text = self.tr("{0}: {1} of {2} trials").format(how, done, self.state["plan"]["trials"])
        best = next((one for one in trials if one["number"] == self.state["best"]), None)
        if best is None:
            return text
        metric = spoken_name(self.state["plan"]["metric"])
        return text + self.tr("; the best is trial {0} with {1} {2:.4g}").format(best["number"], metric, best["value"])


def _cell(value: Any) -> str:
    return "–" if value is None else readable(value)
