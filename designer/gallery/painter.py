"""Paints the small picture of a drawing: bars in the colours of their categories, wires, skips at the side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from designer.canvas.node_paint import kind_color
from designer.gallery.sketch import BAR_HEIGHT, BAR_WIDTH, Bar, Line, Sketch
from designer.theme import Theme, category_color
from nodes.spec import Kind

_LANE = 3.5
_GUTTER = 12.0  # between two pieces; wires that lead from one to the next run there
_MARGIN = 8.0
_WIDEST = 64.0
_TALLEST = 11.0
_MOST_LANES = 6


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where the pieces stand, and how many pixels a bar and a row have."""

    sx: float
    sy: float
    corners: tuple[QPointF, ...]
    top: float
    bottom: float

    def box(self, bar: Bar) -> QRectF:
        corner = self.corners[bar.piece]
        tall = max(BAR_HEIGHT * self.sy, 1.0)
        return QRectF(corner.x() + bar.x * self.sx, corner.y() + bar.y * self.sy, BAR_WIDTH * self.sx, tall)


def paint_sketch(painter: QPainter, area: QRectF, sketch: Sketch, theme: Theme) -> None:
    """Paint the whole drawing into an area, as large as it fits."""
    if not sketch.bars:
        return
    plan = _plan(sketch, area.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for line in sketch.lines:
        painter.setPen(_pen(line.kind, theme, plan.sy))
        painter.drawPath(_path(line, plan))
    painter.setPen(Qt.PenStyle.NoPen)
    radius = min(2.0, plan.sy / 4)
    for bar in sketch.bars:
        painter.setBrush(QColor(category_color(bar.category)))
        painter.drawRoundedRect(plan.box(bar), radius, radius)


def _lanes(count: int) -> float:
    return min(count, _MOST_LANES) * _LANE


def _plan(sketch: Sketch, area: QRectF) -> _Plan:
    pieces = sketch.pieces
    fixed = sum(_lanes(piece.left) + _lanes(piece.right) for piece in pieces) + _GUTTER * (len(pieces) - 1)
    sx = max(4.0, min(_WIDEST, (area.width() - fixed) / sum(piece.width for piece in pieces)))
    sy = min(_TALLEST, area.height() / max(piece.height for piece in pieces))
    wide = fixed + sx * sum(piece.width for piece in pieces)
    tall = sy * max(piece.height for piece in pieces)
    x, top = area.center().x() - wide / 2, area.center().y() - tall / 2
    corners = []
    for piece in pieces:
        x += _lanes(piece.left)
        corners.append(QPointF(x, top))
        x += piece.width * sx + _lanes(piece.right) + _GUTTER
    return _Plan(sx, sy, tuple(corners), top, top + tall)


def _pen(kind: Kind, theme: Theme, sy: float) -> QPen:
    pen = QPen(kind_color(kind, theme), 1.2 if sy > 4 else 0.8)
    if kind is Kind.TARGET:
        pen.setDashPattern([3, 2])
    return pen


def _path(line: Line, plan: _Plan) -> QPainterPath:
    source, target = plan.box(line.source), plan.box(line.target)
    match line.way:
        case "straight":
            return _straight(source, target)
        case "over":
            return _over(source, target, plan)
        case _:
            return _aside(line, source, target, plan)


def _straight(source: QRectF, target: QRectF) -> QPainterPath:
    start, end = QPointF(source.center().x(), source.bottom()), QPointF(target.center().x(), target.top())
    path = QPainterPath(start)
    bend = (end.y() - start.y()) / 2
    path.cubicTo(start + QPointF(0, bend), end - QPointF(0, bend), end)
    return path


def _aside(line: Line, source: QRectF, target: QRectF, plan: _Plan) -> QPainterPath:
    """Out at the side, along the lane, and back: into the side of the bar, or from above if that stands further out."""
    out = 1.0 if line.way == "right" else -1.0
    lane = min(line.lane, _MOST_LANES - 1) + 0.8
    x = plan.corners[line.source.piece].x() + line.beside * plan.sx + out * lane * _LANE
    begins = source.right() if out > 0 else source.left()
    points = [QPointF(begins, source.center().y()), QPointF(x, source.center().y())]
    edge = target.right() if out > 0 else target.left()
    if (x - edge) * out > 0:
        points += [QPointF(x, target.center().y()), QPointF(edge, target.center().y())]
    else:
        above = target.top() - plan.sy * (1 - BAR_HEIGHT) / 2
        points += [QPointF(x, above), QPointF(target.center().x(), above), QPointF(target.center().x(), target.top())]
    return _rounded(points)


def _over(source: QRectF, target: QRectF, plan: _Plan) -> QPainterPath:
    """To another piece: down below the piece, up in the gutter before the other, and into its bar from above."""
    gutter = plan.corners[0].x() if target.left() < source.left() else target.left() - _GUTTER / 2
    below, above = plan.bottom + _MARGIN / 2, plan.top - _MARGIN / 2
    middle = source.center().x()
    aim = target.center().x()
    points = [QPointF(middle, source.bottom()), QPointF(middle, below), QPointF(gutter, below)]
    return _rounded([*points, QPointF(gutter, above), QPointF(aim, above), QPointF(aim, target.top())])


def _rounded(points: Sequence[QPointF], radius: float = 2.0) -> QPainterPath:
    path = QPainterPath(points[0])
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        path.lineTo(_towards(corner, before, radius))
        path.quadTo(corner, _towards(corner, after, radius))
    path.lineTo(points[-1])
    return path


def _towards(start: QPointF, end: QPointF, far: float) -> QPointF:
    way = end - start
    length = abs(way.x()) + abs(way.y())
    return start + way * (min(far, length / 2) / length) if length > 0 else start
