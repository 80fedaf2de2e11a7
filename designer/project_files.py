"""Opening, saving and leaving projects, so that nothing unsaved is lost without being asked."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from designer import remember
from designer.changed_file import ask_way, may_reload
from designer.guard import Guard
from designer.project import Project
from runtime.files import ProjectError
from runtime.graph import Graph
from runtime.importing.foreign import endings, is_foreign

_KINDS = "Netloom (*.netloom)"
_OPENED = f"Netloom and other programs (*.netloom {' '.join(f'*{ending}' for ending in endings())});;{_KINDS}"


class ProjectFiles(QObject):
    """The file side of the open project."""

    said = Signal(str, str)
    opened = Signal()  # a project was read from a file
    foreign = Signal(object)  # a file of another program was chosen: its path
    moved = Signal()  # the project was saved under another name

    def __init__(self, project: Project, window: QWidget) -> None:
        super().__init__(window)
        self.project = project
        self._window = window
        self.guard = Guard(project, self)
        self.guard.said.connect(self.said)

    def new(self, graph: Graph | None = None) -> bool:
        """Begin an unsaved project, unless the user wants to keep the present one."""
        if not self.may_leave():
            return False
        self.project.new(graph)
        return True

    def open(self, path: Path | None = None) -> bool:
        """Open a project, asking for it when none is named."""
        if path is None:
            start = str(self.project.path.parent if self.project.path else Path.home())
            name, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open project"), start, _OPENED)
            path = Path(name) if name else None
        if path is None or not self.may_leave():
            return False
        if is_foreign(path):
            self.foreign.emit(path)
            return False
        return self._read(path)

    @staticmethod
    def opens(path: Path) -> bool:
        """Whether a file is a project, or one of another program that can be taken over."""
        return path.is_file() and (path.suffix == ".netloom" or is_foreign(path))

    def save(self) -> bool:
        """Write the project to its file, asking for one when it has none."""
        self.project.settling.emit()
        path = self.project.path
        if path is None or self.project.read_only:
            return self.save_as()
        return self._settle(path) if self.project.changed_on_disk() else self._write(path)

    def save_as(self, why: str = "") -> bool:
        """Ask for a file and write the project there; `why` is said when the user did not ask for it."""
        self.project.settling.emit()
        start = self.project.path or Path.home() / f"{self.project.name}.netloom"
        name, _ = QFileDialog.getSaveFileName(self._window, why or self.tr("Save project as"), str(start), _KINDS)
        if not name:
            return False
        path = Path(name)
        return self._write(path if path.suffix == ".netloom" else path.with_name(f"{path.name}.netloom"))

    def may_leave(self) -> bool:
        """Whether the present project can be left: it is saved, or the user does not want it saved."""
        self.project.settling.emit()
        if not self.project.dirty or not self.project.document.nodes:
            return True
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window, self.tr("Save?"),
            self.tr("“%s” has changes that are not saved. Save them?") % self.project.name,
            buttons.Save | buttons.Discard | buttons.Cancel, buttons.Save,
        )  # fmt: skip
        if answer == buttons.Save:
            return self.save()
        return answer == buttons.Discard

    def _settle(self, path: Path) -> bool:
        """Something else changed the file: the user says which of the two is kept. Whether the drawing was saved."""
        way = ask_way(self._window, path.name)
        if way == "reload" and may_reload(self._window, path.name):
            self._read(path)
        return self.save_as() if way == "elsewhere" else way == "overwrite" and self._write(path)

    def _read(self, path: Path) -> bool:
        try:
            notes = self.project.load(path)
        except ProjectError as error:
            self.said.emit(str(error), "error")
            return False
        remember.remember_project(path)
        self.opened.emit()
        said = [*notes, *filter(None, [self.guard.words()])]
        if said:
            self.said.emit(" ".join(said), "warning")
        return True

    def _write(self, path: Path) -> bool:
        before = self.project.path
        if reason := self.guard.why_not_write(path):
            self.said.emit(reason, "error")
            return False
        try:
            self.project.save(path)
        except ProjectError as error:
            self.guard.not_written(path)
            self.said.emit(str(error), "error")
            return False
        remember.remember_project(path)
        if before != path:
            self.moved.emit()
        return True
