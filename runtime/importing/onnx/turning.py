"""Tensors whose first axis is not the batch, as the ones with the batch first that hold the same values."""

from __future__ import annotations

import math
from dataclasses import dataclass

from runtime.importing.onnx.program import Program, Sizes
from runtime.importing.onnx.views import Digit, Digits, View


@dataclass(frozen=True, slots=True)
class Turn:
    """Where the batch lies among the axes of a tensor: as the axis `alone`, or within the axis `within` with so many
    places before and after it; −1 for neither.
    """

    rank: int
    alone: int
    within: int = -1
    before: int = 1
    after: int = 1

    def inner(self, axes: tuple[Digits, ...]) -> list[Digits]:
        """The axes of a tensor without the batch."""
        kept = [axis for place, axis in enumerate(axes) if place != self.alone]
        return [tuple(digit for digit in axis if digit.axis != 0) for axis in kept]

    def inner_shape(self, shape: Sizes, batch: int) -> Sizes:
        """The shape with the batch first."""
        sides = [side // batch if place == self.within else side for place, side in enumerate(shape)]
        return (batch, *(side for place, side in enumerate(sides) if place != self.alone))

    def back(self, program: Program, name: str) -> View:
        """A tensor with the batch first as the one that has it where it was."""
        shape, batch = program.shapes[name], Digit(0, 1, program.batch)
        axes: list[Digits] = []
        at = 1
        for place in range(self.rank):
            if place == self.alone:
                axes.append((batch,))
                continue
            digits: Digits = (Digit(at, 1, shape[at]),)
            if place == self.within:
                digits = (Digit(at, self.after, self.before), batch, Digit(at, 1, self.after))
            axes.append(digits)
            at += 1
        kept = (tuple(digit for digit in axis if digit.size != 1) for axis in axes)
        return View(name, (0,) * len(shape), tuple(kept))


def turn_of(view: View, batch: int, ends: int = 1) -> Turn | None:
    """Where the batch lies; None where it is in the last `ends` axes, along which an operator works."""
    rank = len(view.axes)
    if batch == 1:
        ones = [place for place, side in enumerate(view.shape[: rank - ends]) if side == 1]
        return Turn(rank, ones[0] if ones else -1)
    place = next((at for at, axis in enumerate(view.axes) if any(digit.axis == 0 for digit in axis)), rank)
    if place >= rank - ends:
        return None
    digits = view.axes[place]
    if len(digits) == 1:
        return Turn(rank, place)
    at = next(number for number, digit in enumerate(digits) if digit.axis == 0)
    before, after = (math.prod(digit.size for digit in part) for part in (digits[:at], digits[at + 1 :]))
    return Turn(rank, -1, place, before, after)
