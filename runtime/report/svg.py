"""The few shapes that figures of the report are made of, as SVG text in which every word is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from markupsafe import Markup, escape

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


class Svg:
    """Collects shapes; lengths are in pixels, y grows downwards. `title` says to a screen reader what is shown."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self._size = (width, height)
        self._title = title
        self._parts: list[str] = []

    def line(self, start: Point, end: Point, look: str) -> None:
        """A straight line; `look` is a class of the style sheet."""
        ends = f'x1="{_n(start[0])}" y1="{_n(start[1])}" x2="{_n(end[0])}" y2="{_n(end[1])}"'
        self._parts.append(f'<line {ends} class="{escape(look)}"/>')

    def path(self, points: Sequence[Point], look: str, color: str = "", dashes: str = "") -> None:
        """Straight lines from point to point."""
        way = " ".join(f"{'L' if place else 'M'}{_n(x)} {_n(y)}" for place, (x, y) in enumerate(points))
        self._parts.append(f'<path d="{way}" class="{escape(look)}"{_stroke(color, dashes)}/>')

    def curve(self, start: Point, end: Point, look: str) -> None:
        """A line that leaves downwards and arrives from above."""
        bend = max(12.0, abs(end[1] - start[1]) / 2)
        way = (
            f"M{_n(start[0])} {_n(start[1])} C{_n(start[0])} {_n(start[1] + bend)} {_n(end[0])} {_n(end[1] - bend)} "
            f"{_n(end[0])} {_n(end[1])}"
        )
        self._parts.append(f'<path d="{way}" class="{escape(look)}"/>')

    def box(self, corner: Point, size: Point, look: str, color: str = "") -> None:
        """A rectangle with its upper left corner."""
        fill = f' style="fill:{escape(color)}"' if color else ""
        self._parts.append(
            f'<rect x="{_n(corner[0])}" y="{_n(corner[1])}" width="{_n(size[0])}" height="{_n(size[1])}" rx="3" '
            f'class="{escape(look)}"{fill}/>'
        )

    def dot(self, place: Point, radius: float, color: str = "") -> None:
        """A filled circle."""
        fill = f' style="fill:{escape(color)}"' if color else ""
        self._parts.append(f'<circle cx="{_n(place[0])}" cy="{_n(place[1])}" r="{_n(radius)}" class="dot"{fill}/>')

    def text(
        self,
        place: Point,
        words: str,
        look: str = "",
        anchor: Anchor = "start",
        turned: bool = False,
        faint: str = "",
    ) -> None:
        """A line of text, with faint words after it; turned, it reads upwards."""
        turn = f' transform="rotate(-90 {_n(place[0])} {_n(place[1])})"' if turned else ""
        after = f'<tspan class="faint" dx="8">{escape(faint)}</tspan>' if faint else ""
        self._parts.append(
            f'<text x="{_n(place[0])}" y="{_n(place[1])}" text-anchor="{anchor}" class="{escape(look)}"{turn}>'
            f"{escape(words)}{after}</text>"
        )

    def markup(self) -> Markup:
        """The picture, to be put into the page as it is."""
        width, height = map(_n, self._size)
        head = f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
        return Markup(f"{head}<title>{escape(self._title)}</title>{''.join(self._parts)}</svg>")


def shortened(words: str, signs: int) -> str:
    """The words, cut so that they fit a box of so many signs."""
    return words if len(words) <= signs else f"{words[: max(1, signs - 1)]}…"


def _stroke(color: str, dashes: str) -> str:
    look = [f"stroke:{color}"] * bool(color) + [f"stroke-dasharray:{dashes}"] * bool(dashes)
    return f' style="{escape(";".join(look))}"' if look else ""


def _n(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
