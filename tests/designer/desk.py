"""A Design workspace to test with: real mouse and key events on a real, offscreen window."""

from itertools import pairwise

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import nodes  # noqa: F401 - registers the node types
from designer import theme
from designer.canvas.measures import HEIGHT, STEP, WIDTH
from designer.design.workspace import DesignWorkspace
from designer.inspector.node_form import NodeForm
from designer.project import Project
from nodes.spec import find
from runtime.graph import Graph, Node, Wire

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
MIDDLE = Qt.MouseButton.MiddleButton


def stack(*types: str) -> Graph:
    """Nodes under each other, each wired to the next by its first ports; the id is the type's."""
    made = {name: Node(name, name, find(name).title, {}, (0.0, STEP * row)) for row, name in enumerate(types)}
    wires = [
        Wire(above, find(above).outputs[0].name, below, find(below).inputs[0].name) for above, below in pairwise(types)
    ]
    return Graph(made, tuple(wires))


class Desk:
    """The workspace with its parts at hand, and what a hand does on it."""

    def __init__(self, qtbot, graph: Graph | None = None) -> None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the window of the test before
        theme.apply(QApplication.instance(), Qt.ColorScheme.Dark)
        self.project = Project()
        self.workspace = DesignWorkspace(self.project)
        qtbot.addWidget(self.workspace)
        self.workspace.resize(1400, 900)
        self.workspace.show()
        qtbot.waitExposed(self.workspace)
        self.view = self.workspace.view
        self.canvas = self.view.canvas
        self.editor = self.view.editor
        self.project.new(graph)
        self.view.setFocus()

    @property
    def document(self):
        return self.project.document

    def names(self) -> list[str]:
        return [node.name for node in self.document.nodes.values()]

    def id_of(self, type_id: str) -> str:
        return next(node.id for node in self.document.nodes.values() if node.type == type_id)

    def at(self, point: QPointF) -> QPoint:
        return self.view.mapFromScene(point)

    def middle(self, node_id: str) -> QPoint:
        return self.at(self.canvas.node_items[node_id].pos() + QPointF(WIDTH / 2 - 60, HEIGHT / 2))

    def port(self, node_id: str, is_input: bool, name: str) -> QPoint:
        return self.at(self.canvas.node_items[node_id].spot_point(is_input, name))

    def press(self, at: QPoint, modifier=NONE, button=LEFT) -> None:
        QTest.mousePress(self.view.viewport(), button, modifier, at)

    def move(self, at: QPoint) -> None:
        QTest.mouseMove(self.view.viewport(), at)

    def release(self, at: QPoint, modifier=NONE, button=LEFT) -> None:
        QTest.mouseRelease(self.view.viewport(), button, modifier, at)

    def click(self, at: QPoint, modifier=NONE) -> None:
        self.press(at, modifier)
        self.release(at, modifier)

    def drag(self, start: QPoint, end: QPoint, button=LEFT, modifier=NONE) -> None:
        self.press(start, modifier, button)
        self.move((start + end) / 2)
        self.move(end)
        self.release(end, modifier, button)

    def double_click(self, at: QPoint) -> None:
        QTest.mouseDClick(self.view.viewport(), LEFT, NONE, at)

    def key(self, key: Qt.Key, modifier=NONE) -> None:
        QTest.keyClick(self.view, key, modifier)

    def search(self, text: str) -> None:
        """Type into the search box and press Enter."""
        field = self.view.finder.box.field
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    def mirrors(self) -> bool:
        """Whether the scene shows just what the sheet of the document holds."""
        here = self.document.on(self.project.place.sheet)
        items = {**self.canvas.node_items, **self.canvas.remarks.items}
        shown = {node_id: item.node for node_id, item in items.items()}
        places = {node_id: (item.x(), item.y()) for node_id, item in items.items()}
        return (
            shown == dict(here)
            and places == {node_id: node.position for node_id, node in here.items()}
            and set(self.canvas.wire_items) == {wire for wire in self.document.wires if wire.target in here}
        )


def inspected(qtbot, *types: str) -> Desk:
    """A desk with an input of 1×16×16 and layers under it, whose convolution is chosen."""
    desk = Desk(qtbot, stack(*types))
    with desk.document.edit("Shape"):
        desk.document.change("input", shape=[1, 16, 16])
    desk.document.seal()
    desk.project.analyse_now()
    desk.click(desk.middle("convolution"))
    return desk


def form(desk: Desk) -> NodeForm:
    """The form of the chosen node."""
    made = desk.workspace.inspector.form
    assert isinstance(made, NodeForm)
    return made
