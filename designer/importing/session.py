"""Opening a file of another program: a process reads it and writes a project beside it, which is then opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from designer.importing.report import ImportReport
from designer.process import End, OneCommand
from runtime.graph import MAIN
from runtime.importing.writing import free_name

if TYPE_CHECKING:
    from designer.window import MainWindow


class ForeignFiles(QObject):
    """Takes one file over at a time."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._source = Path()
        self._record: dict[str, Any] = {}
        self.report: ImportReport | None = None
        self._command = OneCommand(self)
        self._command.record.connect(self._keep)
        self._command.ended.connect(self._on_ended)
        window.files.foreign.connect(self.open)

    @property
    def running(self) -> bool:
        """Whether a file is being read."""
        return self._command.running

    def open(self, path: Path) -> None:
        """Read the file; the project that it becomes gets a free name beside it."""
        project = free_name(path.with_suffix(".netloom"))
        self._record = {}
        if not self._command.start("import", str(path), "--out", str(project), "--json"):
            self._window.say(self.tr("“%s” is still being read; wait a moment.") % self._source.name, "warning")
            return
        self._source = path
        self._window.say(self.tr("Reading “%s” …") % path.name)

    def _keep(self, record: dict[str, Any]) -> None:
        self._record = record

    def _on_ended(self, end: End) -> None:
        if not end.ok or not self._record:
            self._window.say(end.message, "error")
            return
        if not self._window.open_project(Path(str(self._record["project"]))):
            return
        self.report = ImportReport(self._source.name, self._record, self._window)
        self.report.node_asked.connect(self._go_to)
        self.report.show()
        self._window.say(self._summary(), "good")

    def _go_to(self, node_id: str) -> None:
        """Show the node; one that lies in a block is on the block's sheet."""
        node = self._window.project.document.nodes.get(node_id)
        if node is not None and node.sheet != MAIN:
            self._window.show_workspace("design")
            self._window.design.view.blocks.open(node.sheet)
        elif node is not None:
            self._window.go_to_node(node_id)

    def _summary(self) -> str:
        left = len(self._record.get("left", ()))
        name = Path(str(self._record["project"])).name
        text = self.tr("“%s” was taken over as %s.") % (self._source.name, name)
        many = self.tr(" %d things are otherwise here: the list says which and why.") % left
        one = self.tr(" One thing is otherwise here: the list says which and why.")
        return text + (many if left > 1 else one if left else "")
