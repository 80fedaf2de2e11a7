"""Every command of the canvas by name and key: what the keyboard, the menus and the command palette all read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from designer.canvas.freezing import toggle_frozen
from designer.canvas.measures import GRID

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do; `keys` in Qt's portable spelling, `listed` in menus and the command palette."""

    id: str
    title: str
    keys: tuple[str, ...]
    run: Callable[[], None]
    listed: bool = True

    def answers(self, event: QKeyEvent) -> bool:
        """Whether the key event is one of its keys."""
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        pressed = QKeySequence(QKeyCombination(plain, Qt.Key(event.key())))
        return any(QKeySequence(key) == pressed for key in self.keys)


def canvas_commands(view: CanvasView) -> tuple[Command, ...]:
    """The commands of one canvas."""
    return (*_edit(view), *_view(view), *_keyboard(view))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Commands", text)


def _edit(view: CanvasView) -> tuple[Command, ...]:
    editor = view.editor
    return (
        Command("add", _tr("Add a node …"), ("Ins",), view.add_by_key),
        Command("undo", _tr("Undo"), ("Ctrl+Z",), editor.project.undo),
        Command("redo", _tr("Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), editor.project.redo),
        Command("cut", _tr("Cut"), ("Ctrl+X",), editor.cut),
        Command("copy", _tr("Copy"), ("Ctrl+C",), editor.copy),
        Command("paste", _tr("Paste"), ("Ctrl+V",), view.paste),
        Command("duplicate", _tr("Duplicate"), ("Ctrl+D",), view.duplicate),
        Command("delete", _tr("Delete"), ("Del",), editor.remove_selection),
        Command("delete_closing", _tr("Delete and keep the links"), ("Backspace",), editor.remove_closing_gap),
        Command("select_all", _tr("Select all"), ("Ctrl+A",), editor.select_all),
        Command("select_none", _tr("Select nothing"), ("Esc",), view.give_up),
        Command("rename", _tr("Rename this node …"), ("F2",), view.renamer.begin),
        Command("connect", _tr("Connect from this node …"), ("C",), view.connect_by_key),
        Command("fix", _tr("Fix a problem of this node …"), ("Ctrl+.",), view.fix_card.open_by_key),
        Command(
            "freeze", _tr("Freeze, or let learn again"), (), lambda: toggle_frozen(editor, view.canvas.selected_ids())
        ),
        Command("group", _tr("Make a block of the selection"), ("Ctrl+G",), view.blocks.group),
        Command("ungroup", _tr("Take a block apart"), ("Ctrl+Shift+G",), view.blocks.ungroup),
        Command("enter", _tr("Open this block"), ("Ctrl+Return", "Ctrl+Enter"), view.blocks.enter),
        Command("leave", _tr("Leave this block"), ("Alt+Up",), view.blocks.leave),
        Command("comment", _tr("Write a comment"), ("Ctrl+Shift+M",), view.remarks.add_comment),
        Command("add_frame", _tr("Put a frame around the selection"), ("Ctrl+Shift+F",), view.remarks.add_frame),
        Command("fit_frame", _tr("Fit the frame to what lies in it"), (), view.remarks.fit_frame),
        Command("lay_out", _tr("Lay out the graph or the selection"), ("Ctrl+L",), view.lay_out),
    )


def _view(view: CanvasView) -> tuple[Command, ...]:
    return (
        Command("fit", _tr("Show the whole graph"), ("Ctrl+0",), view.fit),
        Command("actual_size", _tr("Zoom to 100 %"), ("Ctrl+1",), view.actual_size),
        Command("frame", _tr("Show the selection"), ("F",), view.frame_selection),
        Command("zoom_in", _tr("Zoom in"), ("Ctrl++", "Ctrl+="), lambda: view.zoom(1.25)),
        Command("zoom_out", _tr("Zoom out"), ("Ctrl+-",), lambda: view.zoom(0.8)),
        Command("find", _tr("Find a node …"), ("Ctrl+F",), view.finder.go_to_node),
    )


def _keyboard(view: CanvasView) -> tuple[Command, ...]:
    arrows = {"Left": (-1, 0), "Right": (1, 0), "Up": (0, -1), "Down": (0, 1)}
    made = [Command("accept", _tr("Select or connect the node"), ("Return", "Enter"), view.accept, listed=False)]
    for key, (x, y) in arrows.items():
        made += [
            Command(f"arrow_{key}", "", (key,), lambda x=x, y=y: view.arrow(x, y), listed=False),  # type: ignore[misc]
            Command(f"far_{key}", "", (f"Shift+{key}",), lambda x=x, y=y: view.arrow(x, y, 5), listed=False),  # type: ignore[misc]
            Command(f"walk_{key}", "", (f"Ctrl+{key}",), lambda x=x, y=y: view.walk(x, y), listed=False),  # type: ignore[misc]
        ]
    return tuple(made)


NUDGE = GRID
"""How far one press of an arrow key moves the selection."""
