"""The outlines of what is true and of what was found, laid over the picture of a case."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QObject, QRectF, Signal

from designer.beside import Beside
from designer.data.outlines import Outline, edges
from designer.data.windowing import MASK_COLORS
from designer.evaluation.measured import Measured
from runtime.errors import RunError
from runtime.evaluation.detection import SURE
from runtime.evaluation.record import Cases, load_masks

_KEPT = 64
TRUE_COLOUR, FOUND_COLOUR = "#5ad278", "#ff8c40"  # of the one class that is told from the background
Masks = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class _Asked:
    folder: Path
    stem: str
    cases: tuple[str, ...]


class Contours(QObject):
    """Reads masks of cases on a thread, and keeps the last ones; boxes are there already. Only of a segmentation and of
    a detection there are any.

    What is true is drawn solid, what was found is dotted; boxes with a probability of at least SURE.
    """

    came = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.measured: Measured | None = None
        self.fit = "stretch"  # how images were brought to the size of the network
        self.truth_shown = self.found_shown = True
        self._kept: OrderedDict[str, Masks | None] = OrderedDict()
        self._index: dict[str, int] = {}
        self.reader = Beside(_read, self)
        self.reader.came.connect(self._on_read)

    def show(self, measured: Measured | None, fit: str) -> None:
        """Another evaluation, and how images were fitted: "stretch", "pad" or "crop"."""
        drawn = measured is not None and measured.record.task in ("segmentation", "detection")
        self.measured, self.fit = measured if drawn else None, fit
        self._kept.clear()
        found = self.measured.cases.case if self.measured is not None else ()
        self._index = {str(case): place for place, case in enumerate(found)}

    def want(self, cases: Sequence[int]) -> None:
        """The masks of these cases are needed now."""
        measured = self.measured
        if measured is None or measured.cases.boxes:
            return
        names = tuple(str(measured.cases.case[case]) for case in cases)
        missing = tuple(name for name in names if name not in self._kept)[:_KEPT]
        if missing:
            self.reader.ask(_Asked(measured.folder, measured.stem, missing))

    def of(self, case: int, size: tuple[int, int], at: int = 0, slices: int = 1) -> list[Outline]:
        """The outlines in a picture of `size` rows and columns, the slice `at` of so many; [] while not there."""
        measured = self.measured
        if measured is not None and measured.cases.boxes:
            return self._boxes(measured.cases, case)
        masks = self._kept.get(str(measured.cases.case[case])) if measured is not None else None
        if masks is None:
            return []
        only = measured is not None and len(measured.record.classes) <= 2
        shown = ((masks[0], False, self.truth_shown), (masks[1], True, self.found_shown))
        return [
            replace(contour, colour=FOUND_COLOUR if found else TRUE_COLOUR) if only else contour
            for mask, found, wanted in shown if wanted
            for contour in _outlines(_slice(mask, at, slices), size, self.fit, found)
        ]  # fmt: skip

    def _boxes(self, cases: Cases, case: int) -> list[Outline]:
        """The boxes of a case, in pixels of its image."""
        true, found = cases.boxes["true"][case], cases.boxes["found"][case]
        drawn = [box_outline(row[1:], int(row[0]), False) for row in true if self.truth_shown and row[0] >= 0]
        sure = [row for row in found if self.found_shown and row[5] >= 0 and row[4] >= SURE]
        return drawn + [box_outline(row[:4], int(row[5]), True) for row in sure]

    def close_down(self) -> None:
        """The window is closing."""
        self.reader.close_down()

    def _on_read(self, asked: _Asked, found: dict[str, Masks | None]) -> None:
        measured = self.measured
        if measured is None or (asked.folder, asked.stem) != (measured.folder, measured.stem):
            return
        self._kept.update(found)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        for name in found:
            if name in self._index:
                self.came.emit(self._index[name])


def box_outline(edges_: NDArray[Any], kind: int, found: bool) -> Outline:
    """A box of left, top, right and bottom in the colour of its class."""
    left, top, right, bottom = (float(edge) for edge in edges_)
    corners = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    lines = tuple(QLineF(*one, *other) for one, other in pairwise(corners))
    return Outline(MASK_COLORS[kind % len(MASK_COLORS)], lines, found)


def grid_box(fit: str, size: tuple[int, int], grid: tuple[int, int]) -> QRectF:
    """Where the grid of a network lies in a picture of `size` rows and columns, in pixels of the picture."""
    rows, columns = size
    if fit not in ("pad", "crop"):
        return QRectF(0, 0, columns, rows)
    scales = (grid[0] / rows, grid[1] / columns)
    scale = min(scales) if fit == "pad" else max(scales)
    wide, tall = grid[1] / scale, grid[0] / scale
    return QRectF((columns - wide) / 2, (rows - tall) / 2, wide, tall)


def _outlines(mask: NDArray[Any], size: tuple[int, int], fit: str, found: bool) -> list[Outline]:
    box = grid_box(fit, size, (mask.shape[0], mask.shape[1]))
    across, down = box.width() / mask.shape[1], box.height() / mask.shape[0]
    made = []
    for place in (int(value) for value in np.unique(mask) if value > 0):
        lines = tuple(
            QLineF(box.left() + line.x1() * across, box.top() + line.y1() * down,
                   box.left() + line.x2() * across, box.top() + line.y2() * down)
            for line in edges(mask == place)
        )  # fmt: skip
        made.append(Outline(MASK_COLORS[(place - 1) % len(MASK_COLORS)], lines, found))
    return made


def _slice(mask: NDArray[Any], at: int, slices: int) -> NDArray[Any]:
    """The slice of a volume's mask that belongs to a slice of its picture."""
    if mask.ndim == 2:
        return mask
    place = int((at + 0.5) / max(slices, 1) * mask.shape[0])
    return np.asarray(mask[min(max(place, 0), mask.shape[0] - 1)])


def _read(asked: _Asked) -> dict[str, Masks | None]:
    """On a thread of its own; None where there are no masks of a case."""
    found: dict[str, Masks | None] = {}
    for case in asked.cases:
        try:
            found[case] = load_masks(asked.folder, asked.stem, case)
        except RunError:
            found[case] = None
    return found
