"""Means, sums and extremes over axes."""

from __future__ import annotations

import math
from collections.abc import Callable

from runtime.importing.onnx.sketch import Place, Sketch

Draws = Callable[[Sketch], Place]


def mean(sketch: Sketch) -> Place:
    """ReduceMean: Global average pooling."""
    return _reduced(sketch, "global_average_pooling")[0]


def total(sketch: Sketch) -> Place:
    """ReduceSum: Global average pooling times the number of values."""
    place, count = _reduced(sketch, "global_average_pooling")
    return sketch.scaled(place, float(count), 0.0)


def strongest(sketch: Sketch) -> Place:
    """ReduceMax: Global max pooling."""
    return _reduced(sketch, "global_max_pooling")[0]


def weakest(sketch: Sketch) -> Place:
    """ReduceMin: the negative of the strongest of the negatives."""
    place = sketch.scaled(sketch.place(), -1.0, 0.0)
    return sketch.scaled(_reduced(sketch, "global_max_pooling", place)[0], -1.0, 0.0)


def root_of_squares(sketch: Sketch) -> Place:
    """ReduceL2: the square root of the sum of the squares."""
    return sketch.draw("function", [sum_of_squares(sketch)], None, "", which="square root")


def sum_of_squares(sketch: Sketch) -> Place:
    """ReduceSumSquare."""
    return _sum_of(sketch, "square")


def sum_of_sizes(sketch: Sketch) -> Place:
    """ReduceL1: the sum of the absolute values."""
    return _sum_of(sketch, "absolute value")


def _sum_of(sketch: Sketch, which: str) -> Place:
    each = sketch.draw("function", [sketch.place()], None, "", which=which)
    place, count = _reduced(sketch, "global_average_pooling", each)
    return sketch.scaled(place, float(count), 0.0)


def _reduced(sketch: Sketch, type_id: str, given: Place | None = None) -> tuple[Place, int]:
    """The pooled values and how many became one. Other axes than rows and columns are brought there and back."""
    place = given or sketch.place()
    rank = len(place.shape)
    asked = [axis % (rank + 1) - 1 for axis in sketch.whole(1)] or list(range(-1, rank))
    if not sketch.whole(1) and sketch.step.attributes.get("noop_with_empty_axes", 0):
        return place, 1
    if -1 in asked:
        raise sketch.refusal("goes over the cases of a batch")
    gone = [axis for axis in range(rank) if axis in asked]
    kept = [axis for axis in range(rank) if axis not in asked]
    count = math.prod(place.shape[axis] for axis in gone)
    keep_axes = bool(sketch.step.attributes.get("keepdims", 1))
    if rank > 1 and kept == [0]:
        return sketch.draw(type_id, [place], keep_axes=keep_axes), count
    moved = sketch.permuted(place, [*kept, *gone])
    left = math.prod(place.shape[axis] for axis in kept)
    pooled = sketch.draw(type_id, [sketch.reshaped(moved, (left, count))])
    return sketch.reshaped(pooled, sketch.shape()), count


TABLE: dict[str, Draws] = {
    "ReduceMean": mean,
    "ReduceSum": total,
    "ReduceMax": strongest,
    "ReduceMin": weakest,
    "ReduceL1": sum_of_sizes,
    "ReduceL2": root_of_squares,
    "ReduceSumSquare": sum_of_squares,
}
