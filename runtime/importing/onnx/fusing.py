"""Groups of operators that are one layer become one step: layers with their offsets, normalisations, activations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from runtime.importing.onnx.curves import (
    CURVES,
    GROUP_NORM,
    LAYER_NORMS,
    RANGED,
    STANDARDISED,
    WINDOWED,
)
from runtime.importing.onnx.ordinals import ORDINALS, ordinal
from runtime.importing.onnx.patterns import Finder, Fixed, Found, Op, op, replaced
from runtime.importing.onnx.program import Numbers, Program, Step, same_number
from runtime.importing.onnx.spelling import constant

_PREPARATION = frozenset({"Fit", "Standardise", "Range", "Window"})
Make = Callable[[Program, Found, Step], Step | None]


def fuse(program: Program) -> None:
    """Rewrite the program until no pattern is found in it any more."""
    for pattern, make in _RULES:
        _apply(program, pattern, make)


def _apply(program: Program, pattern: Op, make: Make) -> None:
    if pattern.kind not in {step.kind for step in program.steps}:
        return
    finder = Finder(program)
    for step in list(program.steps):
        if step.kind != pattern.kind or not any(one is step for one in program.steps):
            continue
        found = finder.at(step, pattern)
        made = make(program, found, step) if found is not None else None
        if found is not None and made is not None:
            replaced(program, found, step, made)
            finder = Finder(program)


def _activation(kind: str) -> Make:
    def make(_program: Program, found: Found, end: Step) -> Step | None:
        gate, softmax = found.named.get("gate"), found.named.get("softmax")
        if gate is not None and not is_sixth(gate):
            return None
        attributes = dict(softmax.attributes) if softmax is not None else {}
        if kind == "HardSigmoid":
            attributes = {"alpha": 1 / 6, "beta": 0.5}
        if kind == "GeluTanh":
            return Step("Gelu", [found.tensors["x"]], end.outputs, {"approximate": "tanh"}, end.name)
        return Step(kind, [found.tensors["x"]], end.outputs, attributes, end.name)

    return make


def is_sixth(gate: Step) -> bool:
    """Whether a hard sigmoid is the usual one: x / 6 + 0.5, cut off at 0 and 1."""
    told = gate.attributes
    return same_number(told.get("alpha", 0.2), 1 / 6) and same_number(told.get("beta", 0.5), 0.5)


def _layer_norm(program: Program, found: Found, end: Step) -> Step | None:
    x = found.tensors["x"]
    rank = len(program.shapes[x])
    axes = [_axes(program, found.named[name], rank) for name in ("mean", "variance")]
    last = tuple(range(rank - len(axes[0]), rank))
    epsilon = program.number(found.tensors["epsilon"])
    if axes == [(1,), (1,)] and rank > 2 and epsilon is not None:
        return Step("ChannelNormalization", [x], end.outputs, {"epsilon": epsilon, "plain": True}, end.name)
    if axes[0] != axes[1] or axes[0] != last or 0 in last or epsilon is None:
        return None
    scale = constant(program, np.ones([program.shapes[x][axis] for axis in last]))
    attributes = {"axis": last[0], "epsilon": epsilon, "plain": True}
    return Step("LayerNormalization", [x, scale], end.outputs, attributes, end.name)


def _axes(program: Program, step: Step, rank: int) -> tuple[int, ...]:
    axes = program.constant(step.input(1))
    return tuple(range(rank)) if axes is None else tuple(sorted(int(axis) % rank for axis in axes.flat))


def _scaled_norm(program: Program, found: Found, end: Step) -> Step | None:
    norm = found.named["norm"]
    held = program.constants[found.tensors["w"]]
    own = program.constants[norm.inputs[1]]
    if not norm.attributes.get("plain") or len(norm.inputs) > 2 or not _broadcasts(held.shape, own.shape):
        return None
    scale = constant(program, np.broadcast_to(held, own.shape))
    return Step("LayerNormalization", [found.tensors["x"], scale], end.outputs, dict(norm.attributes), end.name)


def _shifted_norm(program: Program, found: Found, end: Step) -> Step | None:
    norm = found.named["norm"]
    held = program.constants[found.tensors["b"]]
    own = program.constants[norm.inputs[1]]
    if len(norm.inputs) > 2 or not _broadcasts(held.shape, own.shape):
        return None
    offset = constant(program, np.broadcast_to(held, own.shape))
    return Step("LayerNormalization", [*norm.inputs, offset], end.outputs, dict(norm.attributes), end.name)


def _broadcasts(shape: tuple[int, ...], onto: tuple[int, ...]) -> bool:
    return len(shape) <= len(onto) and all(
        side in (1, whole) for side, whole in zip(shape[::-1], onto[::-1], strict=False)
    )


def _group_norm(program: Program, found: Found, end: Step) -> Step | None:
    x, norm, parted = found.tensors["x"], found.named["norm"], found.named["parted"]
    shape = program.shapes[x]
    groups = program.shapes[parted.outputs[0]]
    plain = program.number(found.tensors["scale"]) == 1 and program.number(found.tensors["offset"]) == 0
    if not plain or program.shapes[end.outputs[0]] != shape or len(shape) < 2 or shape[1] % groups[1]:
        return None
    ones, zeros = constant(program, np.ones(shape[1])), constant(program, np.zeros(shape[1]))
    attributes = {"num_groups": groups[1], "epsilon": norm.attributes.get("epsilon", 1e-5), "plain": True}
    return Step("GroupNormalization", [x, ones, zeros], end.outputs, attributes, end.name)


def _channel_affine(program: Program, found: Found, end: Step) -> Step | None:
    """A scale and an offset of each channel behind a normalisation without its own."""
    norm = found.named["norm"]
    shape = program.shapes[norm.inputs[0]]
    ways = [per_channel(program, found.tensors[name], shape) for name in ("w", "b") if name in found.tensors]
    if not norm.attributes.get("plain") or any(way is None for way in ways):
        return None
    attributes = {name: value for name, value in norm.attributes.items() if name != "plain"}
    names = [constant(program, way) for way in ways]
    return Step(norm.kind, [norm.inputs[0], *names], end.outputs, attributes, end.name)


def per_channel(program: Program, name: str, shape: tuple[int, ...]) -> Numbers | None:
    """A constant that is laid over tensors of `shape` (batch first) as one number a channel, else None."""
    held = program.constants.get(name)
    if held is None or held.ndim > len(shape):
        return None
    full = held.reshape([1] * (len(shape) - held.ndim) + list(held.shape))
    if full.shape[1] not in (1, shape[1]) or full.size != full.shape[1]:
        return None
    return np.broadcast_to(full.reshape(-1), shape[1:2]).astype(np.float32)


def _standardised(program: Program, found: Found, end: Step) -> Step | None:
    x = found.tensors["x"]
    rank = len(program.shapes[x])
    over = [
        sorted(axis for key, step in found.named.items() if key.startswith(name) for axis in _axes(program, step, rank))
        for name in ("mean", "square")
    ]
    ways = {1: "per image (mean 0, spread 1)", 2: "per channel (mean 0, spread 1)"}
    way = next((way for first, way in ways.items() if over == 2 * [list(range(first, rank))]), "")
    return Step("Standardise", [x], end.outputs, {"method": way}, end.name) if way else None


def _ranged(program: Program, found: Found, end: Step) -> Step | None:
    x = found.tensors["x"]
    shape = program.shapes[x]
    ways = [per_channel(program, found.tensors[name], shape) for name in ("low", "width")]
    maker = program.makers().get(x)
    early = x in program.inputs or (maker is not None and maker.kind in _PREPARATION)
    if len(shape) < 3 or not early or ways[0] is None or ways[1] is None or (ways[1] <= 0).any():
        return None
    attributes = {"low": ways[0], "width": ways[1]}
    kind = "Window" if end.kind == "Clip" else "Range"
    if kind == "Window" and any(len(set(way.tolist())) > 1 for way in (ways[0], ways[1])):
        return None
    return Step(kind, [x], end.outputs, attributes, end.name)


def _linear(program: Program, found: Found, end: Step) -> Step | None:
    """A product with weights, and what is added to it, is one dense layer."""
    weights, offset = program.constants[found.tensors["w"]], program.constants[found.tensors["b"]]
    if weights.ndim != 2 or offset.size != weights.shape[1] or offset.shape[-1:] != weights.shape[1:]:
        return None
    names = [found.tensors["x"], found.tensors["w"], constant(program, offset.reshape(-1))]
    return Step("Linear", names, end.outputs, {}, end.name or found.named["product"].name)


def _offset_convolution(program: Program, found: Found, end: Step) -> Step | None:
    """A convolution without an offset, and one added to each of its maps."""
    way = found.named["way"]
    offset = per_channel(program, found.tensors["b"], program.shapes[way.outputs[0]])
    if offset is None or way.input(2):
        return None
    return Step(way.kind, [*way.inputs[:2], constant(program, offset)], end.outputs, way.attributes, way.name)


def _channel_scale(program: Program, found: Found, end: Step) -> Step | None:
    """One factor and one offset for each channel."""
    x = found.tensors["x"]
    ways = [per_channel(program, found.tensors[name], program.shapes[x]) for name in ("w", "b")]
    if any(way is None or len(set(way.tolist())) == 1 for way in ways[:1]) or ways[1] is None:
        return None
    names = [constant(program, way) for way in ways]
    return Step("ChannelScale", [x, *names], end.outputs, {}, end.name)


def _no_padding(program: Program, found: Found, end: Step) -> Step | None:
    """A border of nothing."""
    pads = program.constants[found.tensors["pads"]]
    return Step("Identity", [found.tensors["x"]], end.outputs, {}, end.name) if not pads.any() else None


_W, _B = Fixed("w"), Fixed("b")
_NORM = op("LayerNormalization", "x", as_="norm")
_GROUPED = op("GroupNormalization", "x", as_="norm")
_CHANNELS = op("ChannelNormalization", "x", as_="norm")
_RULES: tuple[tuple[Op, Make], ...] = (
    *((pattern, _standardised) for pattern in STANDARDISED),
    (WINDOWED, _ranged),
    (RANGED, _ranged),
    *((pattern, _activation(kind)) for kind, patterns in CURVES.items() for pattern in patterns),
    *((pattern, ordinal) for pattern in ORDINALS),
    *((pattern, _layer_norm) for pattern in LAYER_NORMS),
    (op("Mul", _NORM, _W), _scaled_norm),
    (op("Add", _NORM, _B), _shifted_norm),
    (GROUP_NORM, _group_norm),
    *((op("Add", op("Mul", norm, _W), _B), _channel_affine) for norm in (_GROUPED, _CHANNELS)),
    (op("Add", op("MatMul", "x", _W, as_="product"), _B), _linear),
    (op("Add", op("Conv", "x", _W, as_="way"), _B), _offset_convolution),
    (op("Add", op("ConvTranspose", "x", _W, as_="way"), _B), _offset_convolution),
    (op("Pad", "x", Fixed("pads")), _no_padding),
    (op("Add", op("Mul", "x", _W), _B), _channel_scale),
)
"""In this order: what is bigger, or contains another, comes first."""
