"""Products with weights, and lookups in them."""

from __future__ import annotations

import numpy as np

from runtime.importing.onnx.layers.windows import named
from runtime.importing.onnx.program import Numbers
from runtime.importing.onnx.sketch import Place, Sketch


def gemm(sketch: Sketch) -> Place:
    """Gemm: Dense."""
    told = sketch.step.attributes
    place, weights, offset = sketch.place(), sketch.numbers(1), sketch.constant(2)
    if told.get("transA", 0):
        raise sketch.refusal("mixes the cases of a batch (transA)")
    weights = weights if told.get("transB", 0) else weights.T
    weights = weights * np.float32(told.get("alpha", 1.0))
    if offset is None:
        return dense(sketch, place, weights, None)
    offset = offset * np.float32(told.get("beta", 1.0))
    if offset.ndim == 2 and offset.shape[0] > 1:
        raise sketch.refusal("adds other numbers to each case of a batch")
    return dense(sketch, place, weights, np.broadcast_to(offset.reshape(-1), weights.shape[:1]))


def linear(sketch: Sketch) -> Place:
    """A product with weights and what is added to it: Dense."""
    return dense(sketch, sketch.place(), sketch.numbers(1).T, sketch.numbers(2))


def product(sketch: Sketch) -> Place:
    """MatMul: Dense where the right is a constant, Matrix product where both come from layers."""
    right = sketch.program.constants.get(sketch.step.input(1))
    if right is not None:
        if right.ndim != 2:
            raise sketch.refusal("multiplies with a stack of weights, for which there is no node")
        return dense(sketch, sketch.place(), right.T, None)
    return sketch.draw("matrix_product", [sketch.place(0), sketch.place(1)])


def dense(sketch: Sketch, place: Place, weights: Numbers, offset: Numbers | None) -> Place:
    """Dense on features; on anything else a Convolution of window 1 over the last axis, which does the same."""
    own = {"weight": weights} if offset is None else {"weight": weights, "bias": offset}
    name, bias = named(sketch), offset is not None
    if len(place.shape) == 1:
        return sketch.draw("dense", [place], own, name, units=weights.shape[0], bias=bias)
    last = len(place.shape) - 1
    ones = [1] * last
    own["weight"] = weights.reshape(*weights.shape, *ones)
    over = sketch.over(place, last)
    made = sketch.draw("convolution", [over], own, name, filters=weights.shape[0], kernel=1, bias=bias)
    return sketch.back(made, last)


def looked_up(sketch: Sketch, table: Numbers) -> Place:
    """Gather of rows of a constant: Embedding, with the features as the last axis as in the file."""
    if table.ndim != 2 or sketch.step.attributes.get("axis", 0) != 0 or len(sketch.place(1).shape) != 1:
        raise sketch.refusal("looks up something else than a list of features for each index of a sequence")
    place = sketch.draw(
        "embedding", [sketch.place(1)], {"weight": table}, named_table(sketch), count=table.shape[0],
        features=table.shape[1],
    )  # fmt: skip
    return sketch.permuted(place, [1, 0])


def named_table(sketch: Sketch) -> str:
    """What the table is called in the file."""
    stem, _, last = sketch.step.input(0).rpartition(".")
    return stem if last == "weight" else ""


def ordinal(sketch: Sketch) -> Place:
    """A group of operators that scores classes with an order (see `ordinals`): Ordinal scale."""
    told = sketch.step.attributes
    return sketch.draw("ordinal_scale", [sketch.place()], {"steps": told["steps"]}, classes=told["classes"])


TABLE = {"Gemm": gemm, "Linear": linear, "MatMul": product, "OrdinalScale": ordinal}
