"""Activations."""

from __future__ import annotations

from collections.abc import Callable

from runtime.importing.onnx.fusing import is_sixth
from runtime.importing.onnx.layers.windows import LOWEST
from runtime.importing.onnx.program import same_number
from runtime.importing.onnx.sketch import Place, Sketch

Draws = Callable[[Sketch], Place]
_LIMIT = -LOWEST


def _plain(type_id: str) -> Draws:
    return lambda sketch: sketch.draw(type_id, [sketch.place()])


def leaky(sketch: Sketch) -> Place:
    """LeakyRelu."""
    return sketch.draw("leaky_relu", [sketch.place()], slope=float(sketch.step.attributes.get("alpha", 0.01)))


def elu(sketch: Sketch) -> Place:
    """Elu."""
    return sketch.draw("elu", [sketch.place()], alpha=float(sketch.step.attributes.get("alpha", 1.0)))


def celu(sketch: Sketch) -> Place:
    """Celu."""
    return sketch.draw("celu", [sketch.place()], alpha=float(sketch.step.attributes.get("alpha", 1.0)))


def selu(sketch: Sketch) -> Place:
    """Selu with its usual numbers."""
    told = sketch.step.attributes
    alpha, gamma = told.get("alpha", 1.67326), told.get("gamma", 1.0507)
    if not (abs(alpha - 1.67326) < 1e-3 and abs(gamma - 1.0507) < 1e-3):
        raise sketch.refusal("has other numbers than SELU (alpha 1.67326, gamma 1.0507)")
    return sketch.draw("selu", [sketch.place()])


def prelu(sketch: Sketch) -> Place:
    """PRelu, with one slope or one for each channel."""
    place, slopes = sketch.place(), sketch.numbers(1)
    full = slopes.reshape([1] * (len(place.shape) - slopes.ndim) + list(slopes.shape))
    full = full[0] if full.ndim > len(place.shape) else full
    if slopes.size != 1 and (full.shape[0] != place.shape[0] or full.size != place.shape[0]):
        raise sketch.refusal("learns a slope for single pixels")
    return sketch.draw("prelu", [place], {"weight": slopes.reshape(-1)}, per_channel=slopes.size == place.shape[0])


def gelu(sketch: Sketch) -> Place:
    """Gelu."""
    return sketch.draw("gelu", [sketch.place()], approximate=sketch.step.attributes.get("approximate", "none"))


def swish(sketch: Sketch) -> Place:
    """Swish: SiLU."""
    alpha = float(sketch.step.attributes.get("alpha", 1.0))
    if same_number(alpha, 1.0):
        return sketch.draw("silu", [sketch.place()])
    gate = sketch.draw("sigmoid", [sketch.scaled(sketch.place(), alpha, 0.0)])
    return sketch.draw("multiply", [sketch.place(), gate])


def hard_sigmoid(sketch: Sketch) -> Place:
    """HardSigmoid: Hard sigmoid, or with other numbers a line that is cut off at 0 and 1."""
    if is_sixth(sketch.step):
        return sketch.draw("hard_sigmoid", [sketch.place()])
    told = sketch.step.attributes
    line = sketch.scaled(sketch.place(), float(told.get("alpha", 0.2)), float(told.get("beta", 0.5)))
    return sketch.draw("hard_tanh", [line], lowest=0.0, highest=1.0)


def clip(sketch: Sketch) -> Place:
    """Clip: ReLU, ReLU6 or Hard tanh."""
    ends = [sketch.constant(1), sketch.constant(2)]
    low, high = (None if end is None or not abs(end.flat[0]) < _LIMIT else float(end.flat[0]) for end in ends)
    return clipped(sketch, low, high)


def clipped(sketch: Sketch, low: float | None, high: float | None) -> Place:
    """The values cut off below and above, where there is such an end."""
    place = sketch.place()
    if low is None and high is None:
        return place
    if low == 0 and high in (None, 6):
        return sketch.draw("relu" if high is None else "relu6", [place])
    return sketch.draw(
        "hard_tanh", [place], lowest=LOWEST if low is None else low, highest=_LIMIT if high is None else high
    )


def softmax(sketch: Sketch) -> Place:
    """Softmax over the channels, or over another axis between two permutations."""
    return _over_axis(sketch, "softmax")


def log_softmax(sketch: Sketch) -> Place:
    """LogSoftmax."""
    return _over_axis(sketch, "log_softmax")


def _over_axis(sketch: Sketch, type_id: str) -> Place:
    place = sketch.place()
    axis = int(sketch.step.attributes.get("axis", -1)) % (len(place.shape) + 1) - 1
    if axis < 0:
        raise sketch.refusal("mixes the cases of a batch")
    return sketch.back(sketch.draw(type_id, [sketch.over(place, axis)]), axis)


TABLE: dict[str, Draws] = {
    "Relu": _plain("relu"),
    "Sigmoid": _plain("sigmoid"),
    "Tanh": _plain("tanh"),
    "Softplus": _plain("softplus"),
    "Softsign": _plain("softsign"),
    "HardSwish": _plain("hard_swish"),
    "Mish": _plain("mish"),
    "LogSigmoid": _plain("log_sigmoid"),
    "TanhShrink": _plain("tanh_shrink"),
    "LeakyRelu": leaky,
    "Elu": elu,
    "Celu": celu,
    "Selu": selu,
    "PRelu": prelu,
    "Gelu": gelu,
    "Swish": swish,
    "HardSigmoid": hard_sigmoid,
    "Clip": clip,
    "Softmax": softmax,
    "LogSoftmax": log_softmax,
}
