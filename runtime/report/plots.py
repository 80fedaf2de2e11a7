"""Curves and scatter plots of the report: axes with round numbers, lines that can be told apart in black and white."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from runtime.report.svg import Point, Svg, shortened

COLORS = ("#2f6fdb", "#c9661b", "#2e8b57", "#a8336b", "#7449b8", "#1f7f86", "#8a7a12", "#b93a36")
_DASHES = ("", "6 3", "2 2", "8 3 2 3")
_WIDTH, _HEIGHT = 340.0, 250.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 12.0, 26.0, 40.0
_ROW = 15.0
_TICKS = 5
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Line:
    """A named row of points; `dots` draws them without a line between."""

    name: str
    points: Sequence[Point]
    dots: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis counts. Without ends it goes from the smallest to the greatest value, at round numbers."""

    label: str
    ends: tuple[float, float] | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    start: float
    length: float

    def at(self, value: float) -> float:
        """Where a value lies, in pixels."""
        return self.start + (value - self.low) / (self.high - self.low) * self.length


def plot(title: str, x: Axis, y: Axis, lines: Sequence[Line], diagonal: bool = False) -> Markup:
    """The picture of some lines; `diagonal` draws what chance, or a perfect answer, would give."""
    legend = len(lines) > 1
    svg = Svg(_WIDTH, _HEIGHT + _ROW * len(lines) * legend, title)
    across, down = _scales(x, y, lines)
    svg.text((_WIDTH / 2, 15), title, "figure-title", "middle")
    _axes(svg, x, y, across, down)
    if diagonal:
        ends = (max(across.low, down.low), min(across.high, down.high))
        svg.path([(across.at(end), down.at(end)) for end in ends], "chance")
    for place, line in enumerate(lines):
        color, dashes = COLORS[place % len(COLORS)], _DASHES[place % len(_DASHES)]
        points = [(across.at(a), down.at(b)) for a, b in line.points if math.isfinite(a) and math.isfinite(b)]
        if not line.dots:
            svg.path(points, "curve", color, dashes)
        for point in points if line.dots or len(points) < 2 else ():
            svg.dot(point, 2.2, color)
        if legend:
            row = _HEIGHT + _ROW * place
            svg.path([(_LEFT, row - 4), (_LEFT + 26, row - 4)], "curve", color, dashes)
            svg.text((_LEFT + 32, row), shortened(line.name, _LONGEST), "small")
    return svg.markup()


def ticks(low: float, high: float, whole: bool = False) -> list[float]:
    """Round numbers from `low` or a little below to `high` or a little above, some five of them."""
    step = _round_step((high - low) / _TICKS)
    step = max(1.0, step) if whole else step
    first = math.floor(low / step + 1e-9)
    count = math.ceil(high / step - 1e-9) - first
    return [(first + place) * step for place in range(count + 1)]


def _scales(x: Axis, y: Axis, lines: Sequence[Line]) -> tuple[_Scale, _Scale]:
    across = _ends(x, [a for line in lines for a, _ in line.points])
    down = _ends(y, [b for line in lines for _, b in line.points])
    width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    return _Scale(*across, _LEFT, width), _Scale(*down, _TOP + height, -height)


def _ends(axis: Axis, values: Sequence[float]) -> tuple[float, float]:
    if axis.ends is not None:
        return axis.ends
    known = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(known), max(known)
    if low == high:
        low, high = low - 0.5, high + 0.5
    if axis.whole:
        return low, high
    marks = ticks(low, high)
    return marks[0], marks[-1]


def _axes(svg: Svg, x: Axis, y: Axis, across: _Scale, down: _Scale) -> None:
    for value in ticks(across.low, across.high, x.whole):
        if across.low - 1e-9 <= value <= across.high + 1e-9:
            place = across.at(value)
            svg.line((place, down.start), (place, down.start + 4), "axis")
            svg.text((place, down.start + 16), f"{value:g}", "small", "middle")
    for value in ticks(down.low, down.high, y.whole):
        if down.low - 1e-9 <= value <= down.high + 1e-9:
            place = down.at(value)
            svg.line((across.start, place), (across.start + across.length, place), "grid")
            svg.text((across.start - 6, place + 4), f"{value:g}", "small", "end")
    svg.path([(across.start, _TOP), (across.start, down.start), (_WIDTH - _RIGHT, down.start)], "axis")
    svg.text((across.start + across.length / 2, down.start + 32), x.label, "small", "middle")
    svg.text((13, _TOP + abs(down.length) / 2), y.label, "small", "middle", turned=True)


def _round_step(rough: float) -> float:
    size = 10.0 ** math.floor(math.log10(rough))
    return next((factor * size for factor in (1.0, 2.0, 5.0) if factor * size >= rough - 1e-12), 10 * size)
