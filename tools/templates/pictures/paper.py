"""The paper that pictures of ideas are drawn on: marks of runtime.idea, and what many pictures have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2

from runtime.idea import Mark, written

_LEAST = 9.0
Draw = Callable[["Paper"], None]


@dataclass(frozen=True, slots=True)
class Box:
    """What a mark covers: where lines to and from it begin and end."""

    x: float
    y: float
    w: float
    h: float

    @property
    def left(self) -> tuple[float, float]:
        """The middle of the left side."""
        return self.x, self.y + self.h / 2

    @property
    def right(self) -> tuple[float, float]:
        """The middle of the right side."""
        return self.x + self.w, self.y + self.h / 2

    @property
    def top(self) -> tuple[float, float]:
        """The middle of the upper side."""
        return self.x + self.w / 2, self.y

    @property
    def bottom(self) -> tuple[float, float]:
        """The middle of the lower side."""
        return self.x + self.w / 2, self.y + self.h


class Paper:
    """One picture that is being drawn."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def mark(self, kind: str, role: str, *at: float, text: str = "") -> Box:
        """Add a mark; gives what it covers, as far as it has a width and a height."""
        self.lines.append(written(Mark(kind, role, tuple(round(number, 1) for number in at), text)))
        return Box(*at[:4]) if len(at) >= 4 else Box(at[0] - 6.5, at[1] - 6.5, 13, 13)

    def say(self, x: float, y: float, text: str, role: str = "muted", kind: str = "text") -> None:
        """Write a few words around a place, or from it on (kind “left”)."""
        self.mark(kind, role, x, y, text=text)

    def scan(self, x: float, y: float, side: float, look: str = "head", role: str = "loss") -> Box:
        """A slice of a head."""
        return self.mark("scan", role, x, y, side, side, text=look)

    def link(self, start: Box, end: Box, role: str = "wire") -> None:
        """An arrow from the right side of one to the left side of the other."""
        self.mark("arrow", role, start.right[0] + 1.5, start.right[1], end.left[0] - 1.5, end.left[1])

    def along(self, *boxes: Box) -> None:
        """Arrows from each to the next."""
        for start, end in pairwise(boxes):
            self.link(start, end)

    def row(
        self, maps: Sequence[tuple[int, int]], x: float, right: float, middle: float, tallest: float,
        role: str = "convolution",
    ) -> list[Box]:  # fmt: skip
        """Maps from left to right, as (how many, side): higher the larger, wider the more; with their number below."""
        largest = max(side for _, side in maps)
        sizes = [
            (2.5 + 1.9 * log2(max(count, 2)), max(_LEAST, tallest * (side / largest) ** 0.5)) for count, side in maps
        ]
        gap = (right - x - sum(width for width, _ in sizes)) / max(1, len(sizes) - 1)
        made = []
        for (count, side), (width, height) in zip(maps, sizes, strict=True):
            made.append(self.mark("maps", role, x, middle - height / 2, width, height, text=f"{count}@{side}"))
            x += width + gap
        return made

    def numbers(self, x: float, middle: float, height: float, count: int) -> Box:
        """A list of numbers."""
        return self.mark("list", "dense", x, middle - height / 2, 9, height, text=str(count))

    def answers(self, x: float, middle: float, text: str = "0.9 0.1", width: float = 34, role: str = "output") -> Box:
        """Probabilities as bars."""
        height = 10.0 * len(text.split())
        return self.mark("bars", role, x, middle - height / 2, width, height, text=text)
