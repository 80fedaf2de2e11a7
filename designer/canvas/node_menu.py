"""The menu of a bar: what is done most with it, the commands for blocks among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QMenu

from designer.canvas.freezing import can_freeze

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView

_OF_NODES = ("group", "rename", "duplicate", "copy", "delete", "delete_closing")
_OF_TRAINED = ("freeze",)
_OF_USES = ("enter", "ungroup")


def open_node_menu(view: CanvasView, event: QContextMenuEvent) -> bool:
    """Open the menu of the bar under the pointer, or of the one that the keyboard is at; whether there is one."""
    by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
    item = view.canvas.node_items.get(view.canvas.focused) if by_key else view.canvas.node_at(
        view.mapToScene(event.pos()))  # fmt: skip
    if item is None:
        return False
    if not item.isSelected():
        view.go_to(item.node.id)
    node_menu(view).popup(event.globalPos())
    return True


def node_menu(view: CanvasView) -> QMenu:
    """The menu for what is selected."""
    menu = QMenu(view)
    menu.setAccessibleName(view.tr("Commands for this node"))
    inside = any(view.blocks.is_use(node_id) for node_id in view.canvas.selected_ids())
    trained = can_freeze(view.editor.document, view.canvas.selected_ids())
    for command_id in (*(_OF_USES if inside else ()), *(_OF_TRAINED if trained else ()), *_OF_NODES):
        command = next(one for one in view.commands if one.id == command_id)
        keys = f"\t{command.keys[0]}" if command.keys else ""
        action = QAction(command.title + keys, menu)
        action.setObjectName(command.id)
        action.triggered.connect(lambda _checked=False, run=command.run: run())
        menu.addAction(action)
    return menu
