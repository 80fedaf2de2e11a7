"""The right side of the Train workspace: problems, settings, runs, and what is known of the shown run."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.mending import FixFinder, mend
from designer.parts import Notes, button, label, line
from designer.project import Project
from designer.runs.model import RunsModel
from designer.training.blockers import BlockersList
from designer.training.history import History, spoken_name
from designer.training.runs_panel import RunsPanel
from designer.training.settings_panel import SettingsPanel
from runtime.problems import Problem
from runtime.runs import Run


class Side(QWidget):
    """Groups with a title each; a group with nothing to show is hidden."""

    def __init__(self, project: Project, runs: RunsModel) -> None:
        super().__init__()
        self._run: Run | None = None
        self.problems = BlockersList()
        self._project = project
        self._finder = FixFinder(self)
        self._finder.found.connect(self._offer)
        self._shown: Sequence[Problem] = ()
        self.settings = SettingsPanel(project)
        self.runs = RunsPanel(runs)
        self.facts = label("", "small")
        self.warnings = Notes("warning")
        self.log = button(self.tr("Open log"), self.tr("Everything the training process wrote down"))
        self.log.clicked.connect(self._open_log)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 16, 16, 16)
        self._column.setSpacing(16)
        self._problems = self._group(self.tr("Before it can train"), self.problems)
        self._group(self.tr("How it is trained"), self.settings)
        self._runs = self._group(self.tr("Runs"), self.runs)
        self._about = self._group(self.tr("This run"), self.facts, self.warnings, self.log)
        self._column.addStretch(1)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """What keeps the project from training."""
        self.problems.show_problems(problems)
        self._shown = problems
        self._finder.look(problems, self._project.analysis)
        self._problems.setVisible(bool(problems))

    def show_current(self, current: Run | None) -> None:
        """Mark the run that is shown in the list of the project's runs."""
        self.runs.show_current(current.folder if current is not None else None)
        self._runs.setVisible(self.runs.runs.rowCount() > 0)

    def show_run(self, run: Run | None, history: History) -> None:
        """The shown run's facts and warnings."""
        self._run = run
        self._about.setVisible(run is not None)
        self.facts.setText("\n".join(self._facts(history)))
        self.facts.setVisible(bool(self.facts.text()))
        self.warnings.show_texts(history.warnings)
        self.log.setVisible(run is not None and (run.folder / "log.txt").exists())

    def _offer(self, row: int, labels: tuple[str, ...]) -> None:
        problem = self._shown[row]
        self.problems.offer(row, labels, lambda what: mend(self._project, problem, what))

    def _facts(self, history: History) -> list[str]:
        parts = ", ".join(f"{count} {part}" for part, count in history.cases.items())
        best = [f"{spoken_name(name)} {value:.4g}" for name, value in history.best.items() if value is not None]
        told = [
            self.tr("Cases: %s") % parts if parts else "",
            history.split,
            self.tr("Computed on %s") % history.device if history.device else "",
            self.tr("Best epoch %s: ") % history.best_epoch + ", ".join(best) if best and history.best_epoch else "",
        ]
        return [text for text in told if text]

    def _group(self, title: str, *widgets: QWidget) -> QWidget:
        group = QWidget()
        inside = QVBoxLayout(group)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        inside.addWidget(label(title, "title"))
        for widget in widgets:
            inside.addWidget(widget)
        inside.addSpacing(8)
        inside.addWidget(line())
        self._column.addWidget(group)
        return group

    def _open_log(self) -> None:
        if self._run is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._run.folder / "log.txt")))
