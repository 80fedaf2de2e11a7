"""The outlines of what is true and of what was found, laid over the picture of a case."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QObject, QRectF, Signal

from designer.beside import Beside
from designer.data.outlines import Outline, edges
from designer.data.windowing import MASK_COLORS
from designer.evaluation.grids import grid_box, slice_at
from designer.evaluation.measured import Measured
from runtime.errors import RunError
from runtime.evaluation.detection import SURE
from runtime.evaluation.record import Cases, load_masks
from runtime.plan import FittedSize

_KEPT = 64
TRUE_COLOUR, FOUND_COLOUR = "#5ad278", "#ff8c40"  # of the one class that is told from the background
POINT_COLOUR = "#ffd23f"  # of the frame round a point
Masks = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    of: Measured
    cases: tuple[int, ...]


class Contours(QObject):
    """Reads masks of cases on a thread, and keeps the last ones; boxes are there already. Only of a segmentation and of
    a detection there are any.

    What is true is drawn solid, what was found is dotted; boxes with a probability of at least SURE.
    """

    came = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.measured: Measured | None = None
        self.fits: tuple[FittedSize, ...] = ()  # what brought images to the grid of the masks
        self.truth_shown = self.found_shown = True
        self._kept: OrderedDict[int, Masks | None] = OrderedDict()
        self.reader = Beside(_read, self)
        self.reader.came.connect(self._on_read)

    def show(self, measured: Measured | None, fits: tuple[FittedSize, ...]) -> None:
        """Another evaluation, and what brought its images to the grid of the masks."""
        drawn = measured is not None and measured.record.task in ("segmentation", "detection")
        self.measured, self.fits = measured if drawn else None, fits
        self._kept.clear()

    def want(self, cases: Sequence[int]) -> None:
        """The masks of these cases are needed now."""
        measured = self.measured
        if measured is None or measured.cases.boxes:
            return
        missing = tuple(case for case in cases if case not in self._kept)[:_KEPT]
        if missing:
            self.reader.ask(_Asked(measured, missing))

    def of(
        self, case: int, size: tuple[int, int], at: int = 0, slices: int = 1, before: Sequence[FittedSize] = ()
    ) -> list[Outline]:
        """The outlines in a picture of `size` rows and columns, the slice `at` of so many; [] while not there.

        `before`: what the image of this case went through before all that they all go through.
        """
        measured = self.measured
        if measured is not None and measured.cases.boxes:
            return self._boxes(measured.cases, case)
        masks = self._kept.get(case)
        if masks is None:
            return []
        only = measured is not None and len(measured.record.classes) <= 2
        shown = ((masks[0], False, self.truth_shown), (masks[1], True, self.found_shown))
        fits = (*before, *self.fits)
        box = grid_box(fits, size, slices)
        drawn = [(slice_at(fits, size, mask, at, slices), found) for mask, found, wanted in shown if wanted]
        return [
            replace(contour, colour=FOUND_COLOUR if found else TRUE_COLOUR) if only else contour
            for mask, found in drawn if mask is not None
            for contour in _outlines(mask, box, found)
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

    def _on_read(self, asked: _Asked, found: dict[int, Masks | None]) -> None:
        if asked.of is not self.measured:
            return
        self._kept.update(found)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        for case in found:
            self.came.emit(case)


def box_outline(edges_: NDArray[Any], kind: int, found: bool) -> Outline:
    """A box of left, top, right and bottom in the colour of its class."""
    left, top, right, bottom = (float(edge) for edge in edges_)
    corners = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    lines = tuple(QLineF(*one, *other) for one, other in pairwise(corners))
    return Outline(MASK_COLORS[kind % len(MASK_COLORS)], lines, found)


def _outlines(mask: NDArray[Any], box: QRectF, found: bool) -> list[Outline]:
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


def _read(asked: _Asked) -> dict[int, Masks | None]:
    """On a thread of its own; None where there are no masks of a case."""
    found: dict[int, Masks | None] = {}
    for case in asked.cases:
        try:
            found[case] = load_masks(*asked.of.masks_of(case), str(asked.of.cases.case[case]))
        except RunError:
            found[case] = None
    return found
