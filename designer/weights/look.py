"""Asks what of given weights fits the project as it is, in a process of its own; nothing is trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTemporaryDir, Signal

from designer.process import CommandProcess, End
from runtime.files import ProjectError, save_graph

if TYPE_CHECKING:
    from designer.project import Project


class WeightsLook(QObject):
    """Runs `netloom weights`. `found` brings the report, `failed` why there is none; one look at a time."""

    found = Signal(object)
    failed = Signal(str)

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self._project = project
        self._folder: QTemporaryDir | None = None
        self._process: CommandProcess | None = None
        self._record: dict[str, Any] | None = None
        project.replaced.connect(self.close_down)

    @property
    def running(self) -> bool:
        """Whether weights are being read."""
        return self._process is not None

    def start(self) -> None:
        """Look at the weights that the training settings name; another look is given up."""
        self.close_down()
        graph = self._project.document.graph()
        self._folder = QTemporaryDir()
        file = Path(self._folder.path()) / "project.netloom"
        try:
            save_graph(graph, file)
        except ProjectError as error:
            self.failed.emit(str(error))
            return
        self._record = None
        self._process = CommandProcess(["weights", graph.training.weights_from, str(file), "--json"], self)
        self._process.record.connect(self._on_record)
        self._process.ended.connect(self._on_end)
        self._process.start()

    def close_down(self) -> None:
        """The window is going away, or nobody waits any more."""
        if self._process is not None:
            self._process.abandon()
            self._process.deleteLater()
        self._process, self._folder = None, None

    def _on_record(self, record: dict[str, Any]) -> None:
        if "rows" in record:
            self._record = record

    def _on_end(self, end: End) -> None:
        self._process, self._folder = None, None
        if end.ok and self._record is not None:
            self.found.emit(self._record)
        elif not end.stopped:
            self.failed.emit(end.message)
