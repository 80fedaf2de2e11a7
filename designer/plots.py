"""What all plots look like: ground, grid and axes in the colours of the program's appearance."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QColor, QPen

from designer.theme import Theme, font


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
