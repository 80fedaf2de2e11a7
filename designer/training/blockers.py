"""What keeps the project from being trained, as rows that lead to where it can be mended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from designer.mending import BUTTON, FixButtons
from designer.parts import without_options
from designer.theme import Theme
from runtime.analysis import Analysis
from runtime.listing import by_fault, described
from runtime.problems import Problem
from runtime.readiness import training_problems

_NODE = Qt.ItemDataRole.UserRole
_FIXES = Qt.ItemDataRole.UserRole + 1


def blockers_of(analysis: Analysis, lack: str = "") -> tuple[Problem, ...]:
    """Every error that training would stumble over; of several at one setting or port, the first.

    `lack` is what this computer lacks of the devices that the settings name.
    """
    found = (*analysis.problems, *training_problems(analysis))
    told: dict[tuple[str, str], Problem] = {}
    for problem, nodes in by_fault(found).items():
        if problem.severity == "error":
            place = (problem.node, problem.field if problem.node and problem.field else problem.message)
            told.setdefault(place, replace(problem, message=described(problem, analysis, nodes)))
    missing = (Problem("", "", "error", without_options(lack)),) if lack else ()
    return (*told.values(), *missing)


def why_not_train(blockers: Sequence[Problem]) -> str:
    """The reason for a disabled Train button, "" when there is none."""
    if not blockers:
        return ""
    more = f" (and {len(blockers) - 1} more: see Train)" if len(blockers) > 1 else ""
    return blockers[0].message + more


class BlockersList(QListWidget):
    """A row for each problem; a click or Enter goes to its node."""

    chosen = Signal(str)  # node id

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setAccessibleName(self.tr("What keeps the project from being trained"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(self._choose)
        self.itemActivated.connect(self._choose)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Put these in the place of the old."""
        self.clear()
        for problem in problems:
            item = QListWidgetItem(problem.message)
            item.setData(_NODE, problem.node)
            item.setToolTip(self.tr("Click to go there") if problem.node else problem.message)
            self.addItem(item)
        self._dress()
        self._fit()

    def offer(self, row: int, labels: tuple[str, ...], do: Callable[[str], object]) -> None:
        """Put a button for each remedy below a row."""
        item = self.item(row)
        item.setData(_FIXES, len(labels))
        item.setTextAlignment(Qt.AlignmentFlag.AlignTop)
        if labels:
            buttons = FixButtons(labels, do, item.text())
            self.setItemWidget(item, buttons)
            above = (self.itemWidget(self.item(other)) for other in range(row - 1, -1, -1))
            buttons.follow(next((one.buttons[-1] for one in above if isinstance(one, FixButtons)), self))
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._dress()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrapped rows need another height at another width."""
        super().resizeEvent(event)
        self._fit()

    def _dress(self) -> None:
        for row in range(self.count()):
            self.item(row).setForeground(QColor(Theme.current().error))

    def _fit(self) -> None:
        height = 8
        for row in range(self.count()):
            width = max(80, self.viewport().width() - 16)
            box = self.fontMetrics().boundingRect(0, 0, width, 1000, Qt.TextFlag.TextWordWrap, self.item(row).text())
            tall = box.height() + 10 + int(self.item(row).data(_FIXES) or 0) * (BUTTON + 2)
            self.item(row).setSizeHint(QSize(width, tall))
            height += tall
        self.setFixedHeight(min(height, 320))

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(str(item.data(_NODE)))
