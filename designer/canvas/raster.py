"""What lies where: a raster of cells, for the questions that wires ask about bars and bars about wires."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, TypeVar

from PySide6.QtCore import QRectF

from designer.canvas.measures import COLUMN, STEP

_ACROSS, _DOWN = COLUMN, 4 * STEP
_Cell = tuple[int, int]
_T = TypeVar("_T", bound=Hashable)


class Raster(Generic[_T]):
    """Things by the areas that they cover."""

    def __init__(self) -> None:
        self._cells: dict[_Cell, dict[_T, list[QRectF]]] = {}
        self._places: dict[_T, set[_Cell]] = {}

    def put(self, thing: _T, areas: Iterable[QRectF]) -> None:
        """The thing covers these areas now, and no others."""
        self.remove(thing)
        places = self._places[thing] = set()
        for area in areas:
            for cell in _cells(area):
                places.add(cell)
                self._cells.setdefault(cell, {}).setdefault(thing, []).append(area)

    def remove(self, thing: _T) -> None:
        """The thing is gone."""
        for cell in self._places.pop(thing, ()):
            del self._cells[cell][thing]

    def near(self, area: QRectF) -> dict[_T, QRectF]:
        """The things that touch an area, each with the area by which it does."""
        found: dict[_T, QRectF] = {}
        for cell in _cells(area):
            for thing, areas in self._cells.get(cell, {}).items():
                if thing not in found:
                    touching = next((one for one in areas if one.intersects(area)), None)
                    if touching is not None:
                        found[thing] = touching
        return found


def _cells(area: QRectF) -> Iterator[_Cell]:
    left, right = int(area.left() // _ACROSS), int(area.right() // _ACROSS)
    for row in range(int(area.top() // _DOWN), int(area.bottom() // _DOWN) + 1):
        for column in range(left, right + 1):
            yield column, row
