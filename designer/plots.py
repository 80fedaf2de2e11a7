"""What all plots look like: ground, grid and axes in the colours of the program's appearance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtGui import QColor, QPen

from designer.theme import Theme, font

_NAMED = (1, 2, 5, 10)


class Decades(pg.AxisItem):  # type: ignore[misc]
    """An axis whose logarithmic scale names 1, 2 and 5 of each power of ten: more would overlap."""

    def logTickStrings(self, values: Sequence[float], scale: float, spacing: float | None) -> list[str]:
        """The words at the ticks, whose values are logarithms."""
        told = super().logTickStrings(values, scale, spacing)
        named = [text if round(10 ** (value % 1)) in _NAMED else "" for text, value in zip(told, values, strict=True)]
        return named if sum(map(bool, named)) > 1 else told


def dress_plot(plot: Any, left: int = 56) -> Theme:
    """Dress a pyqtgraph plot, `left` pixels wide at its left axis; gives the appearance for what else it draws."""
    theme = Theme.current()
    plot.setBackground(theme.canvas)
    plot.showGrid(x=True, y=True, alpha=0.12)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(QPen(QColor(theme.border)))
        axis.setTextPen(QColor(theme.muted))
        axis.setStyle(tickFont=font(small=True))
    plot.getAxis("left").setWidth(left)
    return theme
