"""Freezing from the canvas: what is selected is left as it is by training, or learns again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from designer.canvas.editor import CanvasEditor
from nodes.blocks import BlockUse
from nodes.trained import Trained
from runtime.document import Document
from runtime.framed import is_frame, nodes_in

_FACTOR = "rate_factor"


def can_freeze(document: Document, node_ids: Sequence[str]) -> tuple[str, ...]:
    """Those of the nodes, and of those that lie in frames among them, that can learn: layers, and blocks as a whole."""
    inside = dict.fromkeys(node_ids)
    for node_id in node_ids:
        node = document.nodes[node_id]
        if is_frame(node):
            inside |= dict.fromkeys(one for one in document.nodes if one in nodes_in(document.nodes, node))
    kinds = ((node_id, document.find(document.nodes[node_id].type)) for node_id in inside)
    return tuple(node_id for node_id, kind in kinds if kind is not None and issubclass(kind, (Trained, BlockUse)))


def toggle_frozen(editor: CanvasEditor, node_ids: Sequence[str]) -> None:
    """Freeze the nodes in one step of undo; where all are frozen already, let them learn again."""
    document, tr = editor.document, QCoreApplication.translate
    chosen = can_freeze(document, node_ids)
    if not chosen:
        editor.said.emit(
            tr("Freezing", "Nothing selected has trained numbers; select layers, blocks or a frame around them.")
        )
        return
    frozen = all(document.nodes[node_id].settings.get(_FACTOR, 1) == 0 for node_id in chosen)
    with document.edit(tr("Freezing", "Let learn") if frozen else tr("Freezing", "Freeze")):
        for node_id in chosen:
            if frozen:
                document.reset(node_id, _FACTOR)
            else:
                document.change(node_id, rate_factor=0)
