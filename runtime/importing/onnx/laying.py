"""Steps that lay the values of a view out as a tensor of its own, the batch first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from runtime.importing.onnx.program import Program, Sizes, Step
from runtime.importing.onnx.spelling import constant
from runtime.importing.onnx.views import Digits, View


@dataclass(frozen=True, slots=True)
class _Run:
    """Values of one case that lie `stride` apart, of which `size` are taken (or one, the place `only`)."""

    stride: int
    size: int
    only: int = -1


class Layout:
    """Writes steps one behind the other, and names the tensor that they have come to."""

    def __init__(self, program: Program, name: str, title: str) -> None:
        self.program = program
        self.name = name
        self.title = title
        self.steps: list[Step] = []

    @property
    def shape(self) -> Sizes:
        """The tensor as it is now, batch first."""
        return self.program.shapes[self.name]

    def reshape(self, sides: Sequence[int]) -> None:
        """Bring each case to a shape."""
        if self.shape[1:] != tuple(sides):
            shape = constant(self.program, [-1, *sides], whole=True)
            self._write(Step("Reshape", [self.name, shape], [], {}, self.title), (self.shape[0], *sides))

    def transpose(self, order: Sequence[int]) -> None:
        """Bring the axes of each case (from 0) to another order."""
        if list(order) != sorted(order):
            sides = [self.shape[axis + 1] for axis in order]
            told = {"perm": [0, *(axis + 1 for axis in order)]}
            self._write(Step("Transpose", [self.name], [], told, self.title), (self.shape[0], *sides))

    def cut(self, axis: int, first: int, count: int) -> None:
        """Keep some places of an axis (the batch is 0)."""
        if count != self.shape[axis]:
            ends = [constant(self.program, [one], whole=True) for one in (first, first + count, axis)]
            shape = (*self.shape[:axis], count, *self.shape[axis + 1 :])
            self._write(Step("Slice", [self.name, *ends], [], {}, self.title), shape)

    def _write(self, step: Step, shape: Sizes) -> None:
        self.name = self.program.fresh("laid")
        self.program.shapes[self.name] = shape
        step.outputs = [self.name]
        self.steps.append(step)


def laid(program: Program, view: View, axes: Sequence[Digits], title: str) -> tuple[str, list[Step]] | None:
    """A tensor with the batch first and then these axes of the view (without the batch), and the steps that make it;
    None where the values of the root that are left out lie in no order.
    """
    layout = Layout(program, view.root, title)
    starts = _cut_ends(layout, view, axes)
    sides = layout.shape[1:]
    strides = {axis: math.prod(sides[axis:]) for axis in range(1, len(sides) + 1)}
    runs = [_Run(digit.stride * strides[digit.axis], digit.size) for axis in axes for digit in axis]
    first = sum(start * strides[axis] for axis, start in starts.items())
    wanted = _merged(runs)
    source = _completed(wanted, first, math.prod(sides))
    if source is None:
        return None
    if source != wanted:
        layout.reshape([run.size for run in source])
        for place, run in enumerate(source, start=1):
            if run.only >= 0:
                layout.cut(place, run.only, 1)
        kept = [run for run in source if run.only < 0]
        layout.reshape([run.size for run in kept])
        layout.transpose([kept.index(run) for run in wanted])
    layout.reshape([math.prod(digit.size for digit in axis) for axis in axes])
    return layout.name, layout.steps


def _cut_ends(layout: Layout, view: View, axes: Sequence[Digits]) -> dict[int, int]:
    """Keep what the view takes of an axis in one piece; where it begins on the axes then."""
    starts = {}
    for axis in range(1, len(layout.shape)):
        stride = 1
        digits = sorted((one for each in axes for one in each if one.axis == axis), key=lambda digit: digit.stride)
        starts[axis] = view.start[axis]
        for digit in digits:
            stride = stride * digit.size if digit.stride == stride else 0
        if stride:
            layout.cut(axis, view.start[axis], stride)
            starts[axis] = 0
    return starts


def _merged(runs: Sequence[_Run]) -> list[_Run]:
    """The runs in their order, where one that goes on as the one before is taken with it."""
    found: list[_Run] = []
    for run in runs:
        if run.size == 1:
            continue
        if found and found[-1].stride == run.stride * run.size:
            found[-1] = _Run(run.stride, found[-1].size * run.size)
        else:
            found.append(run)
    return found


def _completed(runs: Sequence[_Run], first: int, count: int) -> list[_Run] | None:
    """The runs as they lie one around the other, with those between of which one place is taken."""
    found: list[_Run] = []
    reached = 1
    for run in sorted(runs, key=lambda one: one.stride):
        if run.stride % reached or (first // run.stride) % run.size:
            return None
        if run.stride > reached:
            between = run.stride // reached
            found.append(_Run(reached, between, first // reached % between))
        found.append(run)
        reached = run.stride * run.size
    if count % reached:
        return None
    if reached < count:
        found.append(_Run(reached, count // reached, first // reached))
    return found[::-1]
