"""The Design workspace: palette left, canvas centre, inspector right."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QToolTip, QVBoxLayout, QWidget

from designer.canvas.breadcrumb import Breadcrumb
from designer.canvas.commands import Command
from designer.canvas.fitting import suits_the_data
from designer.canvas.sheets import why_not_here
from designer.canvas.view import CanvasView
from designer.inspector.inspector import Inspector
from designer.inspector.statistics import Statistics, uncounted
from designer.looking.preview_bar import PreviewBar
from designer.palette.palette import Palette
from designer.project import Project
from nodes.spec import NodeType
from runtime.amounts import memory, short, thousands
from runtime.analysis import Analysis
from runtime.case_noun import case_noun
from runtime.memory import forecast

_STATISTICS_WIDTH = 488
_SEEN_FIRST = 50  # milliseconds
_LEAST = QSize(584, 160)
_WITH_PALETTE = 776
_WITH_OVERVIEW = 480


class DesignWorkspace(QWidget):
    """Where the network is drawn."""

    status_changed = Signal(str)  # nodes and parameters, for the status line
    said = Signal(str)  # why something was not done, in one sentence
    template_asked = Signal()
    read_again = Signal(str)  # node id: its folder in the form that it asks for now
    folder_chosen = Signal(str, str)  # node id, folder: the data path learns what it holds

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.palette_panel = Palette(project, self)
        self.view = CanvasView(project, self)
        self.breadcrumb = Breadcrumb(project, self.view.blocks, self)
        self.previews = PreviewBar(project, self.view, self)
        self.inspector = Inspector(project, self.view, self)
        self.statistics = Statistics(project, self.view, self)
        self.side = QSplitter(Qt.Orientation.Vertical, self)
        self.side.setHandleWidth(1)
        self.side.setChildrenCollapsible(False)
        self.side.addWidget(self.inspector)
        self.side.addWidget(self.statistics)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        middle = QWidget(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.breadcrumb)
        column.addWidget(self.previews)
        column.addWidget(self.view, 1)
        for part, stretch in ((self.palette_panel, 0), (middle, 1), (self.side, 0)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(self.splitter.count() - 1, stretch)
        self.view.setMinimumHeight(_LEAST.height())
        self.splitter.setSizes([224, 1040, 336])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.splitter)
        self.setFocusProxy(self.view)
        self._told: tuple[Analysis, str] | None = None
        self._status_due = QTimer(self)  # counting a large drawing waits until what was edited is seen
        self._status_due.setSingleShot(True)
        self._status_due.setInterval(_SEEN_FIRST)
        self._status_due.timeout.connect(self._tell_status)
        self._connect()

    @property
    def commands(self) -> tuple[Command, ...]:
        """Every command of the workspace by name and key."""
        return self.view.commands

    def status(self) -> str:
        """How big the drawing is, in one line; counted once for each analysis."""
        analysis = self.project.analysis
        if self._told is None or self._told[0] is not analysis:
            self._told = analysis, self._status_of(analysis)
        return self._told[1]

    def _status_of(self, analysis: Analysis) -> str:
        count = len(analysis.graph.nodes)
        nodes = self.tr("1 node") if count == 1 else self.tr("{0} nodes").format(thousands(count))
        parts = [nodes, self.tr("{0} parameters").format(thousands(analysis.parameters))]
        if unknown := uncounted(analysis):
            parts.append(self.tr("{0} not counted yet").format(thousands(unknown)))
        if analysis.multiply_adds:
            parts.append(
                self.tr("{0} multiply-adds per {1}").format(short(analysis.multiply_adds), case_noun(analysis))
            )
        batch = analysis.graph.training.batch
        needs = forecast(analysis, batch).total
        if needs:
            parts.append(self.tr("about {0} at batch {1}").format(memory(needs), batch))
        return " · ".join(parts)

    @property
    def shows_statistics(self) -> bool:
        """Whether the table of statistics is open."""
        return not self.statistics.isHidden()

    def show_statistics(self, shown: bool) -> None:
        """Open or close the table of statistics, below the inspector; the overview makes room for it."""
        self.inspector.show_overview(not shown and self.height() >= _WITH_OVERVIEW)
        self.statistics.setVisible(shown)
        if not shown:
            self.view.setFocus()
            return
        height = self.side.height()
        self.side.setSizes([height // 2, height - height // 2])
        palette, canvas, side = self.splitter.sizes()
        wider = max(0, min(_STATISTICS_WIDTH - side, canvas - self.view.minimumWidth()))
        self.splitter.setSizes([palette, canvas - wider, side + wider])
        self.statistics.table.setFocus()

    def minimumSizeHint(self) -> QSize:
        """What the canvas and the inspector need."""
        return _LEAST

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small or much magnified screen the palette and the overview leave their place to the rest."""
        super().resizeEvent(event)
        self.palette_panel.setVisible(self.width() >= _WITH_PALETTE)
        self.inspector.show_overview(not self.shows_statistics and self.height() >= _WITH_OVERVIEW)

    def close_down(self) -> None:
        """End the process that computes previews."""
        self.previews.turn_on(False)

    def go_to(self, node_id: str) -> None:
        """Select a node and bring it into view; the id is that of the opened graph, so it may lie in a block."""
        self.view.blocks.show(node_id)

    def _connect(self) -> None:
        palette = self.palette_panel
        palette.asked.connect(self._add)
        palette.suits = lambda kind: suits_the_data(self.project.analysis, kind)
        palette.dragged.connect(self._preview)
        palette.dropped.connect(self._drop)
        palette.given_up.connect(self._forget_preview)
        palette.opened.connect(self.view.blocks.open)
        palette.said.connect(self.said)
        self.view.editor.said.connect(self.said)
        self.view.template_asked.connect(self.template_asked)
        self.inspector.folder_chosen.connect(self.folder_chosen)
        self.inspector.read_again.connect(self.read_again)
        self.project.analysed.connect(lambda _analysis: self._status_due.start())
        self.statistics.closed.connect(lambda: self.show_statistics(False))

    def _tell_status(self) -> None:
        self.status_changed.emit(self.status())

    def _add(self, kind: type[NodeType]) -> None:
        self.view.add_type(kind)

    def _over_view(self, screen: QPoint) -> QPoint | None:
        at = self.view.viewport().mapFromGlobal(screen)
        return at if self.view.viewport().rect().contains(at) else None

    def _preview(self, kind: type[NodeType], screen: QPoint) -> None:
        at = self._over_view(screen)
        reason = why_not_here(self.project.document, self.project.place.sheet, kind.id) if at is not None else ""
        if reason:
            QToolTip.showText(screen, reason, self.view)
        self.view.preview_drop(kind, None if reason else at)

    def _drop(self, kind: type[NodeType], screen: QPoint) -> None:
        at = self._over_view(screen)
        if at is not None:
            self.view.drop_type(kind, at)
        else:
            self._forget_preview()

    def _forget_preview(self) -> None:
        self.view.forget_preview()
