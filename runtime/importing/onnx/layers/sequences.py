"""Layers on sequences: recurrent ones, and self-attention. They take (N, steps, features), and nodes the reverse."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from runtime.graph import Json
from runtime.importing.onnx.batch_first import TURNED
from runtime.importing.onnx.layers.arranging import part
from runtime.importing.onnx.layers.windows import readable
from runtime.importing.onnx.program import Numbers
from runtime.importing.onnx.sketch import Place, Sketch

_GATES: Mapping[str, tuple[int, ...]] = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2), "RNN": (0,)}
"""Where PyTorch's gates stand among those of ONNX: input, forget, cell, output of (i, o, f, c); reset, update, new of
(z, r, h).
"""
_CURVES = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}


def recurrent(sketch: Sketch, type_id: str) -> list[Place]:
    """LSTM, GRU and RNN: the node of that name, whose answers go on after every step, or after the last."""
    _check(sketch)
    weights = sketch.numbers(1)
    both, units = weights.shape[0] == 2, sketch.numbers(2).shape[2]
    every, last = (sketch.is_read(place) for place in (0, 1))
    signal = sketch.permuted(sketch.place(), [1, 0])
    relu: dict[str, Json] = {"activation": "relu"} if _is_rectified(sketch) else {}
    node = sketch.draw(
        type_id, [signal], _weights(sketch), readable(sketch.step.name), units=units, both=both,
        gives="every step" if every else "last step", **relu,
    )  # fmt: skip
    if not every:
        return [node, node]
    return [sketch.permuted(node, [1, 0]), _last(sketch, node, units, both) if last else node]


def _last(sketch: Sketch, every: Place, units: int, both: bool) -> Place:
    """The answer after the last step of each direction, out of those to every step."""
    features, steps = every.shape
    ends = [part(sketch, every, 1, steps - 1, 1)]
    if both:
        back = part(sketch, part(sketch, every, 0, units, units), 1, 0, 1)
        ends = [part(sketch, ends[0], 0, 0, units), back]
        return sketch.reshaped(sketch.draw("concatenate", sketch.apart(ends)), (features,))
    return sketch.reshaped(ends[0], (features,))


def _check(sketch: Sketch) -> None:
    """Raises ImportRefused for what these nodes do not do."""
    step, told = sketch.step, sketch.step.attributes
    if TURNED not in told:
        raise sketch.refusal("reads another axis than the steps of a signal, or has weights that another layer makes")
    direction = told.get("direction", "forward")
    if direction not in ("forward", "bidirectional"):
        raise sketch.refusal("reads signals from their end only; the nodes here do forward, or in both directions")
    curves = _curves(sketch)
    if curves and not _is_rectified(sketch) and curves != _CURVES[step.kind] * (1 + (direction == "bidirectional")):
        usual = ", ".join(_CURVES[step.kind])
        raise sketch.refusal(f"has other activations ({', '.join(curves)}) than the usual ones ({usual})")
    if step.kind == "LSTM" and (told.get("input_forget", 0) or _differs(sketch, 7)):
        raise sketch.refusal("has gates that see the memory (peepholes), or that share what they forget and take in")
    if step.kind == "GRU" and not told.get("linear_before_reset", 0):
        raise sketch.refusal("resets its answer before the product with it (linear_before_reset 0), and not after it")
    if told.get("clip"):
        raise sketch.refusal("cuts off what enters its gates (clip)")
    if any(_differs(sketch, place) for place in (5, 6)):
        raise sketch.refusal("begins with an answer or a memory of its own (initial state) that is not 0")
    lengths = sketch.constant(4)
    if lengths is not None and (lengths != sketch.place().shape[0]).any():
        raise sketch.refusal("reads only a part of each signal (sequence lengths)")
    if len(step.outputs) > 2 and sketch.is_read(2):
        raise sketch.refusal("hands on its memory (the cell state), and the node here only its answers")


def _curves(sketch: Sketch) -> list[str]:
    return [_text(one) for one in sketch.step.attributes.get("activations") or []]


def _is_rectified(sketch: Sketch) -> bool:
    """Whether it is a simple recurrent layer with ReLU in all its directions."""
    return sketch.step.kind == "RNN" and set(_curves(sketch)) == {"Relu"}


def _differs(sketch: Sketch, place: int) -> bool:
    """Whether an input is there and not 0."""
    found = sketch.constant(place)
    return found is not None and bool(found.any())


def _weights(sketch: Sketch) -> dict[str, Numbers]:
    order = _GATES[sketch.step.kind]
    into, back = sketch.numbers(1), sketch.numbers(2)
    offsets = sketch.constant(3)
    gates = len(order)
    if offsets is None:
        offsets = np.zeros((into.shape[0], 2 * into.shape[1]), np.float32)
    found: dict[str, Numbers] = {}
    for direction, end in enumerate(("", "_reverse")[: into.shape[0]]):
        halves = np.split(offsets[direction], 2)
        for name, numbers in zip(
            ("weight_ih", "weight_hh", "bias_ih", "bias_hh"), (into[direction], back[direction], *halves), strict=True
        ):
            parts = np.split(numbers, gates)
            found[f"layer.{name}_l0{end}"] = np.concatenate([parts[gate] for gate in order])
    return found


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def attention(sketch: Sketch) -> Place:
    """A group of operators that is a self-attention (see `find_attention`)."""
    told = sketch.step.attributes
    stem = str(told["weight_name"]).rpartition(".")[0].removeprefix("network.")
    name = stem.rpartition(".")[0] if stem.endswith(("proj", "out")) else ""
    return sketch.draw("self_attention", [sketch.place()], told["weights"], name, heads=told["heads"])


TABLE: dict[str, Callable[[Sketch], Place | Sequence[Place]]] = {
    "LSTM": partial(recurrent, type_id="lstm"),
    "GRU": partial(recurrent, type_id="gru"),
    "RNN": partial(recurrent, type_id="rnn"),
    "SelfAttention": attention,
}
