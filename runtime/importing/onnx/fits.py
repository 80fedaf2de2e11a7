"""What this program's own exports do to bring images to a size, found again: a product with fixed numbers an axis."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from runtime.importing.onnx.program import Numbers, Program, Sizes, Step

_RULES = ("stretch", "pad", "crop")


@dataclass(slots=True)
class _Way:
    """Products so far, by the axis of the image that each went along; `order` are the axes as they lie now."""

    order: list[int]
    along: dict[int, Numbers] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


def find_fits(program: Program) -> None:
    """Make one step “Fit” of each such group of products (as runtime.modules.fit computes them)."""
    for step in list(program.steps):
        if step in program.steps and step.kind in ("MatMul", "Transpose"):
            _find_from(program, step)


def _find_from(program: Program, first: Step) -> None:
    source = first.inputs[0]
    shape = program.shapes.get(source, ())
    if len(shape) < 3:
        return
    way, found = _Way(list(range(len(shape)))), None
    readers = program.readers()
    step: Step | None = first
    while step is not None and _goes_on(program, way, step):
        inside = way.order == sorted(way.order) and way.along and min(way.along) >= 2
        if inside and (rule := _rule(way, shape)):
            found = (_Way(way.order, dict(way.along), list(way.steps)), rule)
        after = readers.get(step.outputs[0], [])
        step = after[0] if len(after) == 1 and step.outputs[0] not in program.outputs else None
    if found is not None:
        _replace(program, found[0], source, shape, found[1])


def _goes_on(program: Program, way: _Way, step: Step) -> bool:
    """Take the step into the group, if it belongs there."""
    if step.kind == "Transpose" and "perm" in step.attributes:
        way.order = [way.order[axis] for axis in step.attributes["perm"]]
    elif step.kind == "MatMul":
        weights = program.constants.get(step.inputs[1])
        if weights is None or weights.ndim != 2 or way.order[-1] in way.along:
            return False
        way.along[way.order[-1]] = weights
    else:
        return False
    way.steps.append(step)
    return True


def _rule(way: _Way, shape: Sizes) -> str:
    """The rule by which all products came about, "" for other products."""
    pairs = list(zip(shape[2:], _size(way, shape), strict=True))
    steps = [old / new for old, new in pairs]
    for rule, step in zip(_RULES, (None, max(steps), min(steps)), strict=True):
        made = [_weights(*pair, step or own) for pair, own in zip(pairs, steps, strict=True)]
        given = [way.along.get(axis, np.eye(side)) for axis, side in enumerate(shape[2:], start=2)]
        if all(np.abs(one - other).max() < 1e-4 for one, other in zip(made, given, strict=True)):
            return rule
    return ""


def _size(way: _Way, shape: Sizes) -> list[int]:
    """The new size; an axis without a product stays as it is."""
    return [way.along[axis].shape[1] if axis in way.along else shape[axis] for axis in range(2, len(shape))]


def _weights(old: int, new: int, step: float) -> Numbers:
    """(old, new): the shares of old pixels in each new one."""
    places = (np.arange(new) + 0.5 - new / 2) * step + old / 2
    pixels = np.arange(old) + 0.5
    near = np.clip(places, 0, old)
    triangle = np.clip(1 - np.abs(pixels[:, None] - near[None]) / max(step, 1), 0, None)
    inside = (places > 0) & (places < old)
    made: Numbers = triangle / triangle.sum(0, keepdims=True) * inside[None]
    return made


def _replace(program: Program, way: _Way, source: str, shape: Sizes, rule: str) -> None:
    size = _size(way, shape)
    end = way.steps[-1]
    made = Step("Fit", [source], end.outputs, {"size": size, "rule": rule}, end.name)
    program.steps = [
        made if step is end else step for step in program.steps if step is end or step not in way.steps
    ]  # fmt: skip
