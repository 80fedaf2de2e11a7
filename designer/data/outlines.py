"""Outlines of what is drawn in masks, along the sides of pixels, and how they are laid over a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

_SHADE = QColor(0, 0, 0, 200)
_DASH = 2.5  # screen pixels of a dash and of the gap after it, as long as a side of few pixels


@dataclass(frozen=True, slots=True)
class Outline:
    """One class outlined, in pixels of the picture."""

    colour: str
    lines: tuple[QLineF, ...]
    dotted: bool = False


def edges(inside: NDArray[Any]) -> list[QLineF]:
    """The sides of the pixels between inside and outside, as long as a pixel; `inside` is (rows, columns)."""
    padded = np.pad(inside, 1)
    rows, columns = np.nonzero(padded[1:, 1:-1] != padded[:-1, 1:-1])
    lines = [QLineF(x, y, x + 1, y) for y, x in zip(rows.tolist(), columns.tolist(), strict=True)]
    rows, columns = np.nonzero(padded[1:-1, 1:] != padded[1:-1, :-1])
    return lines + [QLineF(x, y, x, y + 1) for y, x in zip(rows.tolist(), columns.tolist(), strict=True)]


def paint_outlines(painter: QPainter, outlines: Sequence[Outline], box: QRectF, size: tuple[int, int]) -> None:
    """Draw outlines where a picture of `size` rows and columns lies; each on a dark edge, seen on every ground."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(box)
    painter.translate(box.topLeft())
    painter.scale(box.width() / size[1], box.height() / size[0])
    for shade, width in ((True, 3.5), (False, 1.6)):
        for outline in outlines:
            pen = QPen(_SHADE if shade else QColor(outline.colour), width)
            pen.setCosmetic(True)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap if outline.dotted else Qt.PenCapStyle.RoundCap)
            if outline.dotted:
                pen.setDashPattern([_DASH / width, _DASH / width])  # told in widths: colour and edge lie together
            painter.setPen(pen)
            painter.drawLines(list(outline.lines))
    painter.restore()
