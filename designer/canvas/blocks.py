"""Blocks on the canvas: making one of the selection, dissolving one, going into one and out again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF
from PySide6.QtGui import QTransform

from designer.canvas import edits
from designer.canvas.fitting import downstream
from designer.place import Place
from runtime.document import Document
from runtime.graph import block_of
from runtime.grouping import CannotGroup, group
from runtime.paths import first_copies, place_of
from runtime.ungrouping import CannotUngroup, ungroup

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView


class Blocks(QObject):
    """What the commands for blocks do. It remembers how each sheet was looked at."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._project = view.editor.project
        self._shown = self._project.place
        self._looks: dict[Place, tuple[QTransform, QPointF]] = {}
        view.canvas.leaving.connect(self._keep)
        view.canvas.arrived.connect(self._look)
        self._project.replaced.connect(self._forget)

    @property
    def is_inside(self) -> bool:
        """Whether a block is shown, not the main sheet."""
        return self._project.place != Place()

    def group(self) -> None:
        """Make a block of the selection; its name is asked where it stands."""
        document, chosen = self._project.document, self._view.canvas.selected_ids()
        made: list[str] = []
        step, merge = self.tr("Make a block of {0} nodes").format(len(chosen)), f"group {' '.join(chosen)}"

        def do() -> None:
            with document.edit(step, merge):
                places = [document.nodes[node_id].position[1] for node_id in chosen]
                made.append(group(document, chosen, self.tr("Block")))
                close_up(document, made[0], max(places) - min(places))

        if self._done(do):
            self._view.go_to(made[0], nearer=False)
            self._view.renamer.open_at(made[0], (step, merge))

    def ungroup(self) -> None:
        """Put what a block holds in the place of its selected uses."""
        document = self._project.document
        uses = [one for one in self._chosen() if block_of(document.nodes[one].type)]
        if not uses:
            self._say(self.tr("Select a block first; then it can be taken apart."))
            return
        made: list[str] = []

        def do() -> None:
            with document.edit(self.tr("Ungroup {0}").format(document.nodes[uses[0]].name)):
                for use in uses:
                    made.extend(ungroup(document, use))

        if self._done(do):
            self._view.canvas.select(made)
            self._view.canvas.focus(made[0] if made else "")

    def enter(self, node_id: str = "") -> None:
        """Show what is inside a use of a block: this one, or the one that the keyboard is at."""
        nodes = self._project.document.nodes
        wanted = node_id or next((one for one in self._chosen() if self.is_use(one)), "")
        if not self.is_use(wanted):
            self._say(self.tr("Choose a block first; Ctrl+Enter or a double click opens it."))
            return
        self._project.go(self._project.place.into(nodes[wanted]))

    def open(self, block_id: str) -> None:
        """Show a block: as its first use shows it, by itself where nothing uses it."""
        self._project.go(place_of_block(self._project.document, block_id) or Place(block_id, None))

    def leave(self) -> None:
        """Go back to where the block was entered from, to the use that led here."""
        place = self._project.place
        if not self.is_inside:
            self._say(self.tr("This is the main sheet; there is nothing around it."))
            return
        self._project.go(place.around(self._project.document.graph()))
        if place.path:
            self._view.go_to(place_of(place.path)[1], nearer=False)
        self._view.setFocus()

    def go(self, place: Place) -> None:
        """Look at another sheet, with the keyboard on the canvas."""
        self._project.go(place)
        self.take_keyboard()

    def show(self, opened_id: str) -> None:
        """Go to a node of the opened graph: “stage/conv” is the node “conv” in the use “stage”."""
        path, node_id = place_of(first_copies(opened_id))
        nodes = self._project.document.nodes
        if node_id in nodes:
            self._project.go(Place(nodes[node_id].sheet, path))
            self._view.go_to(node_id)

    def take_keyboard(self) -> None:
        """Bring the keyboard back to the canvas."""
        self._view.setFocus()

    def is_use(self, node_id: str) -> bool:
        """Whether the node uses a block that is there."""
        document = self._project.document
        return node_id in document.nodes and block_of(document.nodes[node_id].type) in document.blocks

    def _chosen(self) -> tuple[str, ...]:
        canvas = self._view.canvas
        return canvas.selected_ids() or ((canvas.focused,) if canvas.focused else ())

    def _done(self, do: Callable[[], None]) -> bool:
        """Do it; where that cannot be, the reason is said and nothing is changed."""
        try:
            do()
        except (CannotGroup, CannotUngroup) as reason:
            self._say(str(reason))
            return False
        self._project.analyse_now()
        return True

    def _say(self, text: str) -> None:
        self._view.editor.said.emit(text)

    # How each sheet was looked at

    def _keep(self) -> None:
        self._view.give_up_gesture()
        middle = self._view.mapToScene(self._view.viewport().rect().center())
        self._looks[self._shown] = (self._view.transform(), middle)

    def _look(self) -> None:
        self._shown = self._project.place
        kept = self._looks.get(self._shown)
        if kept is None:
            self._view.first_look()
        else:
            self._view.setTransform(kept[0])
            self._view.centerOn(kept[1])

    def _forget(self) -> None:
        self._looks.clear()
        self._shown = self._project.place


def close_up(document: Document, use: str, height: float) -> None:
    """What follows a new use moves up into the room that its block left, where that is free. Inside an open edit."""
    top = document.nodes[use].position[1]
    here = document.on(document.nodes[use].sheet)
    behind = downstream(document.wires, use) - {use}
    below = [node_id for node_id in behind if here[node_id].position[1] > top + height]
    staying = {node_id: node for node_id, node in here.items() if node_id not in below}
    places = [(here[node_id].position[0], here[node_id].position[1] - height) for node_id in below]
    if not any(edits.occupied(staying, place) for place in places):
        edits.shift(document, below, -height)


def place_of_block(document: Document, block_id: str) -> Place | None:
    """The place of a block as its first use that can be reached from the main sheet shows it."""
    waiting, seen = [Place()], set()
    while waiting:
        place = waiting.pop(0)
        for node in document.on(place.sheet).values():
            inner = block_of(node.type)
            if inner == block_id and inner in document.blocks:
                return place.into(node)
            if inner in document.blocks and inner not in seen:
                seen.add(inner)
                waiting.append(place.into(node))
    return None
