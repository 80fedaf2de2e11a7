"""What this program's own exports do to cut images into windows and to put answers together, found again as steps
“Patches” and “Stitch” (as runtime.modules.patches computes them).

Between the two a file has the windows of all images behind each other; nodes here speak of one window.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from runtime.importing.onnx.idle import drop_unread
from runtime.importing.onnx.program import Numbers, Program, Sizes, Step

_SPREAD = 0.25  # standard deviation of the Gaussian, in sides of a window
_ROUNDING = 1e-3  # weights may be of half precision


@dataclass(frozen=True, slots=True)
class _Cut:
    """Images, the windows made of them, the number and the side of these along each axis, and the steps of it."""

    image: str
    windows: str
    counts: Sizes
    size: Sizes
    steps: tuple[Step, ...]


def find_windows(program: Program) -> None:
    """Make one step each of cutting and of putting together, wherever both are there."""
    for cut in [found for step in program.steps if (found := _cut_at(program, step)) is not None]:
        inside = _after(program, cut)
        ends = [end for step in inside if (end := _stitch_at(program, step, cut))]
        if ends and not set(program.outputs) & {name for step in inside for name in step.outputs if name}:
            _write(program, cut, ends, inside)


def starts(whole: int, side: int) -> list[int]:
    """Where windows begin along an axis."""
    return [*range(0, whole - side, max(1, side // 2)), whole - side]


def _only_reader(program: Program, name: str) -> Step | None:
    after = [] if name in program.outputs else [step for step in program.steps if name in step.inputs]
    return after[0] if len(after) == 1 else None


def _cut_at(program: Program, last: Step) -> _Cut | None:
    """The cutting that ends in this step."""
    makers = program.makers()
    turned = makers.get(last.inputs[0]) if last.kind == "Reshape" else None
    apart = makers.get(turned.inputs[0]) if turned is not None and turned.kind == "Transpose" else None
    if turned is None or apart is None or apart.kind != "Reshape":
        return None
    shape, size = program.shapes[apart.outputs[0]], program.shapes[last.outputs[0]][2:]
    dims = len(size)
    order = [0, *range(2, 2 + 2 * dims, 2), 1, *range(3, 3 + 2 * dims, 2)]
    if not dims or len(shape) != 2 + 2 * dims or turned.attributes.get("perm") != order or shape[3::2] != size:
        return None
    name, steps, places = apart.inputs[0], [apart, turned, last], dict[int, Numbers]()
    while (picking := makers.get(name)) is not None and picking.kind == "Gather":
        found = program.constants.get(picking.inputs[1])
        if found is None or found.ndim != 1:
            break
        places[int(picking.attributes.get("axis", 0))] = found
        steps.insert(0, picking)
        name = picking.inputs[0]
    whole, counts = program.shapes[name], shape[2::2]
    if len(whole) != 2 + dims or last.outputs[0] in program.outputs or set(places) - set(range(2, 2 + dims)):
        return None
    for axis, (side, count) in enumerate(zip(size, counts, strict=True), start=2):
        if side > whole[axis] or len(first := starts(whole[axis], side)) != count:
            return None
        wanted = (np.array(first)[:, None] + np.arange(side)).flatten()
        if not np.array_equal(places.get(axis, np.arange(whole[axis])), wanted):
            return None
    return _Cut(name, last.outputs[0], counts, size, tuple(steps))


def _after(program: Program, cut: _Cut) -> list[Step]:
    """The steps between the windows and what has as many cases as there are images again."""
    many = program.batch * math.prod(cut.counts)
    names, found = {cut.windows}, []
    for step in program.steps:
        if names.intersection(step.inputs):
            found.append(step)
            names.update(name for name in step.outputs if name and program.shapes[name][0] == many)
    return found


def _stitch_at(program: Program, first: Step, cut: _Cut) -> tuple[Step, ...]:
    """The steps that put windows together from this one on, () where it begins no such thing."""
    shape, dims = program.shapes.get(first.outputs[0], ()), len(cut.size)
    turned = _only_reader(program, first.outputs[0]) if first.kind == "Reshape" else None
    joined = _only_reader(program, turned.outputs[0]) if turned is not None and turned.kind == "Transpose" else None
    order = [0, 1 + dims, *(place for axis in range(dims) for place in (1 + axis, 2 + dims + axis))]
    if turned is None or joined is None or joined.kind != "Reshape" or len(shape) != 2 + 2 * dims:
        return ()
    if (shape[1 : 1 + dims], shape[2 + dims :]) != (cut.counts, cut.size) or turned.attributes.get("perm") != order:
        return ()
    steps, lying, along = [first, turned, joined], list(range(2 + dims)), dict[int, Numbers]()
    whole = program.shapes[cut.image]
    while True:
        if lying == sorted(lying) and program.shapes[steps[-1].outputs[0]][2:] == whole[2:]:
            return tuple(steps) if _puts_together(along, whole, cut.size) else ()
        step = _only_reader(program, steps[-1].outputs[0])
        weights = program.constants.get(step.inputs[1]) if step is not None and step.kind == "MatMul" else None
        if step is not None and step.kind == "Transpose" and "perm" in step.attributes:
            lying = [lying[axis] for axis in step.attributes["perm"]]
        elif step is not None and weights is not None and weights.ndim == 2 and lying[-1] not in along:
            along[lying[-1]] = weights
        else:
            return ()
        steps.append(step)


def _puts_together(along: dict[int, Numbers], whole: Sizes, size: Sizes) -> bool:
    """Whether the products are means of windows; one with nothing to do may be gone."""
    for axis, side in enumerate(size, start=2):
        wanted = _weights(whole[axis], side)
        given = along.get(axis, np.eye(whole[axis]))
        if given.shape != wanted.shape or np.abs(given - wanted).max() > _ROUNDING:
            return False
    return True


def _weights(whole: int, side: int) -> Numbers:
    """(windows · side, whole): how much each pixel of each window counts for each pixel."""
    bell = np.exp(-(((np.arange(side) - (side - 1) / 2) / (side * _SPREAD)) ** 2) / 2)
    first = starts(whole, side)
    weights = np.zeros((len(first), side, whole))
    for window, start in enumerate(first):
        weights[window, np.arange(side), start + np.arange(side)] = bell
    flat = weights.reshape(-1, whole)
    shares: Numbers = flat / flat.sum(0)
    return shares


def _write(program: Program, cut: _Cut, ends: Iterable[tuple[Step, ...]], inside: Iterable[Step]) -> None:
    last = cut.steps[-1]
    new = {last: Step("Patches", [cut.image], last.outputs, {"size": list(cut.size)}, last.name)}
    for steps in ends:
        new[steps[-1]] = Step("Stitch", [steps[0].inputs[0], cut.image], steps[-1].outputs, {}, steps[-1].name)
    many = program.batch * math.prod(cut.counts)
    for name in (cut.windows, *(name for step in inside for name in step.outputs if name)):
        if program.shapes[name][0] == many:
            program.shapes[name] = (program.batch, *program.shapes[name][1:])
    program.steps = [new.get(step, step) for step in program.steps]
    drop_unread(program)
