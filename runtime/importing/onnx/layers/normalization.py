"""Normalisations, dropout and preparation."""

from __future__ import annotations

import math

import numpy as np

from runtime.graph import Json
from runtime.importing.onnx.layers.windows import named
from runtime.importing.onnx.program import Numbers, same_number
from runtime.importing.onnx.sketch import Place, Sketch


def batch(sketch: Sketch) -> Place:
    """BatchNormalization with its mean and variance of training."""
    scale, offset, mean, variance = (sketch.numbers(place) for place in (1, 2, 3, 4))
    told = sketch.step.attributes
    own = {
        "weight": scale, "bias": offset, "running_mean": mean, "running_var": variance,
        "num_batches_tracked": np.zeros(()),
    }  # fmt: skip
    return sketch.draw(
        "batch_normalization", [sketch.place()], own, named(sketch), epsilon=_epsilon(sketch),
        momentum=min(1.0, max(0.0, round(1 - float(told.get("momentum", 0.9)), 6))),
    )  # fmt: skip


def instance(sketch: Sketch) -> Place:
    """InstanceNormalization."""
    own = {"weight": sketch.numbers(1), "bias": sketch.numbers(2)}
    return sketch.draw("instance_normalization", [sketch.place()], own, named(sketch), epsilon=_epsilon(sketch))


def group(sketch: Sketch) -> Place:
    """GroupNormalization."""
    own = {"weight": sketch.numbers(1), "bias": sketch.numbers(2)}
    return sketch.draw(
        "group_normalization", [sketch.place()], own, named(sketch), groups=int(sketch.step.attributes["num_groups"]),
        epsilon=_epsilon(sketch),
    )  # fmt: skip


def layer(sketch: Sketch) -> Place:
    """LayerNormalization over all axes, or over the last one, which is brought to the front."""
    place, scale = sketch.place(), sketch.numbers(1)
    offset = sketch.constant(2)
    axis = int(sketch.step.attributes.get("axis", -1)) % (len(place.shape) + 1) - 1
    over = place.shape[axis:] if axis >= 0 else ()
    own = {
        "weight": np.broadcast_to(scale, over), "bias": np.broadcast_to(0.0 if offset is None else offset, over)
    }  # fmt: skip
    told: dict[str, Json] = {"epsilon": _epsilon(sketch)}
    if axis == 0:
        return sketch.draw("layer_normalization", [place], own, named(sketch), **told)
    if axis == len(place.shape) - 1:
        made = sketch.draw(
            "layer_normalization", [sketch.over(place, axis)], own, named(sketch), over="channels", **told
        )
        return sketch.back(made, axis)
    raise sketch.refusal("brings some axes of the middle to one scale; all, or the last one, can be")


def channels(sketch: Sketch) -> Place:
    """A layer normalisation over the channels of each pixel, written with the channels where they are."""
    place = sketch.place()
    own = (
        {"weight": sketch.numbers(1), "bias": sketch.numbers(2)} if sketch.step.input(1)
        else {"weight": np.ones(place.shape[0]), "bias": np.zeros(place.shape[0])}
    )  # fmt: skip
    return sketch.draw(
        "layer_normalization", [place], own, named(sketch), over="channels", epsilon=_epsilon(sketch)
    )


def local_response(sketch: Sketch) -> Place:
    """LRN."""
    told = sketch.step.attributes
    if told["size"] % 2 == 0:
        raise sketch.refusal(f"looks at {told['size']} channels, which have no middle one")
    return sketch.draw(
        "local_response_normalization", [sketch.place()], neighbours=int(told["size"]),
        alpha=float(told.get("alpha", 1e-4)), beta=float(told.get("beta", 0.75)), base=float(told.get("bias", 1.0)),
    )  # fmt: skip


def dropout(sketch: Sketch) -> Place:
    """Dropout, which acts in training only."""
    rate = sketch.constant(1)
    share = 0.5 if rate is None else float(rate.flat[0])
    return sketch.draw("dropout", [sketch.place()], rate=min(0.99, share))


def standardised(sketch: Sketch) -> Place:
    """What the node Normalise does to each image by itself."""
    return sketch.draw("normalise", [sketch.place()], method=sketch.step.attributes["method"])


def fitted(sketch: Sketch) -> Place:
    """Images brought to a size by two products with fixed numbers: Resize."""
    told = sketch.step.attributes
    return sketch.draw("resize", [sketch.place()], size=list(told["size"]), fit=told["rule"])


def ranged(sketch: Sketch) -> Place:
    """(x − low) / width: Normalise with numbers given."""
    low, width = _ends(sketch)
    if low.size == 1 or (same_number(float(np.ptp(low)), 0.0) and same_number(float(np.ptp(width)), 0.0)):
        start = float(low.flat[0])
        return sketch.draw(
            "normalise", [sketch.place()], method="range to 0–1", low=start, high=start + float(width.flat[0])
        )
    return sketch.draw(
        "normalise", [sketch.place()], method="mean and spread given", mean=low.tolist(), spread=width.tolist()
    )


def windowed(sketch: Sketch) -> Place:
    """(x − low) / width, cut off at 0 and 1: Window/level."""
    low, width = _ends(sketch)
    span = float(width.flat[0])
    return sketch.draw("window", [sketch.place()], centre=float(low.flat[0]) + span / 2, width=span)


def _ends(sketch: Sketch) -> tuple[Numbers, Numbers]:
    return sketch.step.attributes["low"], sketch.step.attributes["width"]


def _epsilon(sketch: Sketch) -> float:
    value = float(sketch.step.attributes.get("epsilon", 1e-5))
    return float(f"{value:.6g}") if value > 0 and math.isfinite(value) else 1e-12


TABLE = {
    "BatchNormalization": batch,
    "InstanceNormalization": instance,
    "GroupNormalization": group,
    "LayerNormalization": layer,
    "ChannelNormalization": channels,
    "LRN": local_response,
    "Dropout": dropout,
    "Standardise": standardised,
    "Fit": fitted,
    "Range": ranged,
    "Window": windowed,
}
