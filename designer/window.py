"""The one window: top bar, workspaces, message bar, status line, and what leads from one to another."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from designer import remember
from designer.actions import Actions
from designer.beginning import Beginning
from designer.command_palette import CommandPalette
from designer.data.practice import PRACTICE
from designer.data.workspace import DataWorkspace
from designer.delivery.workspace import DeliveryWorkspace
from designer.design.workspace import DesignWorkspace
from designer.dropped import dropped, leaves_others
from designer.evaluation.workspace import EvaluationWorkspace
from designer.importing.session import ForeignFiles
from designer.manual import Manual
from designer.message_bar import MessageBar
from designer.pages import Pages, Workspaces
from designer.project import Project
from designer.project_files import ProjectFiles
from designer.recovery import Recovery
from designer.start_page import StartPage
from designer.status_line import StatusLine
from designer.top_bar import TopBar
from designer.training.workspace import TrainingWorkspace
from designer.window_commands import declare, fill_menus
from runtime.runs import Run
from runtime.templates import graph_of

START = "start"
Later = TypeVar("Later", EvaluationWorkspace, DeliveryWorkspace)


class MainWindow(QMainWindow):
    """Puts the parts together; each part only knows the project."""

    def __init__(self, project: Project | None = None) -> None:
        super().__init__()
        self.setObjectName("main")
        self.setAcceptDrops(True)
        self.project = project or Project(self)
        self.files = ProjectFiles(self.project, self)
        self.foreign = ForeignFiles(self)
        self.data = DataWorkspace(self.project)
        self.design = DesignWorkspace(self.project)
        self.training = TrainingWorkspace(self.project)
        self.start = StartPage(PRACTICE)
        self.workspaces = Workspaces({
            "data": lambda: self.data, "design": lambda: self.design, "train": lambda: self.training,
            "evaluate": lambda: self.evaluation, "deliver": lambda: self.delivery,
        })  # fmt: skip
        self._made_later: list[EvaluationWorkspace | DeliveryWorkspace] = []
        self.manual: Manual | None = None
        self.titles = {
            "data": self.tr("Data"), "design": self.tr("Design"), "train": self.tr("Train"),
            "evaluate": self.tr("Evaluate"), "deliver": self.tr("Deliver"),
        }  # fmt: skip
        self.stack = Pages()
        self.actions_ = Actions(self)
        declare(self)
        fill_menus(self)
        self.palette_ = CommandPalette(lambda: [self.actions_[command.id] for command in self.actions_], self)
        self._lay_out()
        self._connect()
        remember.restore_window(self)
        self.show_start()
        self._refresh()
        self.recovery.offer()

    # Made when they are first needed: a window that opens is not kept waiting for them

    @cached_property
    def evaluation(self) -> EvaluationWorkspace:
        """The Evaluate workspace."""
        return self._joined(EvaluationWorkspace(self.project, lambda: self.data.found))

    @cached_property
    def delivery(self) -> DeliveryWorkspace:
        """The Deliver workspace."""
        return self._joined(DeliveryWorkspace(self.project))

    def _joined(self, workspace: Later) -> Later:
        self._made_later.append(workspace)
        self.stack.addWidget(workspace)
        workspace.said.connect(self.say)
        remember.restore_splitters(workspace)
        return workspace

    # Going from one place to another

    @property
    def current(self) -> str:
        """The id of the workspace that is open, "start" for the start page."""
        return self.workspaces.name_of(self.stack.currentWidget()) or START

    def show_workspace(self, name: str) -> None:
        """Open a workspace."""
        self.stack.setCurrentWidget(self.workspaces[name])
        self.top.show_workspace(name)
        self.workspaces[name].setFocus()
        self.actions_.refresh()

    def go(self, name: str) -> None:
        """The user goes to a workspace; what was said of the one before is left behind."""
        self.messages.leave()
        if name == "train" and self.messages.said == self.training.history.state:
            self.messages.hide()  # it stands there in bold
        self.show_workspace(name)

    def show_start(self) -> None:
        """Open the start page."""
        self.start.refresh()
        self.stack.setCurrentWidget(self.start)
        self.top.show_workspace("")
        self.actions_.refresh()

    def go_to_node(self, node_id: str) -> None:
        """Show a node in the drawing."""
        self.show_workspace("design")
        self.design.go_to(node_id)

    def say(self, text: str, tone: str = "note") -> None:
        """Say something in the bar at the top."""
        self.messages.say(text, tone if tone in ("note", "warning", "error", "good") else "note")  # type: ignore[arg-type]

    # What the commands do

    def begin_with(self, template: str) -> None:
        """A new project from a template, "" for an empty one."""
        if self.files.new(graph_of(template) if template else None):
            self.messages.hide()
            self.show_workspace("data" if template else "design")
            self._frame_drawing()

    def open_project(self, path: Path | None = None) -> bool:
        """Open a project file; the start page stays when that fails."""
        opened = self.files.open(path)
        if opened:
            self.recovery.offer()
        return opened

    def open_folder(self, folder: Path, node: str = "") -> None:
        """Look at a folder of images, and use it."""
        if self._may_begin():
            self.show_workspace("data")
            self.data.open_folder(folder, node)

    def practise(self, name: str) -> None:
        """Begin with practice data."""
        if self._may_begin():
            self.show_workspace("data")
            self.data.practise(name)

    def _may_begin(self) -> bool:
        """Whether data may come in: the start page begins a new project, and asks for what is not saved."""
        return self.current != START or not self.project.document.nodes or self.files.new()

    def train(self) -> None:
        """Train the project as it is; a project without a file is saved first, because its runs lie beside it."""
        self.begin.train()

    def check(self) -> None:
        """Say whether the project can be trained, and show what keeps it from that."""
        self.begin.check()

    # Inside

    def _lay_out(self) -> None:
        self.top = TopBar(self.titles, self.actions_["train"])
        self.messages = MessageBar()
        self.recovery = Recovery(self.files, self.messages)
        self.begin = Beginning(self)
        middle = QWidget()
        self.setCentralWidget(middle)  # first, so that what follows is dressed once, where it stays
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self.messages)
        column.addWidget(self.stack.frame, 1)
        for widget in (self.start, self.data, self.design, self.training):
            self.stack.addWidget(widget)
        self.status = StatusLine()
        self.setStatusBar(self.status)

    def _connect(self) -> None:
        self.top.chosen.connect(self.go)
        for said in (self.data.said, self.training.said, self.files.said):
            said.connect(self.say)
        self.design.said.connect(self.messages.say_of_drawing)
        self.project.changed.connect(lambda _change: self.messages.edited())
        self.design.status_changed.connect(self.status.facts.setText)
        self.design.template_asked.connect(self.show_start)
        self.design.folder_chosen.connect(lambda node, folder: self.open_folder(Path(folder), node))
        self.design.read_again.connect(lambda _node: self.show_workspace("data"))
        self.design.read_again.connect(self.data.read_again)
        self.data.wants.connect(self.show_workspace)
        self.data.wants.connect(self._frame_drawing)
        self.training.goes_to_node.connect(self.go_to_node)
        self.training.shelf.reopened.connect(self._on_reopened)
        self.training.shelf.folds.wants_results.connect(self._show_pooled)
        self.training.state_changed.connect(self.actions_.refresh)
        self.training.device_known.connect(self.top.show_device)
        self.training.trained.connect(self._on_trained)
        self.training.failed.connect(self.begin.tell_failure)
        self.project.analysed.connect(lambda _analysis: self._refresh())
        self.project.saved_state_changed.connect(lambda _dirty: self._refresh())
        self.files.opened.connect(self._on_opened)
        self.recovery.recovered.connect(self._on_opened)
        self.files.moved.connect(self._on_moved)
        self.start.template_chosen.connect(self.begin_with)
        self.start.project_chosen.connect(self.open_project)
        self.start.open_asked.connect(lambda: self.open_project())
        self.start.practice_chosen.connect(self.practise)
        self.start.folder_asked.connect(self.choose_folder)

    def choose_folder(self) -> None:
        """Ask for a folder of images, and look at it."""
        folder = self.data.ask_folder()
        if folder is not None:
            self.open_folder(folder)

    def _on_opened(self) -> None:
        self.messages.hide()
        self.show_workspace("train" if self.training.running else "design")
        self._frame_drawing()

    def _frame_drawing(self) -> None:
        """Show the drawing, of a large one the beginning, once the layout knows how large it will be."""
        QTimer.singleShot(0, self.design.view.first_look)

    def _on_reopened(self, text: str) -> None:
        self.show_workspace("design")
        self.say(text)
        self._frame_drawing()

    def _on_moved(self) -> None:
        if not self.training.running:
            self.training.find_runs()
        for workspace in self._made_later:
            workspace.refresh()
        self._refresh()

    def _on_trained(self, run: Run) -> None:
        self.evaluation.evaluate_trained(run)
        self.delivery.runs.offer(run)

    def _show_pooled(self, folder: Path) -> None:
        self.evaluation.show_pooled(folder)
        self.show_workspace("evaluate")

    def _refresh(self) -> None:
        project = self.project
        self.top.show_project(project.name, project.dirty)
        self.setWindowTitle(f"{project.name}[*] — Netloom")
        self.setWindowModified(project.dirty)
        self.status.show_project(project)
        self.actions_.refresh()

    # Qt's own

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A project file or a folder may be dropped anywhere."""
        if dropped(event) is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        path = dropped(event)
        if path is None:
            return
        event.acceptProposedAction()
        if leaves_others(event, path):
            self.say(self.tr("One folder or project at a time: “%s” was taken, the others were not.") % path.name,
                     "warning")  # fmt: skip
        if self.files.opens(path):
            self.open_project(path)
        else:
            self.open_folder(path if path.is_dir() else path.parent)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask for unsaved changes, keep the layout, end what was started here; a training goes on."""
        if not self.files.may_leave():
            event.ignore()
            return
        remember.save_window(self)
        for workspace in (self.data, self.design, self.training, *self._made_later):
            workspace.close_down()
        self.files.guard.close_down()
        self.project.close_down()
        event.accept()
