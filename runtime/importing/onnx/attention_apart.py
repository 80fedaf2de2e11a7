"""Attention that a file holds as one operator, taken apart into products as other exporters write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np

from runtime.importing.onnx.program import Program, Step, refused

MICROSOFT = "com.microsoft"
"""The operators that onnxruntime adds, and its tools for smaller transformers write."""


class _Writer:
    """Writes steps in the place of one."""

    def __init__(self, step: Step, program: Program) -> None:
        self.step = step
        self.program = program
        self.steps: list[Step] = []

    def constant(self, values: object, *, whole: bool = False) -> str:
        name = self.program.fresh("constant")
        self.program.constants[name] = np.asarray(values, np.int64 if whole else np.float32)
        return name

    def write(self, kind: str, *inputs: str, **attributes: object) -> str:
        name = self.program.fresh("apart")
        self.steps.append(Step(kind, list(inputs), [name], attributes, self.step.name))
        return name

    def refuse(self, unknown: Mapping[str, bool]) -> None:
        """Raise ImportRefused for the first of what is there and has no counterpart."""
        for why, there in unknown.items():
            if there:
                raise refused(self.program.file, self.step, why)

    def heads(self, name: str, count: int, order: tuple[int, ...]) -> str:
        """(N, places, features) with the features dealt out to heads, in another order of (N, places, heads, own)."""
        parted = self.write("Reshape", name, self.constant([0, 0, count, -1], whole=True))
        return self.write("Transpose", parted, perm=list(order))

    def looked(self, query: str, key: str, value: str, scale: float) -> str:
        """softmax(query · key · scale) · value, keys turned."""
        scores = self.write("Mul", self.write("MatMul", query, key), self.constant(scale))
        return self.write("MatMul", self.write("Softmax", scores, axis=-1), value)

    def together(self, name: str) -> str:
        """(N, heads, places, own) as (N, places, features)."""
        turned = self.write("Transpose", name, perm=[0, 2, 1, 3])
        return self.write("Reshape", turned, self.constant([0, 0, -1], whole=True))

    def whole(self, query: str, key: str, value: str, heads: int, scale: float) -> str:
        """Attention between (N, places, features)."""
        queries, values = (self.heads(one, heads, (0, 2, 1, 3)) for one in (query, value))
        return self.together(self.looked(queries, self.heads(key, heads, (0, 2, 3, 1)), values, scale))

    def ended(self, name: str) -> list[Step]:
        """All steps, the last of which gives what the one did."""
        self.steps[-1].outputs = [self.step.outputs[0]]
        return self.steps


def attention_apart(step: Step, program: Program) -> list[Step]:
    """The standard operator (from operator set 23 on), on (N, places, features) or (N, heads, places, own)."""
    writer, told = _Writer(step, program), step.attributes
    writer.refuse({
        "has a mask": bool(step.input(3)),
        "goes on from what was seen before (past keys and values)": bool(step.input(4) or step.input(5)),
        "looks back only (is_causal)": bool(told.get("is_causal", 0)),
        "flattens its scores (softcap)": bool(told.get("softcap", 0.0)),
        "has fewer heads for keys than for queries": told.get("q_num_heads") != told.get("kv_num_heads"),
        "gives its keys, values or scores": any(step.outputs[1:]),
    })  # fmt: skip
    shape = program.shapes[step.inputs[0]]
    heads = int(told.get("q_num_heads", 0)) or shape[1]
    own = shape[-1] if len(shape) == 4 else shape[-1] // heads
    scale = float(told.get("scale", own**-0.5))
    query, key, value = step.inputs[:3]
    if len(shape) == 3:
        return writer.ended(writer.whole(query, key, value, heads, scale))
    return writer.ended(writer.looked(query, writer.write("Transpose", key, perm=[0, 1, 3, 2]), value, scale))


def _with_weights(step: Step, program: Program) -> list[Step]:
    """onnxruntime's Attention, which holds the dense layer before it."""
    writer, told = _Writer(step, program), step.attributes
    sizes = told.get("qkv_hidden_sizes") or [program.constants[step.inputs[1]].shape[1] // 3] * 3
    _check(writer, step.inputs[3:])
    dense = writer.write("MatMul", *step.inputs[:2])
    if step.input(2):
        dense = writer.write("Add", dense, step.input(2))
    ends = np.cumsum([0, *sizes])
    parts = [
        writer.write("Slice", dense, *(writer.constant([one], whole=True) for one in (first, last, 2)))
        for first, last in pairwise(ends)
    ]
    heads = int(told["num_heads"])
    scale = float(told.get("scale", 0.0)) or (sizes[0] / heads) ** -0.5
    return writer.ended(writer.whole(parts[0], parts[1], parts[2], heads, scale))


def _without_weights(step: Step, program: Program) -> list[Step]:
    """onnxruntime's MultiHeadAttention on queries, keys and values."""
    writer, told = _Writer(step, program), step.attributes
    _check(writer, step.inputs[4:])
    parts = step.inputs[:3]
    flat = all(part and len(program.shapes[part]) == 3 for part in parts)
    writer.refuse({"takes queries, keys and values packed into one": len(parts) < 3 or not flat})
    if step.input(3):
        held = program.constants.get(step.input(3))
        writer.refuse({"adds numbers that another layer makes": held is None})
        ends = np.cumsum([program.shapes[part][2] for part in parts])[:-1]
        offsets = np.split(np.zeros(0) if held is None else held, ends)
        parts = [writer.write("Add", part, writer.constant(own)) for part, own in zip(parts, offsets, strict=True)]
    heads = int(told["num_heads"])
    scale = float(told.get("scale", 0.0)) or (program.shapes[step.inputs[0]][2] / heads) ** -0.5
    return writer.ended(writer.whole(parts[0], parts[1], parts[2], heads, scale))


def _check(writer: _Writer, more: list[str]) -> None:
    told = writer.step.attributes
    writer.refuse({
        "has a mask, or goes on from what was seen before": any(more),
        "looks back only (unidirectional)": bool(told.get("unidirectional", 0)),
        "turns features by their place (rotary)": bool(told.get("do_rotary", 0)),
        "gives its keys, values or scores": any(writer.step.outputs[1:]),
    })  # fmt: skip


ADDED: Mapping[str, Callable[[Step, Program], list[Step]]] = {
    "Attention": _with_weights,
    "MultiHeadAttention": _without_weights,
}
"""What onnxruntime adds, by the operator's name."""
