"""The card under a node with problems: what is wrong, and a button for every change that mends it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from designer.canvas.measures import HEIGHT
from designer.mending import FixButton, mend
from runtime.analysis import Analysis
from runtime.fixes import fixes_for
from runtime.problems import Problem

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView

_WIDE = 320
_NEAR = 12
_HIDING = (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.MouseButtonDblClick)


class FixCard(QFrame):
    """Opens where the mouse rests on a node with problems, on a right click, or by key; goes when left."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self.node_id = ""
        self._view = view
        self._problems: tuple[Problem, ...] = ()
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Problems of this node"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 10, 12, 10)
        self._column.setSpacing(6)
        self.hide()
        view.viewport().installEventFilter(self)
        view.editor.project.seen_changed.connect(self._on_analysed)
        view.editor.project.replaced.connect(self.close_card)
        view.canvas.leaving.connect(self.close_card)

    @property
    def buttons(self) -> list[FixButton]:
        """The buttons, from the top down."""
        items = (self._column.itemAt(place) for place in range(self._column.count()))
        found = (item.widget() for item in items if item is not None)
        return [widget for widget in found if isinstance(widget, FixButton)]

    def open_at(self, node_id: str, *, by_key: bool = False) -> bool:
        """Show what is wrong with a node; by key the first button gets the focus. False when nothing is wrong."""
        item = self._view.canvas.node_items.get(node_id)
        if item is None or not item.problems:
            return False
        self.node_id = node_id
        self._fill(item.problems)
        self._place()
        self.show()
        self.raise_()
        if by_key:
            first: QWidget = next(iter(self.buttons), self)
            first.setFocus(Qt.FocusReason.PopupFocusReason)
        return True

    def open_by_key(self) -> None:
        """Open at the node that the keyboard is at, or at the first with a problem."""
        items = self._view.canvas.node_items
        wrong = [node_id for node_id, item in items.items() if item.problems]
        node_id = next((node_id for node_id in (self._view.canvas.focused, *wrong) if node_id in wrong), "")
        if not node_id:
            self._view.editor.said.emit(self.tr("No node has a problem."))
            return
        self._view.go_to(node_id)
        self.open_at(node_id, by_key=True)

    def close_card(self) -> None:
        """Hide; the keyboard goes back to the canvas if it was here."""
        self.node_id = ""
        if self.isHidden():
            return
        focused = self.window().focusWidget()
        had_focus = focused is not None and (focused is self or self.isAncestorOf(focused))
        self.hide()
        if had_focus:
            self._view.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if event.key() == Qt.Key.Key_Escape:
            self.close_card()
        elif step and self.buttons:
            at = next((place for place, button in enumerate(self.buttons) if button.hasFocus()), 0)
            self.buttons[(at + step) % len(self.buttons)].setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            return self._view.gesture is None and self._open_under(event.pos())
        if isinstance(event, QContextMenuEvent):
            by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
            return self.open_at(self._view.canvas.focused, by_key=True) if by_key else self._open_under(event.pos())
        if self.isVisible() and (event.type() in _HIDING or (isinstance(event, QMouseEvent) and self._is_left(event))):
            self.close_card()
        return False

    def _open_under(self, at: QPoint) -> bool:
        item = self._view.canvas.node_at(self._view.mapToScene(at))
        return item is not None and (item.node.id == self.node_id or self.open_at(item.node.id))

    def _is_left(self, event: QMouseEvent) -> bool:
        bar = self._bar()
        room = bar.united(self.geometry()).adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR)
        return not room.contains(event.position().toPoint())

    def _fill(self, problems: tuple[Problem, ...]) -> None:
        self._problems = problems
        while (taken := self._column.takeAt(0)) is not None:
            if (old := taken.widget()) is not None:
                old.hide()
                old.deleteLater()
        analysis = self._view.editor.project.seen
        for problem in problems:
            text = QLabel(problem.message, self)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setWordWrap(True)
            self._column.addWidget(text)
            for fix in fixes_for(problem, analysis):
                do = partial(self._mend, problem, fix.label)
                self._column.addWidget(FixButton(fix.label, do, problem.message), 0, Qt.AlignmentFlag.AlignLeft)

    def _mend(self, problem: Problem, label: str) -> None:
        self.close_card()
        mend(self._view.editor.project, problem, label, here=True)

    def _bar(self) -> QRect:
        """The node's bar in pixels of the view."""
        item = self._view.canvas.node_items.get(self.node_id)
        return self._view.mapFromScene(item.scene_box()).boundingRect() if item is not None else QRect()

    def _place(self) -> None:
        """Below the bar; above it where there is no room."""
        self._column.activate()
        wide = min(_WIDE, self._view.width() - 8)
        height = self._column.heightForWidth(wide - 2) + 4  # with its outline
        self.resize(wide, height)
        item = self._view.canvas.node_items[self.node_id]
        below = self._view.mapFromScene(item.scene_box().bottomLeft() + QPointF(0, HEIGHT / 4))
        top = below.y() if below.y() + height <= self._view.height() else self._bar().top() - height - 4
        self.move(max(4, min(below.x(), self._view.width() - wide - 4)), max(4, top))

    def _on_analysed(self, _analysis: Analysis) -> None:
        if self.isVisible():
            item = self._view.canvas.node_items.get(self.node_id)
            if item is None or item.problems != self._problems:
                self.close_card()
