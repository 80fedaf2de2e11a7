"""The commands of the canvas: each one named step of undo on the project's document."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtGui import QGuiApplication

from designer.canvas import clipboard, edits, remark_edits, remark_layout
from designer.canvas.fitting import best_wire, downstream, joined, landing_port, refusal
from designer.canvas.landing import Landing, OnWire, Under
from designer.canvas.layout import lay_out
from designer.canvas.measures import GRID, HEIGHT, STEP, WIDTH, snapped
from designer.canvas.naming import first_name, rename
from designer.canvas.ports import Spot
from designer.canvas.remark_facts import box_of, counted
from designer.canvas.scene import CanvasScene
from designer.canvas.sheets import why_not_here
from designer.project import Project
from nodes.remarks import Remark
from nodes.spec import NodeType
from runtime.document import Document
from runtime.graph import Node, Wire


class CanvasEditor(QObject):
    """What can be done to the drawing, by mouse, key or menu. What cannot be done is said in one sentence."""

    said = Signal(str)

    def __init__(self, project: Project, scene: CanvasScene, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.scene = scene

    @property
    def document(self) -> Document:
        """The document of now: another one takes its place when a project is opened."""
        return self.project.document

    @property
    def sheet(self) -> str:
        """The sheet that is shown, and edited."""
        return self.project.place.sheet

    @property
    def here(self) -> Mapping[str, Node]:
        """The nodes of the sheet that is shown."""
        return self.document.on(self.sheet)

    # Adding

    def add(self, kind: type[NodeType], corner: QPointF, landing: Landing = None) -> str:
        """Add a node with its upper left corner here; on a wire or under a bar it is connected."""
        if issubclass(kind, Remark):
            return self._show(remark_edits.add(self.document, kind, corner, self.sheet))
        if isinstance(landing, Under):
            return self.add_below(kind, landing.node)
        if self._refused(kind):
            return ""
        with self.document.edit(self.tr("Add {0}").format(kind.title)):
            wanted = snapped(corner.x(), corner.y())
            new = self.document.add(kind.id, self._first_name(kind), wanted, sheet=self.sheet)
            if isinstance(landing, OnWire):
                self._sit(new, landing.wire)
            else:
                self.document.change(new, position=edits.free_place(self.here, wanted, but=new))
                edits.connect_target(self.document, self.project.seen, new)
        return self._show(new)

    def add_below(self, kind: type[NodeType], above: str) -> str:
        """Add a node under another and connect the two; a frame is put around it, a comment beside it."""
        if issubclass(kind, Remark):
            return self._show(remark_edits.add_at_node(self.document, kind, above))
        if self._refused(kind):
            return ""
        with self.document.edit(self.tr("Add {0}").format(kind.title)):
            new = edits.add_below(self.document, self.project.seen, kind.id, above)
        return self._show(new)

    def add_at_wire(self, kind: type[NodeType], loose: Spot, point: QPointF) -> str:
        """Add a node where a loose wire was let go, and connect it."""
        port = landing_port(kind, loose)
        above = -HEIGHT if loose.is_input else 0.0
        if self._refused(kind):
            return ""
        with self.document.edit(self.tr("Add {0}").format(kind.title)):
            wanted = snapped(point.x() - WIDTH / 2, point.y() + above)
            new = self.document.add(kind.id, self._first_name(kind), wanted, sheet=self.sheet)
            self.document.change(new, position=edits.free_place(self.here, wanted, but=new))
            if port is not None:
                edits.connect(self.document, joined(loose, new, port.name))
            edits.connect_target(self.document, self.project.seen, new)
        return self._show(new)

    # Connecting

    def connect_ports(self, wire: Wire) -> bool:
        """Draw a wire; says why when it does not fit."""
        reason = refusal(self.document, wire)
        if reason:
            self.said.emit(reason)
            return False
        names = (self.document.nodes[wire.source].name, self.document.nodes[wire.target].name)
        with self.document.edit(self.tr("Connect {0} to {1}").format(*names)):
            edits.connect(self.document, wire)
        return True

    def connect_nodes(self, source: str, target: str) -> bool:
        """Connect two nodes by the ports that a person would choose, in the direction that fits."""
        nodes = self.here
        if source == target or source not in nodes or target not in nodes:
            return False
        wire = best_wire(self.document, source, target) or best_wire(self.document, target, source)
        if wire is not None:
            return self.connect_ports(wire)
        text = self.tr("“{0}” and “{1}” have no ports that fit each other, or the wire would close a loop.")
        if any({wire.source, wire.target} == {source, target} for wire in self.document.wires):
            text = self.tr("“{0}” and “{1}” are connected already, and no further ports of theirs fit each other.")
        self.said.emit(text.format(nodes[source].name, nodes[target].name))
        return False

    # Removing

    def remove_selection(self) -> None:
        """Remove what is selected, with its wires."""
        chosen, wires = self.scene.selected_ids(), self.scene.selected_wires()
        if chosen or wires:
            with self.document.edit(self._label(self.tr("Delete"), chosen, wires)):
                edits.remove(self.document, chosen, wires)

    def remove_closing_gap(self) -> None:
        """Remove the selected nodes and join what they stood between."""
        chosen, wires = self.scene.selected_ids(), self.scene.selected_wires()
        if not chosen and not wires:
            return
        above = next((wire.source for wire in self.document.wires if chosen and wire.target == chosen[0]), "")
        with self.document.edit(self._label(self.tr("Delete"), chosen, wires)):
            edits.remove(self.document, (), wires)
            for node_id in chosen:
                edits.remove_closing_gap(self.document, node_id)
        if above in self.document.nodes:
            self._show(above)

    # Moving and arranging

    def move(self, places: Mapping[str, tuple[float, float]], landing: Landing = None, lead: str = "") -> None:
        """Put nodes at places; the leading one may land on a wire or under a bar."""
        named = tuple(one for one in self.scene.selected_ids() if one in places) or tuple(places)
        with self.document.edit(self._label(self.tr("Move"), named)):
            for node_id, place in places.items():
                self.document.change(node_id, position=place)
            if isinstance(landing, OnWire):
                self._sit(lead, landing.wire)
            elif isinstance(landing, Under):
                self._hang(tuple(places), lead, landing.node)

    def nudge(self, dx: float, dy: float) -> None:
        """Move the selection a little; repeated nudges are one step of undo."""
        chosen = self.scene.selected_ids()
        if chosen:
            with self.document.edit(self._label(self.tr("Move"), chosen), merge=f"nudge {' '.join(chosen)}"):
                for node_id in self.scene.remarks.carried(chosen):
                    x, y = self.document.nodes[node_id].position
                    self.document.change(node_id, position=(x + dx, y + dy))

    def lay_out(self) -> None:
        """Lay out the selection if there are several in it, else the whole graph."""
        chosen = self.scene.selected_ids()
        before = dict(self.here)
        nodes = remark_layout.bars_of(before)
        part = {node_id: nodes[node_id] for node_id in chosen if node_id in nodes}
        part = part if len(part) > 1 else nodes
        laid_out = lay_out(part, self.document.wires, self.document.find, remark_layout.framed(before))
        places = remark_layout.with_room(before, laid_out)
        with self.document.edit(self.tr("Lay out")):
            for node_id, place in places.items():
                self.document.change(node_id, position=place)
            remark_layout.follow(self.document, before)

    def rename(self, node_id: str, name: str, step: tuple[str, str] | None = None) -> str:
        """Give a node another name, within the last step (its label, its `merge`) if that is named.

        Gives the reason when that cannot be, "" when it was done.
        """
        if step is None:
            return rename(self.document, node_id, name)
        with self.document.edit(*step):
            return rename(self.document, node_id, name)

    # Selecting, copying

    def select_all(self) -> None:
        """Select every node."""
        self.scene.select(self.here)

    def duplicate(self) -> None:
        """Copy the selection beside itself."""
        self._paste(self._piece(), (WIDTH + 4 * GRID, 0.0), self.tr("Duplicate"))

    def copy(self) -> None:
        """Put the selection on the clipboard, as text."""
        text = self._piece()
        if text:
            QGuiApplication.clipboard().setText(text)

    def cut(self) -> None:
        """Copy the selection and remove it."""
        self.copy()
        self.remove_selection()

    def paste(self, room: QRectF | None = None) -> None:
        """Add what is on the clipboard: where it stood, or in the middle of what is seen if it would not be seen."""
        text = QGuiApplication.clipboard().text()
        if clipboard.read(text) is None:
            self.said.emit(self.tr("The clipboard holds no nodes; copy some with Ctrl+C first."))
            return
        self._paste(text, (2 * GRID, 2 * GRID), self.tr("Paste"), room)

    def _piece(self) -> str:
        chosen = self.scene.selected_ids()
        document = self.document
        return clipboard.write(document.nodes, document.wires, chosen, document.blocks) if chosen else ""

    def _paste(self, text: str, step: tuple[float, float], verb: str, room: QRectF | None = None) -> None:
        piece = clipboard.read(text)
        piece, left_out = clipboard.fitting(self.document, piece, self.sheet) if piece is not None else (None, "")
        if left_out:
            self.said.emit(left_out)
        if piece is None or not piece.nodes:
            return
        taken = {node.position for node in self.here.values()}
        offset = _into(room, piece.nodes) if room is not None else (0.0, 0.0)
        while any((node.position[0] + offset[0], node.position[1] + offset[1]) in taken for node in piece.nodes):
            offset = (offset[0] + step[0], offset[1] + step[1])
        with self.document.edit(self._label(verb, tuple(node.id for node in piece.nodes))):
            new = clipboard.put(self.document, piece, offset, self.sheet)
        self.scene.select(new)
        self.scene.focus(new[-1])

    def _sit(self, node_id: str, wire: Wire) -> None:
        """Put a node on a wire; where there is no room what follows moves down."""
        x, y = self.document.nodes[wire.source].position
        if not edits.insert(self.document, node_id, [wire]):
            return
        if edits.occupied(self.here, self.document.nodes[node_id].position, but=node_id):
            below = downstream(self.document.wires, node_id) - {node_id}
            edits.shift(self.document, [other for other in below if self.document.nodes[other].position[1] > y], STEP)
            self.document.change(node_id, position=edits.free_place(self.here, (x, y + STEP), but=node_id))

    def _hang(self, moved: Collection[str], lead: str, above: str) -> None:
        """Move the dragged nodes so that the leading one stands right under a bar; connect it if its input is free."""
        x, y = self.document.nodes[above].position
        own_x, own_y = self.document.nodes[lead].position
        for node_id in moved:
            there = self.document.nodes[node_id].position
            self.document.change(node_id, position=(there[0] + x - own_x, there[1] + y + STEP - own_y))
        wire = best_wire(self.document, above, lead)
        taken = {old.input for old in self.document.graph().wires_into(lead)}
        if wire is not None and (wire.input not in taken):
            edits.connect(self.document, wire)

    def _first_name(self, kind: type[NodeType]) -> str:
        return first_name(self.document, kind.id, self.sheet)

    def _refused(self, kind: type[NodeType]) -> bool:
        """Whether the type has no business on this sheet; says why."""
        reason = why_not_here(self.document, self.sheet, kind.id)
        if reason:
            self.said.emit(reason)
        return bool(reason)

    def _show(self, node_id: str) -> str:
        self.scene.select([node_id])
        self.scene.focus(node_id)
        return node_id

    def _label(self, verb: str, nodes: Collection[str], wires: Collection[Wire] = ()) -> str:
        if len(nodes) == 1:
            only = self.document.nodes.get(next(iter(nodes)))
            return f"{verb} {only.name if only is not None else self.tr('1 node')}"
        if nodes:
            return f"{verb} {counted(self.document.nodes, nodes)}"
        one = len(wires) == 1
        return self.tr("{0} a wire").format(verb) if one else self.tr("{0} {1} wires").format(verb, len(wires))


def _into(room: QRectF, nodes: Collection[Node]) -> tuple[float, float]:
    """How far nodes have to be moved to be seen; not at all where they are."""
    area = QRectF()
    for node in nodes:
        area = area.united(box_of(node))
    if room.contains(area.center()):
        return 0.0, 0.0
    by = room.center() - area.center()
    return snapped(by.x(), by.y())
