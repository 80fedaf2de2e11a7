"""How a bar is drawn: tile, name, key settings, output shape, badge, ports."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen

from designer.canvas.measures import HEIGHT, WIDTH
from designer.canvas.ports import RADIUS, Spot
from designer.theme import CATEGORY_COLORS, Theme, category_color, font, metrics
from nodes.spec import Category, Kind

TILE = 26.0
BAR = QRectF(0, 0, WIDTH, HEIGHT)
_ROUND = 5.0
_SPACE = 8.0
_LEFT = TILE + _SPACE
_BADGE = 15.0


def _shape_of(bar: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(bar, _ROUND, _ROUND)
    return path


def _left_end_of(shape: QPainterPath) -> QPainterPath:
    end = QPainterPath()
    end.addRect(QRectF(0, 0, TILE, HEIGHT))
    return shape.intersected(end)


_SHAPE = _shape_of(BAR)
_TILE = _left_end_of(_SHAPE)


def kind_color(kind: Kind, theme: Theme) -> QColor:
    """The colour of a wire or port of this kind."""
    match kind:
        case Kind.TARGET:
            return QColor(CATEGORY_COLORS[Category.SOURCE])
        case Kind.LOSS:
            return QColor(CATEGORY_COLORS[Category.LOSS])
        case _:
            return QColor(theme.wire)


def paint_body(painter: QPainter, theme: Theme, category: Category | None) -> None:
    """The bar and its tile."""
    painter.fillPath(_SHAPE, QColor(theme.field))
    painter.fillPath(_TILE, QColor(category_color(category)))
    painter.setFont(_letter_font(font().family()))
    painter.setPen(QColor("#ffffff"))
    painter.drawText(QRectF(0, 0, TILE, HEIGHT), Qt.AlignmentFlag.AlignCenter, category.letter if category else "?")
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.drawPath(_SHAPE)


def paint_stack(painter: QPainter, theme: Theme) -> None:
    """Two bars behind this one: it stands for several that follow each other."""
    painter.setBrush(QColor(theme.field))
    painter.setPen(QPen(QColor(theme.muted), 1))
    for step in (6.0, 3.0):
        painter.drawRoundedRect(BAR.translated(step, step), _ROUND, _ROUND)


def paint_shared(painter: QPainter, theme: Theme) -> None:
    """Two links of a chain at the corner of the tile: the weights are shared with other uses."""
    box = QRectF(TILE - 11, HEIGHT - 8, 6, 6)
    painter.setBrush(QColor(theme.field))
    painter.setPen(QPen(QColor(theme.text), 1.2))
    for step in (0.0, 4.0):
        painter.drawEllipse(box.translated(step, 0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(box)


def paint_frozen(painter: QPainter, theme: Theme) -> None:
    """A snowflake at the corner of the tile: training leaves the node as it is."""
    middle = QPointF(TILE - 3, HEIGHT - 6)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.field))
    painter.drawEllipse(middle, 6.5, 6.5)
    painter.setPen(QPen(QColor(theme.text), 1.2))
    for arm in range(3):
        to = QPointF(4.5 * math.cos(math.pi * (arm / 3 + 0.5)), 4.5 * math.sin(math.pi * (arm / 3 + 0.5)))
        painter.drawLine(middle - to, middle + to)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_ring(painter: QPainter, theme: Theme, *, dashed: bool = False) -> None:
    """The outline of a selected or focused bar."""
    pen = QPen(QColor(theme.accent), 2)
    if dashed:
        pen.setStyle(Qt.PenStyle.DashLine)
        pen.setWidthF(1.5)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(BAR.adjusted(-3, -3, 3, 3), _ROUND + 3, _ROUND + 3)


def paint_texts(painter: QPainter, theme: Theme, name: str, summary: str, shape: str, *, badge: bool) -> None:
    """Name left and bold, key settings beside it, output shape at the right end; what does not fit is elided."""
    right = WIDTH - _SPACE - (_BADGE + 4 if badge else 0)
    fitted = _fitted(font().family(), name, summary, shape, right)
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.setFont(font(small=True))
    painter.setPen(QColor(theme.muted))
    if fitted.shape:
        painter.drawText(_line(_LEFT, right), Qt.AlignmentFlag.AlignRight | middle, fitted.shape)
    if fitted.summary:
        painter.drawText(_line(fitted.summary_x, right), Qt.AlignmentFlag.AlignLeft | middle, fitted.summary)
    painter.setFont(font(bold=True))
    painter.setPen(QColor(theme.text))
    painter.drawText(_line(_LEFT, right), Qt.AlignmentFlag.AlignLeft | middle, fitted.name)


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The three texts of a bar as far as there is room."""

    name: str
    summary: str
    summary_x: float
    shape: str


@lru_cache(maxsize=8)
def _letter_font(_family: str) -> QFont:
    letter = QFont(font(bold=True))
    letter.setPixelSize(12)
    return letter


@lru_cache(maxsize=4096)
def _fitted(_family: str, name: str, summary: str, shape: str, right: float) -> _Fitted:
    small, bold, elide = metrics(small=True), metrics(bold=True), Qt.TextElideMode.ElideRight
    shape = small.elidedText(shape, elide, (right - _LEFT) / 2)
    if shape:
        right -= small.horizontalAdvance(shape) + _SPACE
    name = bold.elidedText(name, elide, right - _LEFT)
    left = _LEFT + bold.horizontalAdvance(name) + _SPACE
    room = right - left
    return _Fitted(name, small.elidedText(summary, elide, room) if room > 20 else "", left, shape)


def paint_badge(painter: QPainter, theme: Theme, *, error: bool) -> None:
    """An exclamation mark at the right end: red for an error, amber for a warning."""
    box = QRectF(WIDTH - _SPACE - _BADGE + 2, (HEIGHT - _BADGE) / 2, _BADGE, _BADGE)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.error if error else theme.warning))
    if error:
        painter.drawEllipse(box)
    else:
        painter.drawPolygon([QPointF(box.center().x(), box.top()), box.bottomRight(), box.bottomLeft()])
        box.translate(0, 1.5)
    painter.setFont(font(small=True, bold=True))
    painter.setPen(QColor("#ffffff"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "!")


def paint_port(painter: QPainter, theme: Theme, spot: Spot, fits: bool | None) -> None:
    """A port; while a wire is drawn those that fit are bigger and carry their letter, the others fade."""
    painter.setOpacity(0.25 if fits is False else 1.0)
    painter.setPen(QPen(QColor(theme.canvas), 1.5))
    painter.setBrush(QColor(theme.accent) if fits else kind_color(spot.port.kind, theme))
    radius = RADIUS * (2.0 if fits else 1.0)
    painter.drawPath(spot.form(radius))
    if fits:
        painter.setFont(font(small=True, bold=True))
        painter.setPen(QColor(theme.on_accent))
        box = QRectF(spot.x - radius, spot.y - radius, 2 * radius, 2 * radius)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, spot.port.kind.letter)
    painter.setOpacity(1.0)


def _line(left: float, right: float) -> QRectF:
    return QRectF(left, 0, max(right - left, 0.0), HEIGHT)
