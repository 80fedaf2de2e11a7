"""Comments and frames on the canvas: making them, writing and renaming, what the mouse does to them, their menu."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF
from PySide6.QtGui import QColor, QContextMenuEvent, QIcon, QPixmap
from PySide6.QtWidgets import QMenu

from designer.canvas import remark_edits
from designer.canvas.comment_editor import CommentEditor
from designer.canvas.comment_item import CommentItem
from designer.canvas.frame_item import SMALL, FrameItem
from designer.canvas.gestures import Gesture, MoveNodes, Pointer
from designer.canvas.remark_facts import COLOURS, all_colours, colour_of, colour_title
from designer.canvas.remark_gestures import CURSORS, Resize
from designer.canvas.remark_item import RemarkItem
from nodes.remarks import Comment, Frame, Remark

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView

_SWATCH = 14


class Remarks(QObject):
    """What the commands for remarks do, and what the view asks when the mouse is over one."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._canvas = view.canvas
        self.editor = CommentEditor(view)
        self.menu: QMenu | None = None
        self._edge = ""

    # Commands

    def add(self, kind: type[Remark]) -> str:
        """Add a remark where it is wanted most: a frame around the selection, a comment beside it."""
        editor, chosen = self._view.editor, self._chosen()
        if kind is Frame and chosen:
            new = remark_edits.add_frame_around(editor.document, chosen, editor.sheet)
        elif chosen:
            new = remark_edits.add_comment_beside(editor.document, chosen[0])
        else:
            middle = self._view.mapToScene(self._view.viewport().rect().center())
            new = remark_edits.add(editor.document, kind, middle - QPointF(*kind.size) / 2, editor.sheet)  # type: ignore[attr-defined]
        self._view.go_to(new)
        return new

    def add_comment(self) -> None:
        """Add a comment and write in it."""
        self.editor.open_at(self.add(Comment))

    def add_frame(self) -> None:
        """Add a frame around the selection and name it."""
        step = remark_edits.step_of(self._view.editor.document, Frame)
        self._view.renamer.open_at(self.add(Frame), step)

    def fit_frame(self) -> None:
        """Fit the selected frames to what lies in them."""
        frames = [item for item in self._chosen_items() if isinstance(item, FrameItem)]
        if not frames:
            self._say(self.tr("Choose a frame first: click on its title, or go to it by Tab."))
        for frame in frames:
            inside = self._canvas.remarks.inside(frame)
            if inside:
                remark_edits.fit(self._view.editor.document, frame.node.id, inside)
            else:
                self._say(self.tr("Nothing lies in “{0}”; move some nodes into it first.").format(frame.node.name))

    def edit(self, node_id: str) -> bool:
        """Write in a comment, or rename a frame; whether the node is one of these."""
        item = self._canvas.remarks.items.get(node_id)
        if item is None:
            return False
        self._view.give_up_gesture()
        if isinstance(item, CommentItem):
            self._view.go_to(node_id)
            self.editor.open_at(node_id)
        else:
            self._view.renamer.open_at(node_id)
        return True

    # The mouse

    def at(self, point: QPointF, *, behind: bool) -> RemarkItem | None:
        """The comment at a place of the scene; with `behind` the frame, which lies behind the wires."""
        remarks, scale = self._canvas.remarks, self._view.scale_now
        return remarks.frame_at(point, scale) if behind else remarks.comment_at(point, scale)

    def label_at(self, point: QPointF) -> RemarkItem | None:
        """The frame whose title stands on a label there, above everything: where the drawing is small."""
        scale = self._view.scale_now
        if scale >= SMALL:
            return None
        frames = self._canvas.remarks.frames
        return next((item for item in frames if item.label_box(scale).contains(point)), None)

    def gesture(self, at: Pointer, item: RemarkItem) -> Gesture:
        """What a press on a remark begins: resizing at its edges, else moving."""
        edge = "" if self.label_at(at.scene) is item else item.edge_at(at.scene, self._view.scale_now)
        return Resize(self._view, at, item, edge) if edge else MoveNodes(self._view, at, item)

    def hover(self, point: QPointF) -> None:
        """Show by the pointer's form what a press would do."""
        edge = ""
        if self._canvas.remarks.items and self._canvas.node_at(point) is None:
            item = self.at(point, behind=False) or self.at(point, behind=True)
            edge = item.edge_at(point, self._view.scale_now) if item is not None else ""
        if edge != self._edge:
            self._edge = edge
            if edge:
                self._view.viewport().setCursor(CURSORS[edge])
            else:
                self._view.viewport().unsetCursor()

    def double_click(self, point: QPointF) -> bool:
        """Edit the remark at a place; whether there is one."""
        item = self.at(point, behind=False) or self.at(point, behind=True)
        return item is not None and self.edit(item.node.id)

    # The menu

    def open_menu(self, event: QContextMenuEvent) -> bool:
        """Open the menu of the remark under the pointer, or of the one that the keyboard is at."""
        item, place = self._meant(event)
        if item is None or self._view.gesture is not None:
            return False
        if item.node.id not in self._canvas.selected_ids():
            self._canvas.select([item.node.id])
        self._canvas.focus(item.node.id)
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = self._menu(item)
        self.menu.popup(place)
        return True

    def _menu(self, item: RemarkItem) -> QMenu:
        menu = QMenu(self._view)
        menu.setAccessibleName(item.node.name)
        is_frame = isinstance(item, FrameItem)
        menu.addAction(self.tr("Rename …") if is_frame else self.tr("Write …"), partial(self.edit, item.node.id))
        if is_frame:
            menu.addAction(self.tr("Fit to what lies in it"), self.fit_frame)
        menu.addSeparator()
        for name in all_colours():
            action = menu.addAction(_swatch(name), colour_title(name), partial(self._colour, name))
            action.setCheckable(True)
            action.setChecked(name == colour_of(item.node))
        menu.addSeparator()
        menu.addAction(self.tr("Delete"), self._view.editor.remove_selection)
        return menu

    def _meant(self, event: QContextMenuEvent) -> tuple[RemarkItem | None, QPoint]:
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            item = self._canvas.remarks.items.get(self._canvas.focused)
            corner = item.scene_box().topLeft() if item is not None else QPointF()
            return item, self._view.viewport().mapToGlobal(self._view.mapFromScene(corner))
        point = self._view.mapToScene(event.pos())
        over_bar = self._canvas.node_at(point) is not None and self.label_at(point) is None
        item = None if over_bar else self.at(point, behind=False) or self.at(point, behind=True)
        return item, event.globalPos()

    def _colour(self, name: str) -> None:
        chosen = [item.node.id for item in self._chosen_items()]
        if chosen:
            remark_edits.colour(self._view.editor.document, chosen, name)

    # Inside

    def _chosen(self) -> tuple[str, ...]:
        focused = (self._canvas.focused,) if self._canvas.focused else ()
        return self._canvas.selected_ids() or focused

    def _chosen_items(self) -> list[RemarkItem]:
        items = self._canvas.remarks.items
        return [items[node_id] for node_id in self._chosen() if node_id in items]

    def _say(self, text: str) -> None:
        self._view.editor.said.emit(text)


def _swatch(name: str) -> QIcon:
    picture = QPixmap(_SWATCH, _SWATCH)
    picture.fill(QColor(COLOURS[name]))
    return QIcon(picture)
