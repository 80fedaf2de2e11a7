"""Tensors that hold the values of another one in another order: where each of their axes lies in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from runtime.importing.onnx.program import Program, Sizes, Step

RESHAPING = frozenset({"Reshape", "Flatten", "Squeeze", "Unsqueeze"})
ARRANGING = RESHAPING | {"Transpose", "Gather", "Slice", "Split"}
"""Operators that compute nothing."""


@dataclass(frozen=True, slots=True)
class Digit:
    """`size` places along an axis of the root, each `stride` after the one before. Axis 0 is the batch."""

    axis: int
    stride: int
    size: int


Digits = tuple[Digit, ...]


@dataclass(frozen=True, slots=True)
class View:
    """Values of the tensor `root`, whose first axis is the batch.

    Each axis is a number written in digits, the last of which counts fastest; an axis of one place has none. `start` is
    where the first value lies on each axis of the root.
    """

    root: str
    start: Sizes
    axes: tuple[Digits, ...]

    @property
    def shape(self) -> Sizes:
        """As many places as each axis has."""
        return tuple(_count(axis) for axis in self.axes)

    @property
    def batch_first(self) -> bool:
        """Whether the first axis is the batch, and nothing but it."""
        first = self.axes[0]
        return all(digit.axis == 0 for digit in first) and not any(digit.axis == 0 for digit in self.inside)

    @property
    def inside(self) -> Digits:
        """The digits of all axes but the first."""
        return tuple(digit for axis in self.axes[1:] for digit in axis)


def whole(name: str, shape: Sizes) -> View:
    """A tensor as it is."""
    axes = tuple((Digit(axis, 1, side),) if side != 1 else () for axis, side in enumerate(shape))
    return View(name, (0,) * len(shape), axes)


def arranged(program: Program, step: Step, view: View) -> list[View] | None:
    """What a step that computes nothing makes of a view, for each output; None where that is no view."""
    if step.kind in RESHAPING:
        return _alone(reshaped(view, program.shapes[step.outputs[0]]))
    if step.kind == "Transpose":
        order = step.attributes.get("perm") or range(len(view.axes))[::-1]
        return [replace(view, axes=tuple(view.axes[axis] for axis in order))]
    if step.kind == "Gather":
        return _alone(_gathered(program, step, view))
    if step.kind == "Slice":
        return _alone(_sliced(program, step, view))
    return _split(program, step, view) if step.kind == "Split" else None


def reshaped(view: View, shape: Sequence[int]) -> View | None:
    """The values in the same order along other axes; None where an axis would end within one of the batch."""
    left = [digit for axis in view.axes for digit in axis]
    axes = []
    for side in shape:
        taken: list[Digit] = []
        while side > 1 and left:
            digit = left.pop(0)
            if side % digit.size:
                if digit.size % side or digit.axis == 0:
                    return None
                inner = digit.size // side
                left.insert(0, Digit(digit.axis, digit.stride, inner))
                digit = Digit(digit.axis, digit.stride * inner, side)
            taken.append(digit)
            side //= digit.size
        if side != 1:
            return None
        axes.append(tuple(taken))
    return None if left else replace(view, axes=tuple(axes))


def part(view: View, axis: int, first: int, count: int) -> View | None:
    """Some places of an axis that follow each other; None for single cases of a batch, and where digits are cut."""
    digits = view.axes[axis]
    if (first, count) == (0, _count(digits)):
        return view
    start, kept = list(view.start), list(digits)
    for place, digit in enumerate(digits):
        lower = _count(digits[place + 1 :])
        if digit.axis == 0 or (count > 1 and (first % lower or count % lower)):
            return None
        start[digit.axis] += first // lower * digit.stride
        if count > 1:  # whole runs of the digits after this one
            kept[place] = Digit(digit.axis, digit.stride, count // lower)
            return _with_axis(replace(view, start=tuple(start)), axis, kept)
        first %= lower
    return _with_axis(replace(view, start=tuple(start)), axis, [])


def without(view: View, axis: int) -> View:
    """A view of one place along an axis, without that axis."""
    return replace(view, axes=(*view.axes[:axis], *view.axes[axis + 1 :]))


def joined(views: Sequence[View], axis: int) -> View | None:
    """Views of one root that follow each other on it along an axis, as one view; None where they do not."""
    first, total = views[0], 0
    for view in views:
        digits, own = view.axes[axis], first.axes[axis]
        if view.root != first.root or len(digits) != 1 or len(own) != 1 or digits[0].axis == 0:
            return None
        (digit,) = digits
        moved = list(first.start)
        moved[digit.axis] += total * digit.stride
        if (digit.axis, digit.stride) != (own[0].axis, own[0].stride) or view.start != tuple(moved):
            return None
        if view.axes[:axis] + view.axes[axis + 1 :] != first.axes[:axis] + first.axes[axis + 1 :]:
            return None
        total += digit.size
    return _with_axis(first, axis, [replace(first.axes[axis][0], size=total)])


def _with_axis(view: View, axis: int, digits: Sequence[Digit]) -> View:
    kept = tuple(digit for digit in digits if digit.size != 1)
    return replace(view, axes=(*view.axes[:axis], kept, *view.axes[axis + 1 :]))


def _gathered(program: Program, step: Step, view: View) -> View | None:
    index = program.constant(step.input(1))
    axis = step.attributes.get("axis", 0) % len(view.axes)
    if index is None or index.ndim > 1 or not index.size:
        return None
    places = [int(one) % view.shape[axis] for one in index.flat]
    if places != list(range(places[0], places[0] + len(places))):
        return None
    found = part(view, axis, places[0], len(places))
    if found is None or index.ndim == 1:
        return found
    return without(found, axis)


def _sliced(program: Program, step: Step, view: View) -> View | None:
    given = [program.constant(step.input(place)) for place in (1, 2, 3, 4)]
    starts, ends, axes, steps = (None if one is None else [int(each) for each in one.flat] for one in given)
    if starts is None or ends is None or any(each != 1 for each in steps or ()):
        return None
    found: View | None = view
    for axis, start, end in zip(axes or range(len(starts)), starts, ends, strict=True):
        if found is None:
            return None
        place = axis % len(view.axes)
        first, last, _ = slice(start, end).indices(view.shape[place])
        found = part(found, place, first, last - first)
    return found


def _split(program: Program, step: Step, view: View) -> list[View] | None:
    axis, first, found = step.attributes.get("axis", 0) % len(view.axes), 0, []
    for name in step.outputs:
        count = program.shapes[name][axis]
        one = part(view, axis, first, count)
        if one is None:
            return None
        found.append(one)
        first += count
    return found


def _alone(view: View | None) -> list[View] | None:
    return None if view is None else [view]


def _count(digits: Sequence[Digit]) -> int:
    return math.prod(digit.size for digit in digits)
