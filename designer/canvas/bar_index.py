"""Which bars stand where: a raster of cells, quicker for this than the scene's own search among bars and wires."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF

from designer.canvas.measures import COLUMN, STEP

if TYPE_CHECKING:
    from designer.canvas.node_item import NodeItem

_ACROSS, _DOWN = COLUMN, 4 * STEP
_Cell = tuple[int, int]


class BarIndex:
    """The bars by place. A bar that moves is put again."""

    def __init__(self) -> None:
        self._cells: dict[_Cell, dict[NodeItem, QRectF]] = {}
        self._places: dict[NodeItem, tuple[_Cell, ...]] = {}

    def put(self, item: NodeItem) -> None:
        """The bar stands where it stands now."""
        box = item.scene_box()
        self.remove(item)
        self._places[item] = tuple(_cells(box))
        for cell in self._places[item]:
            self._cells.setdefault(cell, {})[item] = box

    def remove(self, item: NodeItem) -> None:
        """The bar is gone."""
        for cell in self._places.pop(item, ()):
            del self._cells[cell][item]

    def near(self, area: QRectF) -> dict[NodeItem, QRectF]:
        """The bars that touch an area, and their boxes."""
        return {
            item: box
            for cell in _cells(area)
            for item, box in self._cells.get(cell, {}).items()
            if box.intersects(area)
        }  # fmt: skip


def _cells(area: QRectF) -> Iterator[_Cell]:
    left, right = int(area.left() // _ACROSS), int(area.right() // _ACROSS)
    for row in range(int(area.top() // _DOWN), int(area.bottom() // _DOWN) + 1):
        for column in range(left, right + 1):
            yield column, row
