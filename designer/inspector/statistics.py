"""The statistics of the network: what each node costs, as a table with bars; a click selects the node."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.canvas.view import CanvasView
from designer.inspector.rows import label
from designer.place import Place
from designer.project import Project
from designer.tables import SHARE, Row, RowsModel, RowsTable
from designer.theme import Theme
from nodes.spec import spelled
from nodes.wires import Kind
from runtime.amounts import memory, short, thousands
from runtime.analysis import Analysis
from runtime.case_noun import case_noun
from runtime.memory import BYTES, forecast

_NODE, _PARAMETERS, _PRODUCTS, _MEMORY, _TYPE, _OUTPUT, _ID = range(7)  # from the type on, in the CSV alone
_BARS = (_PARAMETERS, _PRODUCTS, _MEMORY)
_BAR_WIDTH = 104
_LEAST = 120  # the header and three rows
_Index = QModelIndex | QPersistentModelIndex


class Statistics(QWidget):
    """One row for each node, in order of computation. Closed, it costs nothing."""

    closed = Signal()

    def __init__(self, project: Project, view: CanvasView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._project = project
        self._view = view
        self._totals = label("", "small", wraps=True)
        self.table = StatisticsTable()
        self.table.setMinimumHeight(_LEAST)
        self._lay_out()
        project.seen_changed.connect(self._on_seen)
        view.canvas.selectionChanged.connect(self._follow_selection)
        self.table.clicked.connect(self._go)
        self.table.activated.connect(self._go)
        self.table.doubleClicked.connect(self._enter)
        self.hide()

    def show_analysis(self, analysis: Analysis) -> None:
        """Show what each node costs, and all of them together."""
        self.table.show_statistics(statistics_rows(self._project.seen))
        needs = forecast(analysis, analysis.graph.training.batch)
        text = self.tr("{0} parameters, {1} multiply-adds and {2} of memory per {4}; {3} for weights and optimizer")
        self._totals.setText(text.format(
            thousands(analysis.parameters), short(analysis.multiply_adds),
            memory(needs.activations_per_image), memory(needs.parameters), case_noun(analysis),
        ))  # fmt: skip
        if self._project.place != Place():
            here = self._project.seen
            text = self.tr("this sheet: {0} parameters, {1} multiply-adds")
            shown = text.format(thousands(here.parameters), short(here.multiply_adds))
            self._totals.setText(f"{self._totals.text()}; {shown}")
        if unknown := uncounted(analysis):
            text = self.tr("{0} not counted: without a shape nothing can be; the problems say what is missing")
            sums = [f"{self._totals.text()}; "] if analysis.parameters or needs.activations_per_image else []
            self._totals.setText("".join([*sums, text.format(nodes_in_words(unknown))]))
        self._follow_selection()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_analysis(self._project.analysis)

    def _on_seen(self, _seen: Analysis) -> None:
        if self.isVisible():
            self.show_analysis(self._project.analysis)

    def _follow_selection(self) -> None:
        if self.isVisible():
            self.table.mark(self._view.canvas.selected_ids())

    def _go(self, index: QModelIndex) -> None:
        self._view.go_to(self.table.node_at(index.row()))

    def _enter(self, index: QModelIndex) -> None:
        node_id = self.table.node_at(index.row())
        if self._view.blocks.is_use(node_id):
            self._view.blocks.enter(node_id)

    def _lay_out(self) -> None:
        copy = _button(self.tr("Copy"), self.tr("Copy the table as CSV"))
        copy.clicked.connect(self.table.copy)
        close = _button("×", self.tr("Hide the statistics"))
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(self.tr("Statistics"), "title"), 1)
        head.addWidget(copy)
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._totals)
        column.addWidget(self.table, 1)


class _StatisticsModel(RowsModel):
    """Numbers are shown in short, with all digits as tooltip; as CSV they stay what they are."""

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's text, place and share of the column's largest."""
        cell = self.rows[index.row()][index.column()]
        if isinstance(cell, int) and role == Qt.ItemDataRole.DisplayRole:
            spell = {_PARAMETERS: thousands, _PRODUCTS: short, _MEMORY: memory}[index.column()]
            return spell(cell) if cell else "–"
        if role == Qt.ItemDataRole.ToolTipRole:
            row = self.rows[index.row()]
            return thousands(cell) if isinstance(cell, int) else f"{row[_NODE]} · {row[_TYPE]} · {row[_OUTPUT]}"
        return super().data(index, role)

    def csv(self) -> str:
        """The table with all that is known of a node."""
        whole = RowsModel([*self.headers[:_MEMORY], _tr("Memory (bytes)"), _tr("Type"), _tr("Output"), _tr("Id")])
        whole.rows = self.rows
        return whole.csv()


class StatisticsTable(RowsTable):
    """Name, parameters, multiply-adds and memory of each node, the numbers with bars."""

    model_type = _StatisticsModel

    def __init__(self, parent: QWidget | None = None) -> None:
        headers = [_tr("Node"), _tr("Parameters"), _tr("Multiply-adds"), _tr("Memory")]
        super().__init__(headers, _tr("Statistics of the network"), parent=parent)
        self.content.bar_columns = frozenset(_BARS)
        for column in _BARS:
            self.setItemDelegateForColumn(column, _UnderBar(self))
        header = self.horizontalHeader()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(48)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().setDefaultSectionSize(28)

    def show_statistics(self, rows: Sequence[Row]) -> None:
        """Put these rows in the place of the old, in the order that was chosen."""
        self.content.show(rows)
        header = self.horizontalHeader()
        if header.sortIndicatorSection() >= 0:
            self.content.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())

    def node_at(self, row: int) -> str:
        """The id of the node in a row."""
        return str(self.content.rows[row][_ID])

    def mark(self, node_ids: Sequence[str]) -> None:
        """Mark the row of a node that is selected elsewhere, and show it."""
        self.selectionModel().clear()
        rows = [row for row, cells in enumerate(self.content.rows) if cells[_ID] in node_ids]
        for row in rows[:1]:
            self.setCurrentIndex(self.content.index(row, _NODE))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The names get what the bars leave."""
        super().resizeEvent(event)
        width = self.viewport().width()
        bar = min(_BAR_WIDTH, max(64, (width - 96) // len(_BARS)))
        for column in _BARS:
            self.setColumnWidth(column, bar)
        self.setColumnWidth(_NODE, max(64, width - bar * len(_BARS)))

    def changeEvent(self, event: QEvent) -> None:
        """The bars take the colours of light and dark."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.viewport().update()


class _UnderBar(QStyledItemDelegate):
    """Draws a number, and under it a thin bar as long as its share of the column's largest."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """The number, then the bar."""
        super().paint(painter, option, index)
        share, theme = index.data(SHARE), Theme.current()
        if not isinstance(share, float) or share <= 0:
            return
        box = QRectF(option.rect).adjusted(8, 0, -7, -3)
        long = max(3.0, box.width() * share)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.on_accent if selected else theme.accent))
        painter.drawRoundedRect(QRectF(box.right() - long, box.bottom() - 3, long, 3), 1.5, 1.5)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Room for the bar."""
        return super().sizeHint(option, index) + QSize(0, 6)


def statistics_rows(analysis: Analysis) -> list[Row]:
    """One row for each node whose type is known: name, parameters, multiply-adds, bytes, type, output, id."""
    rows: list[Row] = []
    for node_id in analysis.order:
        facts = analysis.facts[node_id]
        if facts.type is not None:
            shape = spelled(facts.shape) if facts.shape is not None else ""
            counts = (facts.parameters, facts.multiply_adds, facts.values * BYTES)
            rows.append((facts.node.name, *counts, facts.type.title, shape, node_id))
    return rows


def uncounted(analysis: Analysis) -> int:
    """How many nodes have a shape that is not known, and so are in none of the sums."""
    facts = (facts for facts in analysis.facts.values() if facts.type is not None and not facts.outputs)
    return sum(any(port.kind is Kind.TENSOR for port in one.type.outputs) for one in facts if one.type is not None)


def nodes_in_words(count: int) -> str:
    """So many nodes."""
    return _tr("1 node") if count == 1 else _tr("{0} nodes").format(thousands(count))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Statistics", text)


def _button(text: str, tip: str) -> QToolButton:
    made = QToolButton()
    made.setText(text)
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    return made
