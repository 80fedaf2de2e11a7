"""Sums, products and the like: of branches, or of a branch and fixed numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from nodes.spec import Shape
from runtime.importing.onnx.layers.activation import clipped
from runtime.importing.onnx.program import Numbers
from runtime.importing.onnx.sketch import Place, Sketch

Draws = Callable[[Sketch], Place]


def add(sketch: Sketch) -> Place:
    """Add and Sum: Add, or numbers added."""
    return _folded(sketch, "add", lambda place, held: shifted(sketch, place, held))


def multiply(sketch: Sketch) -> Place:
    """Mul: Multiply, or numbers multiplied with."""
    return _folded(sketch, "multiply", lambda place, held: weighed(sketch, place, held, None))


def subtract(sketch: Sketch) -> Place:
    """Sub: Subtract, or numbers taken away, or taken away from."""
    left, right = (sketch.program.constants.get(sketch.step.input(place)) for place in (0, 1))
    if right is not None:
        return shifted(sketch, sketch.place(0), -right)
    if left is not None:
        return shifted(sketch, sketch.scaled(sketch.place(1), -1.0, 0.0), left)
    return sketch.draw("subtract", _stretched(sketch, [sketch.place(0), sketch.place(1)], sketch.shape()))


def divide(sketch: Sketch) -> Place:
    """Div by numbers, or of two branches as a product with the power of −1."""
    names = sketch.step.inputs
    right = sketch.program.constants.get(names[1])
    if right is None:
        below = sketch.draw("function", [sketch.place(1)], which="power", exponent=-1.0)
        sketch.places[name := sketch.program.fresh("below")] = below
        sketch.step.inputs = [names[0], name]
        return multiply(sketch)
    if not right.all():
        raise sketch.refusal("divides by 0")
    return weighed(sketch, sketch.place(0), 1 / right.astype(np.float64), None)


def negative(sketch: Sketch) -> Place:
    """Neg."""
    return sketch.scaled(sketch.place(), -1.0, 0.0)


def power(sketch: Sketch) -> Place:
    """Pow with one number as the exponent: Function of each value."""
    held = sketch.program.number(sketch.step.input(1))
    if held is None:
        raise sketch.refusal("takes powers that are no single number")
    return sketch.place() if held == 1 else of_each(sketch, "square" if held == 2 else "power", exponent=held)


def of_each(sketch: Sketch, which: str, **settings: float) -> Place:
    """Function of each value."""
    return sketch.draw("function", [sketch.place()], None, "", which=which, **settings)


def mean(sketch: Sketch) -> Place:
    """Mean: Average."""
    places = [sketch.place(at) for at in range(len(sketch.step.inputs))]
    return places[0] if len(places) == 1 else sketch.draw("average", sketch.apart(places))


def maximum(sketch: Sketch) -> Place:
    """Max: Maximum, or values cut off below."""
    return _extreme(sketch, "maximum")


def minimum(sketch: Sketch) -> Place:
    """Min: Minimum, or values cut off above."""
    return _extreme(sketch, "minimum")


def channel_scale(sketch: Sketch) -> Place:
    """One factor and one offset for each channel."""
    return weighed(sketch, sketch.place(), sketch.numbers(1), sketch.numbers(2), over=0)


def _extreme(sketch: Sketch, type_id: str) -> Place:
    names = sketch.step.inputs
    held = [name for name in names if name in sketch.program.constants]
    if not held:
        places = [sketch.place(at) for at in range(len(names))]
        return places[0] if len(places) == 1 else sketch.draw(type_id, sketch.apart(places))
    number = sketch.program.number(held[0])
    if len(names) != 2 or number is None:
        raise sketch.refusal("compares with several numbers, and one is possible")
    sketch.step.inputs = [name for name in names if name not in held]
    return clipped(sketch, number, None) if type_id == "maximum" else clipped(sketch, None, number)


def _folded(sketch: Sketch, type_id: str, fixed: Callable[[Place, Numbers], Place]) -> Place:
    names = sketch.step.inputs
    held = [sketch.program.constants[name] for name in names if name in sketch.program.constants]
    places = [sketch.place(at) for at, name in enumerate(names) if name not in sketch.program.constants]
    shape = sketch.shape()
    if len(places) > 1:
        places = _stretched(sketch, places, shape, pixels=type_id != "multiply")
    made = places[0] if len(places) == 1 else sketch.draw(type_id, sketch.apart(places))
    for numbers in held:
        made = fixed(made, numbers)
    return made


def _stretched(sketch: Sketch, places: Sequence[Place], shape: Shape, *, pixels: bool = True) -> list[Place]:
    """Branches with as many axes; with `pixels` also of one size, by repeating single pixels."""
    made = []
    for given in places:
        place = sketch.reshaped(given, (*[1] * (len(shape) - len(given.shape)), *given.shape))
        if pixels and place.shape != shape:
            place = repeated(sketch, place, shape)
        made.append(place)
    return made


def repeated(sketch: Sketch, place: Place, shape: Shape) -> Place:
    """A single pixel of each channel laid over a whole image."""
    if place.shape == shape:
        return place
    if place.shape[:1] != shape[:1] or len(shape) < 2 or math.prod(place.shape[1:]) != 1:
        raise sketch.refusal(
            "repeats values along some axes (broadcasting) in another way than one number for each channel"
        )
    return sketch.draw("upsample", [place], size=list(shape[1:]))


def shifted(sketch: Sketch, place: Place, numbers: Numbers) -> Place:
    """place + numbers."""
    held = _laid(sketch, numbers, place.shape)
    axes = _varies(held)
    if not axes:
        return sketch.scaled(place, 1.0, float(held.flat[0]))
    if len(axes) > 1 and len(place.shape) > 1:
        return sketch.draw("position_embedding", [place], {"weight": np.broadcast_to(held, place.shape)[None]})
    return weighed(sketch, place, np.ones(1), numbers)


def weighed(
    sketch: Sketch, place: Place, numbers: Numbers, offset: Numbers | None, over: int | None = None
) -> Place:  # fmt: skip
    """place · numbers (+ offset): one number for all, or trained ones along an axis (each channel convolved)."""
    shape = place.shape
    if over is not None:
        ones = [1] * (len(shape) - 1)
        numbers, offset = numbers.reshape(-1, *ones), None if offset is None else offset.reshape(-1, *ones)
    held, plus = _laid(sketch, numbers, shape), _laid(sketch, np.zeros(1) if offset is None else offset, shape)
    axes = sorted({*_varies(held), *_varies(plus)})
    if not axes:
        return sketch.scaled(place, float(held.flat[0]), float(plus.flat[0]))
    if axes == [0] and len(shape) > 1 and place.node in sketch.inputs and held.min() > 0:
        return _normalised(sketch, place, _along(held, shape, 0), _along(plus, shape, 0))
    axis = axes[0] if len(axes) == 1 else None
    flat = place if axis is None else sketch.over(place, axis)
    count = shape[axis] if axis is not None else math.prod(shape)
    if axis is None or len(shape) == 1:
        flat = sketch.reshaped(flat, (count, 1))
    own = {
        "weight": _along(held, shape, axis).reshape(count, 1, *[1] * (len(flat.shape) - 1)),
        "bias": _along(plus, shape, axis),
    }
    made = sketch.draw("depthwise_convolution", [flat], own, "Scale", kernel=1)
    if axis is None or len(shape) == 1:
        return sketch.reshaped(made, shape)
    return sketch.back(made, axis)


def _normalised(sketch: Sketch, place: Place, factor: Numbers, offset: Numbers) -> Place:
    """A factor and an offset for each channel of the input: Normalise, which is not trained."""
    mean, spread = -offset / factor, 1 / factor
    return sketch.draw("normalise", [place], method="mean and spread given", mean=mean.tolist(), spread=spread.tolist())


def _laid(sketch: Sketch, numbers: Numbers, shape: Shape) -> Numbers:
    """The numbers with as many axes as the shape (without the batch). Raises ImportRefused for some along the batch."""
    held = np.asarray(numbers)
    if held.ndim > len(shape):
        batch = held.shape[: held.ndim - len(shape)]
        if any(side != 1 for side in batch) and not (held == held[:1]).all():
            raise sketch.refusal("has other numbers for each case of a batch")
        held = held[(0,) * (held.ndim - len(shape))]
    held = held.reshape([1] * (len(shape) - held.ndim) + list(held.shape))
    if any(side not in (1, whole) for side, whole in zip(held.shape, shape, strict=True)):
        raise sketch.refusal("makes an image bigger by repeating it along numbers given")
    return held


def _varies(held: Numbers) -> list[int]:
    """The axes along which the numbers differ."""
    return [axis for axis, side in enumerate(held.shape) if side > 1 and not (held == held.take([0], axis)).all()]


def _along(held: Numbers, shape: Shape, axis: int | None) -> Numbers:
    """The numbers along one axis, or for every value."""
    if axis is None:
        return np.broadcast_to(held, shape).reshape(-1)
    whole = np.moveaxis(np.broadcast_to(held, shape), axis, 0)
    return whole.reshape(shape[axis], -1)[:, 0]


_FUNCTIONS = {"Exp": "exponential", "Log": "logarithm", "Sqrt": "square root", "Abs": "absolute value"}

TABLE: dict[str, Draws] = {
    "Add": add,
    "Sum": add,
    "Mul": multiply,
    "Sub": subtract,
    "Div": divide,
    "Neg": negative,
    **{kind: partial(of_each, which=which) for kind, which in _FUNCTIONS.items()},
    "Reciprocal": partial(of_each, which="power", exponent=-1.0),
    "Pow": power,
    "Mean": mean,
    "Max": maximum,
    "Min": minimum,
    "ChannelScale": channel_scale,
}
