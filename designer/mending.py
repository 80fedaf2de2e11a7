"""Fix buttons: which remedies there are, found while nothing else is to be done, and what a click on one does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from designer.project import Project
from runtime.analysis import Analysis
from runtime.fixes import apply_fix, fixes_for
from runtime.paths import first_copies, place_of
from runtime.problems import Problem
from runtime.sheet_view import sheet_view

BUTTON = 30
"""Height of a fix button, with the space above the next, in pixels."""

_QUIET = 80  # milliseconds without a change before remedies are looked for
_MOST = 12


def mend(project: Project, problem: Problem, label: str, *, here: bool = False) -> bool:
    """Make the change of this label, if it still mends the problem; one step of undo.

    The problem is one of the whole project's analysis, or (`here`) of the sheet that is looked at.
    """
    analysis = project.analyse_now()
    problem, view = (problem, project.seen) if here else on_its_sheet(problem, analysis)
    fix = next((fix for fix in fixes_for(problem, view) if fix.label == label), None)
    if fix is None:
        return False
    apply_fix(fix, project.document)
    return True


def on_its_sheet(problem: Problem, analysis: Analysis) -> tuple[Problem, Analysis]:
    """A problem of a whole analysis as it is seen on the sheet where it lies, and what is seen there."""
    path, node_id = place_of(first_copies(problem.node))
    node = analysis.drawn.nodes.get(node_id)
    if node is None:
        return problem, sheet_view(analysis)
    return replace(problem, node=node_id), sheet_view(analysis, node.sheet, path)


class FixFinder(QObject):
    """Looks for the remedies of listed problems, one problem in each turn of the event loop."""

    found = Signal(int, object)  # which of the problems, the labels of its fixes

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: list[tuple[int, Problem]] = []
        self._analysis: Analysis | None = None
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._look_at_next)

    def look(self, problems: Sequence[Problem], analysis: Analysis) -> None:
        """Begin anew with these."""
        self._analysis = analysis
        self._waiting = [(row, problem) for row, problem in enumerate(problems) if problem.code][:_MOST]
        self._turn.start(_QUIET)

    def _look_at_next(self) -> None:
        if not self._waiting or self._analysis is None:
            return
        row, problem = self._waiting.pop(0)
        self.found.emit(row, tuple(fix.label for fix in fixes_for(*on_its_sheet(problem, self._analysis))))
        self._turn.start(0)


class FixButton(QPushButton):
    """A button that says what will be done; Enter presses it too."""

    def __init__(self, text: str, do: Callable[[], object], why: str) -> None:
        super().__init__(text)
        self.setObjectName("fix")
        self.setProperty("fix", "true")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Fix: {0}").format(text))
        self.setAccessibleDescription(why)
        self.setToolTip(self.tr("{0} (one step of undo)").format(text))
        self.setFixedHeight(BUTTON - 4)
        self.clicked.connect(partial(_call, do))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()  # what holds the buttons knows where to go
        else:
            super().keyPressEvent(event)


class FixButtons(QWidget):
    """Buttons at the foot of a row of a list; the row's text shines through above them."""

    def __init__(self, labels: Iterable[str], do: Callable[[str], object], why: str) -> None:
        super().__init__()
        self.buttons = [FixButton(label, partial(do, label), why) for label in labels]
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 0, 8, 12)
        column.setSpacing(4)
        column.addStretch(1)
        for button in self.buttons:
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def follow(self, before: QWidget) -> None:
        """Come after a widget in the order of Tab."""
        for button in self.buttons:
            QWidget.setTabOrder(before, button)
            before = button


def _call(do: Callable[[], object], _checked: bool = False) -> None:
    do()
