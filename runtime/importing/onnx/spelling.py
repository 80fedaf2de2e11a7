"""Operators as older operator sets wrote them, brought to the way in which the newest writes them.

Most changes moved an attribute to an input; https://onnx.ai/onnx/operators tells each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from runtime.importing.imported import ImportRefused
from runtime.importing.onnx.attention_apart import attention_apart
from runtime.importing.onnx.program import Numbers, Program, Step

_MOVED: Mapping[str, tuple[tuple[int, tuple[str, ...]], ...]] = {
    "Reshape": ((1, ("shape",)),),
    "Expand": ((1, ("shape",)),),
    "Pad": ((1, ("pads", "paddings")), (2, ("value",))),
    "Clip": ((1, ("min",)), (2, ("max",))),
    "Squeeze": ((1, ("axes",)),),
    "Unsqueeze": ((1, ("axes",)),),
    "Slice": ((1, ("starts",)), (2, ("ends",)), (3, ("axes",))),
    "Split": ((1, ("split",)),),
    "Dropout": ((1, ("ratio",)),),
    "Upsample": ((1, ("scales",)),),
    **{f"Reduce{way}": ((1, ("axes",)),) for way in (
        "Mean", "Sum", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare")},
}  # fmt: skip
"""Operator -> (place of the input, names of the attribute that became it)."""

_WHOLE = {"shape", "pads", "paddings", "axes", "starts", "ends", "split"}
_ALIGNED = frozenset({"Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less", "PRelu"})
_EXPERIMENTAL = frozenset({"Affine", "Crop", "ImageScaler", "Scale", "ParametricSoftplus", "ScaledTanh"})


def modern(step: Step, program: Program) -> list[Step]:
    """The step in today's spelling, as one step or several. Raises ImportRefused for what has no such spelling."""
    step.attributes.pop("consumed_inputs", None)
    for place, names in _MOVED.get(step.kind, ()):
        for name in names:
            if name in step.attributes:
                _move(step, program, place, name)
    if step.kind in _ALIGNED and program.opset < 7:
        _align(step, program)
    rewrite = _REWRITES.get(step.kind)
    return rewrite(step, program) if rewrite is not None else [step]


def constant(program: Program, values: Any, *, whole: bool = False) -> str:
    """Add a constant and give its name."""
    name = program.fresh("constant")
    program.constants[name] = np.asarray(values, np.int64 if whole else np.float32)
    return name


def _move(step: Step, program: Program, place: int, name: str) -> None:
    value = step.attributes.pop(name)
    step.inputs += [""] * (place + 1 - len(step.inputs))
    step.inputs[place] = constant(program, value, whole=name in _WHOLE)


def _align(step: Step, program: Program) -> None:
    """Before operator set 7, the second operand was laid along an axis that `axis` named."""
    axis = step.attributes.pop("axis", None)
    step.attributes.pop("broadcast", None)
    rank = len(program.shapes.get(step.inputs[0], ()))
    other = program.constants.get(step.inputs[1])
    if step.kind == "PRelu" and other is not None and other.size > 1:
        axis = 1
    if axis is None or other is None:
        return
    axis = axis % rank if rank else 0
    shape = (*other.shape, *[1] * (rank - axis - other.ndim))
    step.inputs[1] = program.fresh("aligned")
    program.constants[step.inputs[1]] = other.reshape(shape)


def _constant(step: Step, program: Program) -> list[Step]:
    value = next(iter(step.attributes.values()))
    if isinstance(value, str) or (isinstance(value, list) and value and isinstance(value[0], str | bytes)):
        raise ImportRefused(f"{program.file} works with text ({step.title}); only networks of numbers can be opened.")
    if not isinstance(value, np.ndarray):
        whole = all(isinstance(part, int) for part in (value if isinstance(value, list) else [value]))
        value = np.asarray(value, np.int64 if whole else np.float32)
    program.constants[step.outputs[0]] = value
    return []


def _upsample(step: Step, program: Program) -> list[Step]:
    scales = step.input(1)
    if not scales:
        sides = [step.attributes.pop(name, 1.0) for name in ("height_scale", "width_scale")]
        scales = constant(program, [1.0, 1.0, *sides])
    return [_resized(step, [step.inputs[0], "", scales])]


def _resize(step: Step, program: Program) -> list[Step]:
    return [_resized(step, [step.inputs[0], "", step.inputs[1]])] if program.opset < 11 else [step]


def _resized(step: Step, inputs: list[str]) -> Step:
    mode = step.attributes.get("mode", "nearest")
    attributes = {
        "mode": "linear" if mode in ("bilinear", "trilinear") else mode,
        "coordinate_transformation_mode": "asymmetric",
        "nearest_mode": "floor",
    }
    return Step("Resize", inputs, step.outputs, attributes, step.name)


def _softmax(step: Step, program: Program) -> list[Step]:
    """Before operator set 13, all axes from `axis` on were taken as one."""
    if program.opset >= 13:
        return [step]
    rank = len(program.shapes[step.inputs[0]])
    axis = step.attributes.get("axis", 1) % rank
    shape = program.shapes[step.inputs[0]]
    wide = [place for place in range(axis, rank) if shape[place] != 1]
    if len(wide) <= 1:
        step.attributes["axis"] = wide[0] if wide else axis
        return [step]
    flat, made = program.fresh("flat"), program.fresh("made")
    return [
        Step("Flatten", [step.inputs[0]], [flat], {"axis": axis}, step.name),
        Step(step.kind, [flat], [made], {"axis": 1}, step.name),
        Step("Reshape", [made, constant(program, shape, whole=True)], step.outputs, {}, step.name),
    ]


def _normalised(step: Step, program: Program) -> list[Step]:
    if step.attributes.pop("spatial", 1) == 0 or step.attributes.get("training_mode", 0):
        raise ImportRefused(
            f"{program.file} has a batch normalisation ({step.title}) that is in training or counts each pixel by "
            "itself; export the network for inference (model.eval())."
        )
    step.attributes.pop("is_test", None)
    step.outputs = step.outputs[:1]
    return [step]


def _group_normalised(step: Step, program: Program) -> list[Step]:
    """Before operator set 21, a group had one scale and one offset."""
    groups, channels = step.attributes["num_groups"], program.shapes[step.inputs[0]][1]
    for place in (1, 2):
        given = program.constants.get(step.inputs[place])
        if program.opset < 21 and given is not None and given.size == groups != channels:
            step.inputs[place] = constant(program, np.repeat(given, channels // groups))
    return [step]


def _gemm(step: Step, _program: Program) -> list[Step]:
    step.attributes.pop("broadcast", None)
    return [step]


def _dropout(step: Step, _program: Program) -> list[Step]:
    step.attributes.clear()
    step.inputs, step.outputs = step.inputs[:2], step.outputs[:1]
    return [step]


def _split(step: Step, _program: Program) -> list[Step]:
    """Before operator set 18, as many equal parts as there are outputs went without saying."""
    if not step.input(1) and "num_outputs" not in step.attributes:
        step.attributes["num_outputs"] = len(step.outputs)
    return [step]


def _experimental(step: Step, program: Program) -> list[Step]:
    """Operators that were tried out in the first operator sets; onnxruntime still runs some."""
    given, told = step.inputs[0], step.attributes
    match step.kind:
        case "Crop":
            return [_cropped(step, program)]
        case "ImageScaler":
            bias = np.asarray(told.get("bias", [0.0]), np.float32).reshape(-1, 1, 1)
            return _linear(step, program, told.get("scale", 1.0), bias)
        case "ParametricSoftplus":
            inner = _linear(Step("", [given], [program.fresh("scaled")]), program, told.get("beta", 1.0), 0.0)
            soft = Step("Softplus", inner[-1].outputs, [program.fresh("soft")], {}, step.name)
            return [*inner, soft, *_linear(Step("", soft.outputs, step.outputs), program, told.get("alpha", 1.0), 0.0)]
        case "ScaledTanh":
            inner = _linear(Step("", [given], [program.fresh("scaled")]), program, told.get("beta", 1.0), 0.0)
            tanh = Step("Tanh", inner[-1].outputs, [program.fresh("tanh")], {}, step.name)
            return [*inner, tanh, *_linear(Step("", tanh.outputs, step.outputs), program, told.get("alpha", 1.0), 0.0)]
    return _linear(step, program, told.get("alpha", told.get("scale", 1.0)), told.get("beta", 0.0))


def _linear(step: Step, program: Program, factor: float, offset: float | Numbers) -> list[Step]:
    scaled = program.fresh("scaled")
    return [
        Step("Mul", [step.inputs[0], constant(program, factor)], [scaled], {}, step.name),
        Step("Add", [scaled, constant(program, offset)], step.outputs, {}, step.name),
    ]


def _cropped(step: Step, program: Program) -> Step:
    left, top, right, bottom = step.attributes["border"]
    rows, columns = program.shapes[step.inputs[0]][2:]
    kept = step.attributes.get("scale", [rows - top - bottom, columns - left - right])
    ranges = ([top, left], [top + kept[0], left + kept[1]], [2, 3])
    return Step("Slice", [step.inputs[0], *(constant(program, one, whole=True) for one in ranges)], step.outputs, {},
                step.name)  # fmt: skip


_REWRITES: Mapping[str, Callable[[Step, Program], list[Step]]] = {
    "Constant": _constant,
    "Upsample": _upsample,
    "Resize": _resize,
    "Softmax": _softmax,
    "LogSoftmax": _softmax,
    "BatchNormalization": _normalised,
    "GroupNormalization": _group_normalised,
    "Gemm": _gemm,
    "Dropout": _dropout,
    "Split": _split,
    "Attention": attention_apart,
    **dict.fromkeys(_EXPERIMENTAL, _experimental),
}
