"""The sizes of the drawing, in scene pixels."""

from __future__ import annotations

from runtime.framed import BAR

WIDTH, HEIGHT = BAR
STEP = 40.0
"""From the top of one bar to the top of the next below it."""
GRID = 8.0
COLUMN = WIDTH + 32.0
"""From the left edge of one bar to that of its neighbour in the same row."""
NEAREST = 4.0
FARTHEST = 0.1
DETAIL = 0.4
"""Below this scale bars are drawn without text."""


def snapped(x: float, y: float) -> tuple[float, float]:
    """The nearest point of the grid."""
    return round(x / GRID) * GRID, round(y / GRID) * GRID
