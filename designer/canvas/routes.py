"""The way of a wire: straight down where it can, along the side where bars stand between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainterPath

Boxes = Callable[[QRectF], list[QRectF]]
"""The bars that touch a rectangle."""

_SAMPLES = 16
_SAMPLE = 20.0  # pixels down between two places that are looked at on a long way: no bar is missed
_BEND = 24.0
_CLEAR = 20.0
_FAN = 0.05
_DROPS = (48.0, 32.0, 10.0)
_FARTHEST_FAN = 96.0
_UNDER = 6.0  # how far below its bar a stepped wire turns aside: the middle of the room between two rows
_ROUND = 5.0
_HALF_BESIDE = 64.0  # so far must a bar stand out beside another for a wire to step down past it


@dataclass(frozen=True, slots=True)
class Ends:
    """Where a wire begins and ends, and the bars it hangs on."""

    start: QPointF
    end: QPointF
    source: QRectF
    target: QRectF
    to_target: bool  # carries what a prediction is compared with: runs on the left
    enters_aside: bool  # may end at the side of the bar: the bar has no other input to be mistaken for


def route(ends: Ends, boxes: Boxes) -> QPainterPath:
    """The path of the wire in scene pixels."""
    if ends.to_target and (ends.start.x() <= ends.source.left() or not _is_free(ends, boxes)):
        return _on_the_left(ends, boxes)
    if ends.end.y() >= ends.start.y() and _is_free(ends, boxes):
        return direct(ends.start, ends.end)
    return _stepped(ends, boxes) or _on_the_right(ends, boxes)


def direct(start: QPointF, end: QPointF) -> QPainterPath:
    """One curve that leaves and arrives vertically."""
    path = QPainterPath(start)
    bend = max(abs(end.y() - start.y()) / 2, 4.0)
    path.cubicTo(QPointF(start.x(), start.y() + bend), QPointF(end.x(), end.y() - bend), end)
    return path


def chords(path: QPainterPath) -> tuple[QLineF, ...]:
    """The way as straight lines, a line for each of its curves: for far away, where nobody sees the difference."""
    points: list[QPointF] = []
    place = 0
    while place < path.elementCount():
        element = path.elementAt(place)
        curved = element.type is QPainterPath.ElementType.CurveToElement
        end = path.elementAt(place + 2) if curved else element
        points.append(QPointF(end.x, end.y))
        place += 3 if curved else 1
    return tuple(QLineF(start, end) for start, end in pairwise(points))


def _is_free(ends: Ends, boxes: Boxes) -> bool:
    """Whether no bar stands on the direct way; only where that runs is asked, not all that lies beside it."""
    if abs(ends.start.x() - ends.end.x()) < 1.0:
        around = QRectF(ends.start, ends.end).normalized().adjusted(-1, -1, 1, 1)
        return all(box in (ends.source, ends.target) for box in boxes(around))
    points = _on_curve(ends.start, ends.end)
    asked = (box for point in points for box in boxes(QRectF(point.x() - 0.5, point.y() - 0.5, 1.0, 1.0)))
    return all(box in (ends.source, ends.target) for box in asked)


def _on_curve(start: QPointF, end: QPointF) -> Iterator[QPointF]:
    """Places along the direct way, about as close as bars are high."""
    bend = max(abs(end.y() - start.y()) / 2, 4.0)
    steps = max(_SAMPLES, int((end.y() - start.y()) / _SAMPLE))
    for step in range(1, steps):
        part = step / steps
        x = start.x() + (end.x() - start.x()) * part * part * (3 - 2 * part)
        rest = 1 - part
        first, last = start.y() + bend, end.y() - bend
        y = rest**3 * start.y() + 3 * rest * rest * part * first + 3 * rest * part * part * last + part**3 * end.y()
        yield QPointF(x, y)


def _on_the_left(ends: Ends, boxes: Boxes) -> QPainterPath:
    beside = ends.start.x() <= ends.source.left()
    start = QPointF(ends.source.left(), ends.start.y() if beside else ends.source.center().y())
    low = ends.end.y() - _drop(ends, boxes)
    lane = _lane(ends.source.left() - 2 * _CLEAR, start.y() + _BEND, low, boxes, -1)
    path = QPainterPath(start)
    if low < start.y() + _BEND:
        path.cubicTo(QPointF(lane, start.y()), QPointF(ends.end.x(), low - _BEND / 2), ends.end)
        return path
    path.cubicTo(QPointF(start.x() - _BEND, start.y()), QPointF(lane, start.y()), QPointF(lane, start.y() + _BEND))
    path.lineTo(lane, low)
    half = (ends.end.y() - low) / 2
    path.cubicTo(QPointF(lane, low + half * 1.5), QPointF(ends.end.x(), low + half * 0.5), ends.end)
    return path


def _drop(ends: Ends, boxes: Boxes) -> float:
    """How far above the port the wire leaves its lane: as far as there is room below the bars above."""
    across = sorted((ends.source.left() - 2 * _CLEAR, ends.end.x()))
    for drop in _DROPS:
        area = QRectF(across[0], ends.end.y() - drop, across[1] - across[0], drop - 4)
        if not boxes(area):
            return drop
    return _DROPS[-1]


def _stepped(ends: Ends, boxes: Boxes) -> QPainterPath | None:
    """Down, sideways below the source, down between the columns, sideways above the target; None where bars stand."""
    under, above = ends.start.y() + _UNDER, ends.end.y() - _UNDER
    if above < under + 2 * _ROUND:
        return None
    for lane in _lanes_between(ends):
        corners = ((ends.start.x(), under), (lane, under), (lane, above), (ends.end.x(), above))
        turns = [QPointF(x, y) for x, y in corners]
        if not any(boxes(_strip(a, b)) for a, b in pairwise(turns)):
            return _rounded([ends.start, *turns, ends.end])
    return None


def _lanes_between(ends: Ends) -> tuple[float, ...]:
    """Where a stepped wire may go down: between the bars where they stand side by side, else just past the source."""
    shift = ends.target.center().x() - ends.source.center().x()
    side = 1 if shift > 0 else -1
    near, far = (
        (ends.source.right(), ends.target.left()) if shift > 0 else (ends.source.left(), ends.target.right())
    )  # fmt: skip
    gap = (far - near) * side
    if gap >= 0:
        aside = min(_CLEAR, gap / 2) * side
        return near + aside, far - aside
    return (near + _CLEAR * side,) if abs(shift) >= _HALF_BESIDE else ()


def _strip(start: QPointF, end: QPointF) -> QRectF:
    return QRectF(start, end).normalized().adjusted(-2, -2, 2, 2)


def _rounded(points: list[QPointF]) -> QPainterPath:
    """A path along these points with its corners cut round."""
    path = QPainterPath(points[0])
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        path.lineTo(_towards(corner, before))
        path.quadTo(corner, _towards(corner, after))
    path.lineTo(points[-1])
    return path


def _towards(corner: QPointF, other: QPointF) -> QPointF:
    line = QLineF(corner, other)
    line.setLength(min(_ROUND, line.length() / 2))
    return line.p2()


def _on_the_right(ends: Ends, boxes: Boxes) -> QPainterPath:
    start = QPointF(ends.source.right(), ends.source.center().y())
    aside = QPointF(ends.target.right(), ends.target.center().y())
    end = aside if ends.enters_aside else ends.end
    sign = 1.0 if end.y() >= start.y() else -1.0
    span = abs(end.y() - start.y())
    bend = min(_BEND, span / 2)
    first = max(ends.source.right(), ends.target.right()) + _CLEAR + min(span * _FAN, _FARTHEST_FAN)
    lane = _lane(first, min(start.y(), end.y()), max(start.y(), end.y()), boxes, 1)
    path = QPainterPath(start)
    turned = QPointF(lane, start.y() + sign * bend)
    path.cubicTo(QPointF(lane - 4, start.y()), QPointF(lane, start.y() + sign * bend / 4), turned)
    if ends.enters_aside:
        path.lineTo(lane, end.y() - sign * bend)
        path.cubicTo(QPointF(lane, end.y() - sign * bend / 4), QPointF(lane - 4, end.y()), end)
    else:
        path.lineTo(lane, end.y() - 1.5 * _BEND)
        path.cubicTo(QPointF(lane, end.y() - _BEND / 2), QPointF(end.x(), end.y() - _BEND), end)
    return path


def _lane(first: float, top: float, bottom: float, boxes: Boxes, side: int) -> float:
    """The nearest vertical line at or beyond `first` that no bar crosses."""
    lane = first
    for _ in range(_SAMPLES):
        crossed = boxes(QRectF(lane - 4, top, 8, max(bottom - top, 1.0)))
        if not crossed:
            return lane
        edges = [box.right() if side > 0 else box.left() for box in crossed]
        lane = (max(edges) if side > 0 else min(edges)) + side * _CLEAR
    return lane
