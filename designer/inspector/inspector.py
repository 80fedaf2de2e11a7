"""The inspector: what is selected on the canvas, the problems of the graph, and the overview."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from designer.canvas.view import CanvasView
from designer.inspector.block_form import BlockForm
from designer.inspector.node_form import NodeForm
from designer.inspector.overview import Overview
from designer.inspector.problem_list import ProblemList
from designer.inspector.rows import label, line
from designer.inspector.training_form import TrainingForm, watched_choices
from designer.mending import mend
from designer.project import Project
from runtime.analysis import Analysis
from runtime.changes import BlockChanged, Change, NodeAdded, NodeChanged, NodeRemoved, TrainingChanged
from runtime.graph import block_of
from runtime.problems import Problem


class Inspector(QWidget):
    """Follows the selection of a canvas."""

    read_again = Signal(str)  # node id
    folder_chosen = Signal(str, str)  # node id, folder: what it holds is still to be learned

    def __init__(self, project: Project, view: CanvasView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(264)
        self._project = project
        self._view = view
        self.form: QWidget | None = None
        self._unfolded = False  # whether forms show the settings that are rarely needed
        self.problems = ProblemList(self)
        self.overview = Overview(view, self)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._lay_out()
        view.canvas.selectionChanged.connect(self.follow_selection)
        project.changed.connect(self.show_change)
        project.analysed.connect(self.problems.show_analysis)
        project.seen_changed.connect(self.show_seen)
        project.replaced.connect(self._move)
        project.place_changed.connect(self._move)
        self.problems.chosen.connect(view.blocks.show)
        self.problems.fix_asked.connect(self._mend)
        self.rebuild()
        self.problems.show_analysis(project.analysis)

    def show_overview(self, shown: bool) -> None:
        """Show the overview, or leave its place to something else."""
        self._overview_title.setVisible(shown)
        self.overview.setVisible(shown)

    def follow_selection(self) -> None:
        """Show the form of what is selected, unless it is shown already."""
        chosen = self._view.canvas.selected_ids()
        shown = self.form.node_id if isinstance(self.form, NodeForm) else ""
        if chosen != (shown,):
            self.rebuild()

    def rebuild(self) -> None:
        """Make the form of what is selected anew."""
        made = self._make_form()
        holder = QWidget()
        holder.setProperty("role", "panel")
        column = QVBoxLayout(holder)
        column.setContentsMargins(16, 16, 16, 8)
        column.addWidget(made)
        column.addStretch(1)
        self.form = made
        old = self._scroll.takeWidget()
        if old is not None:
            old.hide()
            old.deleteLater()
        self._scroll.setWidget(holder)

    def _move(self) -> None:
        """Another sheet is looked at: only the main one is asked what it lacks to be trained."""
        self.rebuild()
        self.problems.show_analysis(self._project.analysis, inside=self._view.blocks.is_inside)

    def show_change(self, change: Change) -> None:
        """Show one change of the document."""
        match change:
            case NodeChanged(old, new) if old.type != new.type:
                self.rebuild()
            case NodeChanged() | NodeAdded() | NodeRemoved() | BlockChanged() if self._is_of_shown_block(change):
                self.rebuild()
            case NodeChanged(_, new) if isinstance(self.form, NodeForm) and self.form.node_id == new.id:
                self.form.show_node(new)
            case TrainingChanged(_, training) if isinstance(self.form, TrainingForm):
                self.form.show_training(training)
            case _:
                return

    def show_seen(self, seen: Analysis) -> None:
        """Show what follows from the graph, for the sheet that is looked at."""
        if isinstance(self.form, NodeForm) and self.form.node_id in seen.graph.nodes:
            self.form.show_analysis(seen)
        elif isinstance(self.form, BlockForm):
            self.form.show_block()
        elif isinstance(self.form, TrainingForm):
            whole = watched_choices(self._project.analysis)
            if set(whole) - set(self.form.metrics()):
                self.rebuild()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo and redo from within a field take back the edit."""
        if event.matches(QKeySequence.StandardKey.Undo):
            self._project.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self._project.redo()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and getattr(self, "form", None) is not None:
            self.update()

    def _keep_fold(self, opened: bool) -> None:
        """The next node's form opens as this one was left."""
        self._unfolded = opened

    def _mend(self, problem: Problem, label: str) -> None:
        if mend(self._project, problem, label):
            self._view.blocks.show(problem.node)

    def _make_form(self) -> QWidget:
        chosen = self._view.canvas.selected_ids()
        nodes = self._project.document.nodes
        if len(chosen) == 1 and chosen[0] in nodes:
            form = NodeForm(self._project, chosen[0], unfolded=self._unfolded)
            if form.fold is not None:
                form.fold.clicked.connect(self._keep_fold)
            form.folder_chosen.connect(self.folder_chosen)
            form.read_again.connect(self.read_again)
            form.open_asked.connect(self._view.blocks.enter)
            return form
        if len(chosen) > 1:
            text = self.tr("{0} nodes are selected. Move them together, Ctrl+D duplicates, Ctrl+L lays them out.")
            return label(text.format(len(chosen)), "muted", wraps=True)
        if self._project.place.sheet in self._project.document.blocks:
            block = BlockForm(self._project, self._project.place.sheet)
            block.chosen.connect(self._view.go_to)
            return block
        return TrainingForm(self._project)

    def _is_of_shown_block(self, change: Change) -> bool:
        """Whether a block got another name, argument or port, while a use of it is shown."""
        match change:
            case NodeChanged(_, node) | NodeAdded(node) | NodeRemoved(node):
                sheet = node.sheet
            case BlockChanged(_, block):
                sheet = block.id
            case _:
                return False
        if not isinstance(self.form, NodeForm) or not sheet:
            return False
        shown = self._project.document.nodes.get(self.form.node_id)
        fresh = self._project.document.find(shown.type) if shown is not None else None
        return shown is not None and block_of(shown.type) == sheet and fresh is not self.form.kind

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._scroll, 1)
        below = QVBoxLayout()
        below.setContentsMargins(16, 8, 16, 16)
        below.setSpacing(12)
        self._overview_title = label(self.tr("Overview"), "title")
        for part in (line(), self.problems, self._overview_title, self.overview):
            below.addWidget(part)
        column.addLayout(below)
