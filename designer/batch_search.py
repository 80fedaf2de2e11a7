"""Looks for the batch size that suits the project as it is, in a process of its own; the finding is one edit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTemporaryDir, Signal

from designer.process import CommandProcess, End
from runtime.files import ProjectError, save_graph

if TYPE_CHECKING:
    from designer.project import Project


class BatchSearch(QObject):
    """Runs `netloom batch`. `changed` tells of every new word; `fault` says whether the words are a complaint."""

    changed = Signal()

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self._project = project
        self._folder: QTemporaryDir | None = None
        self._process: CommandProcess | None = None
        self.words = ""
        self.fault = False
        project.replaced.connect(self._on_replaced)

    @property
    def running(self) -> bool:
        """Whether sizes are being tried."""
        return self._process is not None

    def start(self) -> None:
        """Try sizes with the drawing, the data and the device as they are now."""
        if self.running:
            return
        self._folder = QTemporaryDir()
        file = Path(self._folder.path()) / "project.netloom"
        try:
            save_graph(self._project.document.graph(), file)
        except ProjectError as error:
            self._say(str(error), fault=True)
            return
        self._process = CommandProcess(["batch", str(file), "--lines"], self)
        self._process.record.connect(self._on_record)
        self._process.ended.connect(self._on_end)
        self._process.start()
        self._say(self.tr("Starting …"))

    def cancel(self) -> None:
        """Try no further; the setting stays as it is."""
        if self._process is not None:
            self._process.stop()

    def close_down(self) -> None:
        """The window is going away, or another project came."""
        if self._process is not None:
            self._process.abandon()
            self._process = None

    def _on_replaced(self) -> None:
        self.close_down()
        self._say("")

    def _on_record(self, record: dict[str, object]) -> None:
        match record:
            case {"tried": int(size), "images_per_second": float(pace)}:
                self._say(self.tr("A batch of {0}: {1} cases a second").format(size, f"{pace:,.0f}"))
            case {"batch": int(size), "message": str(message)}:
                self._take(size, message)

    def _take(self, size: int, message: str) -> None:
        document = self._project.document
        if document.training.batch != size:
            with document.edit(self.tr("Find batch size")):
                document.train_with(replace(document.training, batch=size))
            document.seal()
        self._say(message)

    def _on_end(self, end: End) -> None:
        self._process, self._folder = None, None
        if end.stopped:
            self._say(self.tr("Cancelled; the batch size is as before."))
        elif not end.ok:
            self._say(end.message.partition("\n")[0].removeprefix("Error: "), fault=True)
        else:
            self.changed.emit()

    def _say(self, words: str, *, fault: bool = False) -> None:
        self.words, self.fault = words, fault
        self.changed.emit()
