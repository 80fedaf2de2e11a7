"""A view onto which bars are dragged from the palette."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF

from designer.canvas.editor import CanvasEditor
from designer.canvas.framed_view import FramedView
from designer.canvas.landing import landing, mark, show_landing
from designer.canvas.measures import HEIGHT, WIDTH
from nodes.spec import NodeType


class DropView(FramedView):
    """Shows where a bar would land, and lets it land there."""

    editor: CanvasEditor

    def preview_drop(self, kind: type[NodeType], at: QPoint | None) -> None:
        """Show where a bar dragged from the palette would land; None when it is not over the canvas."""
        if at is None:
            mark(self.canvas, None)
        else:
            show_landing(self.canvas, kind, self._corner(at))

    def forget_preview(self) -> None:
        """No bar is about to land."""
        mark(self.canvas, None)

    def drop_type(self, kind: type[NodeType], at: QPoint) -> str:
        """Add a node where it was let go over the view; gives its id."""
        corner = self._corner(at)
        where = landing(self.canvas, kind, corner)
        mark(self.canvas, None)
        self.setFocus()
        return self.editor.add(kind, corner, where)

    def _corner(self, at: QPoint) -> QPointF:
        return self.mapToScene(at) - QPointF(WIDTH / 2, HEIGHT / 2)
