"""Paints a slice of a head, as simple as a pictogram: what pictures of ideas show where a network is given an image."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

_FINE = 28
_COARSE = 12
_BLACK = 16
_LESION = (0.64, 0.36, 0.09)  # x, y and radius in parts of the side


def paint_scan(painter: QPainter, area: QRectF, look: str, marked: QColor) -> None:
    """Paint it as “head”, with a “lesion”, with an “other” contrast, with “noise”, “coarse”, or the “mask” alone."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(area, QColor(_BLACK, _BLACK, _BLACK))
    painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
    if look == "mask":
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _ellipse(painter, area, *_LESION[:2], _LESION[2] * 1.3, _LESION[2] * 1.3, marked)
    elif look in ("noise", "coarse"):
        _cells(painter, area, _COARSE if look == "coarse" else _FINE, look == "noise")
    else:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _head(painter, area, look)
    painter.restore()


def _head(painter: QPainter, area: QRectF, look: str) -> None:
    skull, brain, water = (200, 96, 40) if look != "other" else (120, 150, 235)
    for x, y, wide, high, grey in (
        (0.5, 0.5, 0.40, 0.46, skull),
        (0.5, 0.5, 0.36, 0.42, 24),
        (0.5, 0.5, 0.34, 0.40, brain),
        (0.44, 0.47, 0.045, 0.13, water),
        (0.56, 0.47, 0.045, 0.13, water),
    ):
        _ellipse(painter, area, x, y, wide, high, QColor(grey, grey, grey))
    if look == "lesion":
        _ellipse(painter, area, *_LESION[:2], _LESION[2], _LESION[2], QColor(235, 235, 235))


def _ellipse(painter: QPainter, area: QRectF, x: float, y: float, wide: float, high: float, color: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    middle = area.topLeft() + QPointF(x * area.width(), y * area.height())
    painter.drawEllipse(middle, wide * area.width(), high * area.height())


def _cells(painter: QPainter, area: QRectF, count: int, noisy: bool) -> None:
    """The head in large pixels, or in small ones with noise that is the same at each painting."""
    width, height = area.width() / count, area.height() / count
    for row in range(count):
        for column in range(count):
            grey = _grey((column + 0.5) / count, (row + 0.5) / count)
            if noisy:
                grey += 110 * (math.sin(12.9898 * column + 78.233 * row) * 43758.5453 % 1 - 0.5)
            level = max(0, min(255, round(grey)))
            cell = QRectF(area.x() + column * width, area.y() + row * height, width + 0.3, height + 0.3)
            painter.fillRect(cell, QColor(level, level, level))


def _grey(x: float, y: float) -> float:
    def within(middle: float, wide: float, high: float, at: float = 0.5) -> bool:
        return ((x - middle) / wide) ** 2 + ((y - at) / high) ** 2 < 1

    if within(0.44, 0.05, 0.14, 0.47) or within(0.56, 0.05, 0.14, 0.47):
        return 40
    if within(0.5, 0.34, 0.40):
        return 96
    if within(0.5, 0.41, 0.47):
        return 180
    return _BLACK
