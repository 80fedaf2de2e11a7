"""Everything that is wrong with the graph; a click goes there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from designer.inspector.rows import label
from designer.mending import BUTTON, FixButtons, FixFinder
from designer.theme import Theme, font
from runtime.analysis import Analysis
from runtime.listing import by_fault, described
from runtime.problems import Problem
from runtime.readiness import training_problems

Key = tuple[str, str, str]
_NODE = Qt.ItemDataRole.UserRole
_SEVERITY = Qt.ItemDataRole.UserRole + 1
_FIXES = Qt.ItemDataRole.UserRole + 2
_PAD = 8
_BAR = 4
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


class ProblemList(QWidget):
    """The problems, one card each, with their number above."""

    chosen = Signal(str)  # node id, "" when the problem concerns the whole
    fix_asked = Signal(object, str)  # the problem, and what is to be done

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = label(self.tr("Problems"), "title")
        self._none = label(self.tr("The canvas is empty."), "muted", wraps=True)
        self.list = _Cards(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self._title, self._none, self.list):
            column.addWidget(part)
        self._problems: list[Problem] = []
        self._inside = False
        self._finder = FixFinder(self)
        self._finder.found.connect(self._offer)
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)

    def show_analysis(self, analysis: Analysis, *, inside: bool | None = None) -> None:
        """List the problems, errors first, then, unless a block is looked `inside`, what training lacks."""
        self._inside = self._inside if inside is None else inside
        wrong = sorted(analysis.problems, key=lambda problem: problem.severity != "error")
        missing = _lacking(analysis)
        lacking = [] if self._inside else missing
        faults = by_fault(wrong)
        problems = [*faults, *lacking]
        keys: list[Key] = [
            (problem.node, problem.severity, described(problem, analysis, nodes)) for problem, nodes in faults.items()
        ]
        before = self.tr("Before it can train: {0}")
        keys += [(problem.node, "lacking", before.format(described(problem, analysis))) for problem in lacking]
        if keys != self.list.keys:
            self.list.fill(keys)
        self._problems = problems
        self._finder.look(problems, analysis)
        self._title.setText(self.tr("Problems ({0})").format(len(faults)) if wrong else self.tr("Problems"))
        self._none.setText(self._sound(missing) if analysis.graph.nodes else self.tr("The canvas is empty."))
        self._none.setVisible(not wrong)
        self.list.setVisible(bool(keys))

    def _sound(self, missing: list[Problem]) -> str:
        if not missing:
            return self.tr("None. It can be trained.")
        if self._inside:
            return self.tr("None. What the drawing still lacks to be trained is listed on the main sheet.")
        return self.tr("None in the drawing itself.")

    def _offer(self, row: int, labels: tuple[str, ...]) -> None:
        problem = self._problems[row]
        self.list.offer(row, labels, lambda what: self.fix_asked.emit(problem, what))

    def _go(self, item: QListWidgetItem) -> None:
        self.chosen.emit(str(item.data(_NODE)))


def _lacking(analysis: Analysis) -> list[Problem]:
    """What keeps a drawing from being trained, as at the Train button, but for what is listed as wrong already."""
    if not analysis.graph.nodes:
        return []
    told = {(problem.node, problem.field) for problem in analysis.errors if problem.node and problem.field}
    found = (problem for problem in training_problems(analysis) if problem.severity == "error")
    return [problem for problem in found if (problem.node, problem.field) not in told]


class _Cards(QListWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.keys: list[tuple[str, str, str]] = []
        self.setItemDelegate(_Card(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setAccessibleName(self.tr("Problems"))

    def fill(self, keys: list[tuple[str, str, str]]) -> None:
        self.keys = keys
        self.clear()
        for node, severity, message in keys:
            item = QListWidgetItem(message)
            item.setData(_NODE, node)
            item.setData(_SEVERITY, severity)
            item.setToolTip(message)
            self.addItem(item)
        self.updateGeometry()

    def offer(self, row: int, labels: tuple[str, ...], do: Callable[[str], object]) -> None:
        """Put a button for each remedy at the foot of a card."""
        item = self.item(row)
        item.setData(_FIXES, len(labels))
        old = self.itemWidget(item)
        if old is not None:
            self.removeItemWidget(item)
        if labels:
            buttons = FixButtons(labels, do, item.text())
            self.setItemWidget(item, buttons)
            buttons.follow(self._last_button(row))
        self.scheduleDelayedItemsLayout()
        self.updateGeometry()

    def _last_button(self, row: int) -> QWidget:
        above = (self.itemWidget(self.item(other)) for other in range(row - 1, -1, -1))
        return next((widget.buttons[-1] for widget in above if isinstance(widget, FixButtons)), self)

    def sizeHint(self) -> QSize:
        heights = (self.sizeHintForRow(row) for row in range(self.count()))
        return QSize(200, min(sum(heights) + 2, max(120, min(264, self.window().height() // 4))))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, min(self.sizeHint().height(), 72))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # texts wrap otherwise now, so the cards need another height


class _Card(QStyledItemDelegate):
    """A card with a bar in the colour of its severity at the left."""

    def __init__(self, cards: QListWidget) -> None:
        super().__init__(cards)
        self._cards = cards

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        width = max(self._cards.viewport().width(), 80)
        room = QRect(0, 0, width - _BAR - 2 * _PAD, 10_000)
        text = QFontMetrics(font()).boundingRect(room, int(_WRAPPED.value), str(index.data()))
        fixes = int(index.data(_FIXES) or 0)
        return QSize(width, text.height() + 2 * _PAD + 6 + fixes * BUTTON)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = Theme.current()
        box: QRect = option.rect.adjusted(0, 0, 0, -6)
        state: QStyle.StateFlag = option.state
        over = bool(state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus))
        painter.save()
        painter.fillRect(box, QColor(theme.border if over else theme.field))
        colors = {"error": theme.error, "warning": theme.warning}
        color = colors.get(str(index.data(_SEVERITY)), theme.muted)
        painter.fillRect(QRect(box.left(), box.top(), _BAR, box.height()), QColor(color))
        painter.setFont(font())
        painter.setPen(QColor(theme.text))
        painter.drawText(box.adjusted(_BAR + _PAD, _PAD, -_PAD, -_PAD), int(_WRAPPED.value), str(index.data()))
        painter.restore()
