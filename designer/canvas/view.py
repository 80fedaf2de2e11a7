"""The view of the canvas: zooming, panning, and which gesture a press of a button begins."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QContextMenuEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from designer.canvas.blocks import Blocks
from designer.canvas.commands import NUDGE, canvas_commands
from designer.canvas.drawing import DrawWire, KeyConnect
from designer.canvas.drop_view import DropView
from designer.canvas.editor import CanvasEditor
from designer.canvas.finder import Finder
from designer.canvas.fix_card import FixCard
from designer.canvas.gestures import Gesture, Lasso, MoveNodes, Pan, Pointer, press_on_wire
from designer.canvas.hint import Hint
from designer.canvas.measures import HEIGHT, WIDTH
from designer.canvas.node_menu import open_node_menu
from designer.canvas.ports import Spot
from designer.canvas.remark_item import RemarkItem
from designer.canvas.remarks import Remarks
from designer.canvas.renaming import Renamer
from designer.canvas.scene import CanvasScene
from designer.canvas.walking import in_reading_order, neighbour
from designer.project import Project
from nodes.remarks import Remark
from nodes.spec import NodeType
from runtime.changes import NodeAdded, NodeRemoved


class CanvasView(DropView):
    """The drawing surface."""

    template_asked = Signal()

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(CanvasScene(project), parent)
        self.editor = CanvasEditor(project, self.canvas, self)
        self.gesture: Gesture | None = None
        self._space = False
        self.finder = Finder(self)
        self.fix_card = FixCard(self)
        self.renamer = Renamer(self)
        self.blocks = Blocks(self)
        self.remarks = Remarks(self)
        self.commands = canvas_commands(self)
        self._set_up()
        self._hint = Hint(self)
        self._hint.linkActivated.connect(self.template_asked)
        self.canvas.arrived.connect(self._show_hint)
        project.changed.connect(self._show_hint)
        project.changed.connect(self._let_go)
        project.replaced.connect(self._on_replaced)
        self.canvas.focus_moved.connect(self._announce)

    def _set_up(self) -> None:
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 240)
        self.setAccessibleName(self.tr("Canvas"))
        self.setWhatsThis(self.tr(
            "Everything here goes by keyboard too. Tab and Shift+Tab, or Ctrl with the arrow keys, move from node to "
            "node; Insert adds a node below and connects it; C connects the node to another: choose it with the arrow "
            "keys or Ctrl+F and press Enter. F2 renames the node. Arrow keys move what is selected, Shift makes "
            "bigger steps. Delete removes, Backspace removes and keeps the links, Ctrl+L lays the graph out."
        ))  # fmt: skip

    # Zoom and place

    def go_to(self, node_id: str, *, nearer: bool = True) -> None:
        """Bring the keyboard to a node, select it and show it, `nearer` if its name is too small to be read."""
        if self.canvas.item_of(node_id) is None:
            return
        if not isinstance(self.gesture, KeyConnect):
            self.canvas.select([node_id])
        self.canvas.focus(node_id)
        if nearer:
            self.approach(node_id)
        self.reveal(node_id)

    # Commands that need the view

    def open_search(self, point: QPointF, loose: Spot | None = None) -> None:
        """Open the search box at a place of the scene, for a loose wire if one was let go there."""
        self.finder.add_at(point, loose)

    def add_by_key(self) -> None:
        """Open the search box: below the node that the keyboard is at, else at the middle."""
        if self.canvas.focused in self.canvas.node_items:
            self.finder.add_below(self.canvas.focused)
        else:
            self.open_search(self.mapToScene(self.viewport().rect().center()) - QPointF(WIDTH / 2, HEIGHT / 2))

    def add_type(self, kind: type[NodeType]) -> None:
        """Add a node below the one that the keyboard is at and connect it; else at the middle."""
        if issubclass(kind, Remark):
            new = self.remarks.add(kind)
        elif self.canvas.focused in self.canvas.node_items:
            new = self.editor.add_below(kind, self.canvas.focused)
        else:
            middle = self.mapToScene(self.viewport().rect().center()) - QPointF(WIDTH / 2, HEIGHT / 2)
            new = self.editor.add(kind, middle)
        self.reveal(new)

    def connect_by_key(self) -> None:
        """Begin to connect the node that the keyboard is at."""
        if self.canvas.focused in self.canvas.node_items and self.gesture is None:
            self._begin(KeyConnect(self, self.canvas.focused))

    def accept(self) -> None:
        """Enter: end connecting by keys, open the block or select the node that the keyboard is at."""
        if isinstance(self.gesture, KeyConnect):
            ended, self.gesture = self.gesture, None
            ended.end(Pointer(QPointF(), QPoint()))
        elif self.canvas.selected_ids() == (self.canvas.focused,) and self.blocks.is_use(self.canvas.focused):
            self.blocks.enter(self.canvas.focused)
        elif self.canvas.focused and not self.remarks.edit(self.canvas.focused):
            self.canvas.select([self.canvas.focused])

    def give_up(self) -> None:
        """Esc: take the gesture back, or select nothing; where nothing is selected, leave the block."""
        if self.give_up_gesture():
            self.editor.said.emit("")
        elif self.canvas.selectedItems() or not self.blocks.is_inside:
            self.canvas.select(())
        else:
            self.blocks.leave()

    def give_up_gesture(self) -> bool:
        """Take the gesture back; whether there was one."""
        given_up, self.gesture = self.gesture, None
        if given_up is not None:
            given_up.cancel()
        return given_up is not None

    def paste(self) -> None:
        """Add what is on the clipboard, where it is seen."""
        self.editor.paste(self.seen_area())

    def duplicate(self) -> None:
        """Copy the selection beside itself, and show the copy."""
        self.editor.duplicate()
        self.reveal_selection()

    def lay_out(self) -> None:
        """Lay out the selection or everything; after everything, show it."""
        self.editor.lay_out()
        if len(self.canvas.selected_ids()) < 2:
            self.fit()

    def arrow(self, x: int, y: int, times: int = 1) -> None:
        """An arrow key: moves the selection; while connecting, or with nothing selected, goes to the next node."""
        if self.gesture is None and self.canvas.selected_ids():
            self.editor.nudge(x * NUDGE * times, y * NUDGE * times)
        else:
            self.walk(x, y)

    def walk(self, x: int, y: int) -> None:
        """Go to the nearest node in a direction."""
        found = neighbour(self.editor.here, self.canvas.focused, (x, y))
        if found:
            self.go_to(found)

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.finder.box.close_box()
        for typed in (self.renamer, self.remarks.editor):
            typed.accept()
        if self.gesture is not None:
            self.give_up()
        at = self._pointer(event)
        left = event.button() is Qt.MouseButton.LeftButton
        if event.button() is Qt.MouseButton.MiddleButton or (self._space and left):
            self._begin(Pan(self, at))
        elif left:
            self._press(event, at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.gesture is not None:
            self.gesture.move(self._pointer(event))
        elif not self._space:
            self.remarks.hover(self.mapToScene(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.gesture is not None and not isinstance(self.gesture, KeyConnect):
            ended, self.gesture = self.gesture, None
            ended.end(self._pointer(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = self._pointer(event)
        item = self.canvas.node_at(at.scene) if self.remarks.label_at(at.scene) is None else None
        if event.button() is Qt.MouseButton.LeftButton and item is None:
            if not self.remarks.double_click(at.scene):
                self.open_search(at.scene)
        elif event.button() is Qt.MouseButton.LeftButton and item is not None and self.blocks.is_use(item.node.id):
            self.give_up_gesture()
            self.blocks.enter(item.node.id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.setAccepted(self.remarks.open_menu(event) or open_node_menu(self, event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = True
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
            return
        for command in self.commands:
            if command.answers(event):
                command.run()
                return
        event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self.viewport().unsetCursor()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes from node to node; after the last it leaves the canvas."""
        following = in_reading_order(self.editor.here, self.canvas.focused, 1 if forward else -1)
        if not following:
            self.canvas.focus("")
            return bool(super().focusNextPrevChild(forward))
        self.go_to(following)
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_hint()

    # Inside

    def _press(self, event: QMouseEvent, at: Pointer) -> None:
        spot, item, wire = self.canvas.spot_at(at.scene), self.canvas.node_at(at.scene), self.canvas.wire_at(at.scene)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if (label := self.remarks.label_at(at.scene)) is not None:
            self._press_remark(at, label, toggles=at.toggles or shift)
        elif item is not None and shift:
            self._shift_click(item.node.id)
        elif item is not None and at.toggles:
            item.setSelected(not item.isSelected())
            self.canvas.focus(item.node.id)
        elif spot is not None:
            self._begin(DrawWire(self, at, spot))
        elif item is not None:
            self._begin(MoveNodes(self, at, item))
        elif (comment := self.remarks.at(at.scene, behind=False)) is not None:
            self._press_remark(at, comment, toggles=at.toggles or shift)
        elif wire is not None:
            press_on_wire(wire, self, toggles=at.toggles)
        elif (frame := self.remarks.at(at.scene, behind=True)) is not None:
            self._press_remark(at, frame, toggles=at.toggles or shift)
        else:
            self._begin(Lasso(self, at))

    def _press_remark(self, at: Pointer, item: RemarkItem, *, toggles: bool) -> None:
        if toggles:
            item.setSelected(not item.isSelected())
            self.canvas.focus(item.node.id)
        else:
            self._begin(self.remarks.gesture(at, item))

    def _shift_click(self, node_id: str) -> None:
        source = self.canvas.focused
        if source and self.editor.connect_nodes(source, node_id):
            self.canvas.focus(node_id)
            self.canvas.select([node_id])
        elif not source:
            self.go_to(node_id)

    def _begin(self, gesture: Gesture) -> None:
        self.gesture = gesture
        gesture.begin()

    def _pointer(self, event: QMouseEvent) -> Pointer:
        view = event.position().toPoint()
        toggles = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return Pointer(self.mapToScene(view), view, toggles)

    def _announce(self, node_id: str) -> None:
        """Tell a screen reader which node the keyboard is at."""
        item = self.canvas.node_items.get(node_id)
        remark = self.canvas.remarks.spoken(node_id) if node_id in self.canvas.remarks.items else ""
        self.setAccessibleDescription(item.accessible_text() if item is not None else remark)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def _show_hint(self, _change: object = None) -> None:
        self._hint.follow(not self.canvas.node_items and not self.canvas.remarks.items, self.blocks.is_inside)

    def _let_go(self, change: object) -> None:
        if self.gesture is not None and isinstance(change, NodeAdded | NodeRemoved):
            self.give_up()  # what is in the hand may be gone

    def _on_replaced(self) -> None:
        self.gesture = None
        self.finder.box.close_box()
        self._show_hint()
        self.first_look()
