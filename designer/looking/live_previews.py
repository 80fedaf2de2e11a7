"""Previews on the canvas: every node shows what it gives for one case, and follows edits; a process computes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTemporaryDir, QTimer, Signal

from designer.canvas.scene import CanvasScene
from designer.data.pixel_server import Answer, PixelServer
from designer.looking.picture_grid import pixmap_of
from designer.looking.preview_item import PreviewItem, preview_of
from designer.project import Project
from runtime.errors import RunError
from runtime.files import ProjectError, save_graph
from runtime.looking.record import Record, read_record
from runtime.paths import inside

_WAIT_MS = 300  # after a change, so that typing a number asks once


class LivePreviews(QObject):
    """Off until `turn_on`. `told` brings the facts of each answer, `failed` a sentence, `changed` comes when it asks
    or was answered."""

    told = Signal(object)
    failed = Signal(str)
    changed = Signal()

    def __init__(self, project: Project, scene: CanvasScene, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project, self._scene = project, scene
        self._server = PixelServer(self, "look")
        self._folder = QTemporaryDir()
        self._record: Record | None = None
        self._asked: object = None
        self._number: int | None = None  # of the question that is on its way
        self.on = False
        self.case = 0
        self.run: Path | None = None
        self._wait = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._wait.timeout.connect(self._ask)
        project.analysed.connect(self._follow)
        scene.arrived.connect(self._draw)
        project.replaced.connect(self._on_replaced)

    @property
    def busy(self) -> bool:
        """Whether pictures are on their way."""
        return self._number is not None

    def turn_on(self, on: bool) -> None:
        """Show previews, or take them away and end the process."""
        self.on = on
        if on:
            self._ask()
            return
        self._wait.stop()
        self._server.close_down()
        self._number, self._asked, self._record = None, None, None
        self._clear()
        self.changed.emit()

    def show_case(self, number: int) -> None:
        """Another case of the data, from 0; after the last the first comes again."""
        self.case = number
        self._ask_if_on()

    def show_run(self, run: Path | None) -> None:
        """The weights of a run's best epoch; None: random ones, as before training."""
        self.run = run
        self._ask_if_on()

    def _ask_if_on(self) -> None:
        if self.on:
            self._ask()

    def _follow(self, _analysis: object) -> None:
        if self.on and self._asked != self._question():
            self._wait.start()
        self._draw()

    def _question(self) -> object:
        """All that the pictures depend on; where nodes stand on the canvas is not part of it."""
        graph = self._project.document.graph()
        nodes = tuple((node.id, node.type, node.sheet, repr(node.settings)) for node in graph.nodes.values())
        return nodes, graph.wires, self.case, self.run

    def _ask(self) -> None:
        file = Path(self._folder.path()) / "look.netloom"
        try:
            save_graph(self._project.document.graph(), file)
        except ProjectError as error:
            self.failed.emit(str(error))
            return
        if self._number is not None:
            self._server.forget([self._number])
        self._asked = self._question()
        request = {"project": str(file), "run": str(self.run or ""), "case": self.case}
        self._number = self._server.ask(request, self._on_answer)
        self.changed.emit()

    def _on_answer(self, answer: Answer) -> None:
        self._number = None
        if "error" in answer:
            self._record = None
            self._clear()
            self.failed.emit(str(answer["error"]))
        else:
            self._take(Path(str(answer["file"])))
        self.changed.emit()

    def _take(self, file: Path) -> None:
        try:
            self._record = read_record(file, "look")
        except RunError as error:
            self.failed.emit(str(error))
            return
        file.unlink(missing_ok=True)
        self.case = int(self._record.facts["number"])
        self._asked = self._question()
        self._draw()
        self.told.emit(self._record.facts)

    def _draw(self) -> None:
        """Put the pictures beside the bars of the sheet that is shown; a use of a block shows what leaves it last."""
        if self._record is None or not self.on:
            return
        path = self._project.place.path or ""
        found: dict[str, tuple[int, Mapping[str, Any]]] = {}
        for place, facts in enumerate(self._record.facts["nodes"]):
            node_id = inside(str(facts["id"]), path)
            if node_id in self._scene.node_items:
                found[node_id] = place, facts
        stale = self._asked != self._question()
        for node_id, bar in self._scene.node_items.items():
            item = preview_of(bar)
            if node_id in found:
                place, facts = found[node_id]
                item = item or PreviewItem(bar)
                item.show_picture(pixmap_of(self._record.arrays["pictures"][place]), facts, stale)
            elif item is not None:
                self._scene.removeItem(item)

    def _on_replaced(self) -> None:
        self.case, self.run = 0, None
        if self.on:
            self.turn_on(False)

    def _clear(self) -> None:
        for bar in self._scene.node_items.values():
            item = preview_of(bar)
            if item is not None:
                self._scene.removeItem(item)
