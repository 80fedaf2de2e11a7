"""The node “Ordinal scale” as this program's own exports write it: intervals between thresholds."""

from __future__ import annotations

import numpy as np

from runtime.importing.onnx.patterns import Fixed, Found, Op, op
from runtime.importing.onnx.program import Numbers, Program, Step

KIND = "OrdinalScale"
_ABOVE = op("Sub", Fixed("thresholds"), "x", as_="above")
_LOWEST = op("LogSigmoid", op("Slice", _ABOVE))
_HIGHEST = op("LogSigmoid", op("Neg", op("Slice", _ABOVE)))
_BETWEEN = op("Add", op("Add", _LOWEST, _HIGHEST), Fixed("gaps"))

ORDINALS: tuple[Op, ...] = (
    op("Concat", _LOWEST, _BETWEEN, _HIGHEST),
    op("Concat", op("LogSigmoid", _ABOVE), op("LogSigmoid", op("Neg", _ABOVE))),
)
"""Three classes or more, and two."""


def ordinal(program: Program, found: Found, end: Step) -> Step | None:
    """One step of the group, if its thresholds rise and its gaps are those between them."""
    thresholds = program.constants[found.tensors["thresholds"]].reshape(-1).astype(np.float64)
    x, classes = found.tensors["x"], program.shapes[end.outputs[0]][1]
    distances = np.diff(thresholds)
    if program.shapes[x][1:] != (1,) or classes != len(thresholds) + 1 or (distances <= 0).any():
        return None
    gaps = program.constant(found.tensors.get("gaps", ""))
    if gaps is not None and not np.allclose(gaps.reshape(-1), np.log(-np.expm1(-distances)), rtol=1e-4, atol=1e-4):
        return None
    return Step(KIND, [x], end.outputs, {"steps": _steps(thresholds), "classes": classes}, end.name)


def _steps(thresholds: Numbers) -> Numbers:
    """The first threshold, and for each later one the number whose softplus is its distance to the one before."""
    distances = np.diff(thresholds)
    return np.concatenate([thresholds[:1], distances + np.log(-np.expm1(-distances))]).astype(np.float32)
