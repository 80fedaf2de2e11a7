"""Activations that exporters take apart, each as the groups of operators in which they write it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from runtime.importing.onnx.patterns import Fixed, Op, Pattern, op

_X = "x"


def _halved(inner: Pattern) -> tuple[Op, ...]:
    """x · inner / 2, in every order."""
    return (
        op("Mul", op("Mul", _X, inner), 0.5),
        op("Mul", op("Mul", _X, 0.5), inner),
        op("Mul", _X, op("Mul", inner, 0.5)),
        op("Div", op("Mul", _X, inner), 2.0),
    )


_ERF = tuple(
    op("Add", op("Erf", inside), 1.0)
    for inside in (op("Div", _X, math.sqrt(2)), op("Mul", _X, 1 / math.sqrt(2)))
)  # fmt: skip
_CUBE = (op("Pow", _X, 3.0), op("Mul", _X, op("Mul", _X, _X)))
_TANH = tuple(
    op("Add", op("Tanh", op("Mul", op("Add", _X, op("Mul", cube, 0.044715)), math.sqrt(2 / math.pi))), 1.0)
    for cube in _CUBE
)  # fmt: skip
_GATE = op("Clip", op("Add", _X, 3.0), 0.0, 6.0)

CURVES: Mapping[str, tuple[Op, ...]] = {
    "Gelu": tuple(one for inner in _ERF for one in _halved(inner)),
    "GeluTanh": tuple(one for inner in _TANH for one in _halved(inner)),
    "Swish": (op("Mul", _X, op("Sigmoid", _X)), op("Div", _X, op("Add", op("Exp", op("Neg", _X)), 1.0))),
    "HardSwish": (
        op("Mul", _X, op("HardSigmoid", _X, as_="gate")),
        op("Div", op("Mul", _X, _GATE), 6.0),
        op("Mul", op("Mul", _X, _GATE), 1 / 6),
        op("Mul", _X, op("Div", _GATE, 6.0)),
        op("Mul", _X, op("Mul", _GATE, 1 / 6)),
    ),
    "HardSigmoid": (op("Div", _GATE, 6.0), op("Mul", _GATE, 1 / 6)),
    "Mish": (op("Mul", _X, op("Tanh", op("Softplus", _X))),),
    "LogSigmoid": (op("Neg", op("Softplus", op("Neg", _X))), op("Log", op("Sigmoid", _X))),
    "LogSoftmax": (op("Log", op("Softmax", _X, as_="softmax")),),
    "Softsign": (op("Div", _X, op("Add", op("Abs", _X), 1.0)),),
    "TanhShrink": (op("Sub", _X, op("Tanh", _X)),),
    "Softplus": (op("Where", op("Greater", _X, 20.0), _X, op("Softplus", _X)),),
}
"""Kind of step -> the ways in which it is written with other operators. Bigger ones come before what they contain."""

_MIDDLE = op("ReduceMean", _X, as_="mean")
_OFF = op("Sub", _X, _MIDDLE)


def _spread(off: Pattern) -> tuple[Op, ...]:
    squares = (op("Pow", off, 2.0), op("Mul", off, off))
    return tuple(op("Sqrt", op("Add", op("ReduceMean", one, as_="variance"), Fixed("epsilon"))) for one in squares)


LAYER_NORMS = tuple(op("Div", _OFF, spread) for spread in _spread(_OFF))
"""(x − mean) / √(variance + epsilon), over the last axes or the channels."""

GROUP_NORM = op(
    "Reshape",
    op("InstanceNormalization", op("Reshape", _X, Fixed("groups"), as_="parted"), Fixed("scale"), Fixed("offset"),
       as_="norm"),
    Fixed("shape"),
)  # fmt: skip

def _averaged(tensor: Pattern, axes: int, name: str) -> Pattern:
    """The mean over so many axes, one after the other; the steps are kept under the name and the place of each."""
    for place in range(axes):
        tensor = op("ReduceMean", tensor, as_=f"{name}{place}")
    return tensor


def _standardised(axes: int) -> Op:
    mean = _averaged(_X, axes, "mean")
    centred = op("Sub", _X, mean)
    spread = op("Sqrt", _averaged(op("Pow", centred, 2.0), axes, "square"))
    floor = op("Mul", op("Add", op("Abs", mean), 1.0), 1e-5)
    return op("Where", op("Greater", spread, floor), op("Div", centred, op("Max", spread, floor)), 0.0)


STANDARDISED = tuple(_standardised(axes) for axes in range(1, 5))
"""What this program's own node “Normalise” does to each image, by the axes of an image less one."""

RANGED = op("Div", op("Sub", _X, Fixed("low")), Fixed("width"))
WINDOWED = op("Clip", RANGED, 0.0, 1.0)
"""The nodes “Normalise” with numbers given, and “Window/level”."""
