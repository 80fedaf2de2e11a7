"""What the search box offers on the canvas: node types to add, or nodes to go to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QPoint, QPointF

from designer.canvas.fitting import fitting_types, suits_the_data
from designer.canvas.matching import by_category, ranked, score
from designer.canvas.node_item import first_sentences
from designer.canvas.ports import Spot
from designer.canvas.remark_search import found_remarks
from designer.canvas.search import Row, Rows, SearchBox
from designer.canvas.sheets import types_on, why_not_here
from designer.icons import tile_icon
from nodes.spec import NodeType

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView


class Finder(QObject):
    """Opens the search box and does what was chosen."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self.box = SearchBox(view)
        self._then: Callable[[object], None] = lambda _value: None
        self.box.chosen.connect(self._chosen)
        self.box.closed.connect(view.setFocus)

    def add_at(self, point: QPointF, loose: Spot | None = None) -> None:
        """Offer types to add at a place of the scene; for a loose wire only those that fit, best first."""
        editor = self._view.editor

        def add(value: object) -> None:
            if isinstance(value, type) and issubclass(value, NodeType):
                new = editor.add(value, point) if loose is None else editor.add_at_wire(value, loose, point)
                self._view.reveal(new)

        types = self._fitting(loose) if loose is not None else self._all_types()
        hint = self.tr("What follows?") if loose is not None and not loose.is_input else self.tr("Add a layer, loss …")
        place = self._view.mapFromScene(point)
        self._open(place, lambda query: self._type_rows(ranked(query, types, self._suits)), hint, add)

    def add_below(self, node_id: str) -> None:
        """Offer types to add under a node."""
        item = self._view.canvas.node_items[node_id]
        editor = self._view.editor

        def add(value: object) -> None:
            if isinstance(value, type) and issubclass(value, NodeType):
                self._view.reveal(editor.add_below(value, node_id))

        main = next((spot for spot in item.spots.values() if not spot.is_input), None)
        first = self._fitting(main) if main is not None else []
        types = [*first, *(kind for kind in self._all_types() if kind not in first)]
        place = self._view.mapFromScene(item.scene_box().bottomLeft() + QPointF(0, 8))
        hint = self.tr("Add below “{0}”").format(item.node.name)
        self._open(place, lambda query: self._type_rows(ranked(query, types, self._suits)), hint, add)

    def go_to_node(self) -> None:
        """Offer the nodes of the graph to go to."""
        place = QPoint(self._view.width() // 2 - self.box.width() // 2, 48)
        self._open(place, self._node_rows, self.tr("Find a node"), lambda value: self._view.go_to(str(value)))

    def _open(self, at: QPoint, rows: Rows, hint: str, then: Callable[[object], None]) -> None:
        self._then = then
        self.box.open(at, rows, hint)

    def _suits(self, kind: type[NodeType]) -> bool:
        return suits_the_data(self._view.editor.project.analysis, kind)

    def _chosen(self, value: object) -> None:
        self._then(value)

    def _all_types(self) -> list[type[NodeType]]:
        editor = self._view.editor
        families = by_category(types_on(editor.document, editor.sheet))
        return [kind for members in families.values() for kind in members]

    def _fitting(self, loose: Spot) -> list[type[NodeType]]:
        project = self._view.editor.project
        project.analyse_now()
        return fitting_types(project.seen, loose, types_on(project.document, project.place.sheet))

    def _type_rows(self, types: Sequence[type[NodeType]]) -> list[Row]:
        editor, tr = self._view.editor, QCoreApplication.translate
        rows = []
        for kind in types:
            reason = why_not_here(editor.document, editor.sheet, kind.id)
            tip = reason or first_sentences(kind)
            rows.append(Row(kind, tr("Nodes", kind.title), tip, tile_icon(kind.category), reason))
        return rows

    def _node_rows(self, query: str) -> list[Row]:
        items = self._view.canvas.node_items.values()
        scored = [
            (
                score(query, item.node.name, item.kind.title if item.kind else item.node.type),
                Row(item.node.id, item.node.name, item.accessible_text(), tile_icon(item.category)),
            )
            for item in items
        ]
        scored += found_remarks(query, self._view.canvas.remarks)
        return [row for value, row in sorted(scored, key=lambda pair: -pair[0]) if value > 0]
