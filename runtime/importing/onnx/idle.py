"""Steps that change nothing: products with 1, sums with 0, transpositions that take each other back."""

from __future__ import annotations

import numpy as np

from runtime.importing.onnx.program import Numbers, Program, Step

_NEUTRAL = {"Add": 0.0, "Sub": 0.0, "Mul": 1.0, "Div": 1.0, "Pow": 1.0}
_EITHER_WAY = frozenset({"Add", "Mul"})
_REPEATING = frozenset({"Add", "Sub", "Mul", "Div"})


def drop_idle(program: Program) -> None:
    """Take out of the program what hands on what it is given."""
    same: dict[str, str] = {}
    makers: dict[str, Step] = {}
    kept = []
    for step in program.steps:
        step.inputs = [same.get(name, name) for name in step.inputs]
        _join(program, step, makers)
        source = _given(program, step)
        if source:
            same[step.outputs[0]] = same.get(source, source)
            continue
        makers.update(dict.fromkeys(step.outputs, step))
        kept.append(step)
    program.steps = kept
    program.outputs = tuple(same.get(name, name) for name in program.outputs)
    drop_unread(program)


def drop_unread(program: Program) -> None:
    """Take out steps that no output needs."""
    wanted = set(program.outputs)
    kept = []
    for step in reversed(program.steps):
        if wanted.intersection(step.outputs):
            kept.append(step)
            wanted.update(step.inputs)
    program.steps = kept[::-1]


def _given(program: Program, step: Step) -> str:
    """The input that leaves the step as it came, "" for a step that does something."""
    if step.kind == "Identity":
        return step.inputs[0]
    if step.kind == "Expand":
        return step.inputs[0] if _is_repeated_anyway(program, step) else ""
    if step.kind == "Transpose":
        order = step.attributes.get("perm")
        return step.inputs[0] if order is not None and list(order) == sorted(order) else ""
    if step.kind == "MatMul":
        right = program.constants.get(step.inputs[1])
        return step.inputs[0] if right is not None and _is_identity(right) else ""
    neutral = _NEUTRAL.get(step.kind)
    if neutral is None:
        return ""
    pairs = [(step.inputs[0], step.inputs[1])]
    if step.kind in _EITHER_WAY:
        pairs.append((step.inputs[1], step.inputs[0]))
    for kept, other in pairs:
        alike = program.shapes.get(kept) == program.shapes[step.outputs[0]]
        if alike and kept not in program.constants and program.number(other) == neutral:
            return kept
    return ""


def _is_repeated_anyway(program: Program, step: Step) -> bool:
    """Whether all that reads the repeated values would repeat them by itself (F.normalize writes such steps)."""
    name = step.outputs[0]
    readers = program.readers().get(name, [])
    return name not in program.outputs and all(
        reader.kind in _REPEATING
        and any(other != name and program.shapes.get(other) == program.shapes[name] for other in reader.inputs)
        for reader in readers
    )


def _join(program: Program, step: Step, makers: dict[str, Step]) -> None:
    """Let a transposition begin where the one before it did."""
    before = makers.get(step.inputs[0]) if step.kind == "Transpose" else None
    if before is None or before.kind != "Transpose" or "perm" not in step.attributes or "perm" not in before.attributes:
        return
    step.attributes["perm"] = [before.attributes["perm"][axis] for axis in step.attributes["perm"]]
    step.inputs = before.inputs


def _is_identity(weights: Numbers) -> bool:
    square = weights.ndim == 2 and weights.shape[0] == weights.shape[1]
    return square and bool(np.abs(weights - np.eye(len(weights))).max() < 1e-6)
