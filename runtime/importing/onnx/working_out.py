"""A model worked through from its inputs: shapes told, and everything that does not depend on the inputs made a number.

A free batch axis is given a size that no other axis is likely to have, so that it is told from them afterwards.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, shape_inference
from onnx.reference import ReferenceEvaluator

from runtime.importing.imported import ImportRefused
from runtime.importing.onnx.attention_apart import ADDED, MICROSOFT
from runtime.importing.onnx.program import Numbers, Program, Sizes, Step, steps_of, weights_in
from runtime.importing.onnx.reading import opset_of
from runtime.importing.onnx.spelling import modern

BATCH = 97  # a prime: no product of other sizes
_MOST_VALUES = 2**28  # that a constant may have
_SMALL = 4096  # values up to which shape inference is told what a constant holds
_NEWEST = onnx.defs.onnx_opset_version()
_DRAWN = frozenset({"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial",
                    "Bernoulli"})  # fmt: skip
_FAILURES = (RuntimeError, ValueError, TypeError, IndexError, KeyError, AttributeError, ArithmeticError)
_SHAPED_ALIKE = frozenset({"GroupNormalization", "Celu", "Mish", "HardSwish", "Gelu", "Swish", "LayerNormalization"})
"""Operators that leave the shape alone, of which some have no rule that says so."""
_FLOAT, _INT, _BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
_FRACTIONS = frozenset({_FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16})


def worked_out(model: onnx.ModelProto, file: str, sizes: dict[str, Sizes]) -> Program:
    """The steps that depend on the model's inputs, whose shapes (batch first) are `sizes`. Raises ImportRefused."""
    constants = weights_in(model.graph)
    outputs = tuple(value.name for value in model.graph.output)
    whole = frozenset(
        value.name for value in model.graph.input if value.type.tensor_type.elem_type in (_INT, TensorProto.INT32)
    )
    batch = next(iter(sizes.values()))[0]
    program = Program(file, opset_of(model), [], constants, sizes, outputs, batch, whole, dict(sizes))
    walk = _Walk(program)
    walk.run(deque(steps_of(model.graph)))
    program.outputs = tuple(walk.real(name) for name in outputs)
    return program


class _Walk:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.types: dict[str, int] = {name: _INT if name in program.whole else _FLOAT for name in program.inputs}
        self.same: dict[str, str] = {}  # a tensor -> the one that it equals

    def real(self, name: str) -> str:
        return self.same.get(name, name)

    def run(self, waiting: deque[Step]) -> None:
        while waiting:
            step = waiting.popleft()
            step.inputs = [self.real(name) for name in step.inputs]
            if step.kind == "If" and not step.domain:
                waiting.extendleft(reversed(self._branch(step)))
            elif step.domain == MICROSOFT and step.kind in ADDED:
                waiting.extendleft(reversed(ADDED[step.kind](step, self.program)))
            elif step.domain:
                self._known(step)
            else:
                for one in modern(step, self.program):
                    self._take(one)

    def _take(self, step: Step) -> None:
        program = self.program
        given = [name for name in step.inputs if name]
        if step.kind == "Shape" or step.kind == "Size":
            self._shape(step)
        elif step.kind not in _DRAWN and all(name in program.constants for name in given):
            self._evaluate(step)
        elif self._passes(step):
            self.same[step.outputs[0]] = step.inputs[0]
        elif self._as_another_type(step):
            program.shapes[step.outputs[0]] = program.shapes[step.inputs[0]]
            program.steps.append(Step("Identity", step.inputs[:1], step.outputs, {}, step.name))
        else:
            self._infer(step)
            program.steps.append(step)

    def _passes(self, step: Step) -> bool:
        return step.kind == "Identity" or (step.kind == "Dropout" and self.program.number(step.input(1)) == 0)

    def _as_another_type(self, step: Step) -> bool:
        """Whether the step writes the same numbers in another type: numbers with a fraction are all alike here."""
        if step.kind not in ("Cast", "CastLike"):
            return False
        to = step.attributes["to"] if step.kind == "Cast" else self._type(step.inputs[1])
        to, came = _FLOAT if to in _FRACTIONS else to, self._type(step.inputs[0])
        if to != came and (came == _FLOAT or to == _BOOL):
            return False
        self.types[step.outputs[0]] = to
        return True

    def _type(self, name: str) -> int:
        held = self.program.constants.get(name)
        return _kind(held) if held is not None else self.types[name]

    def _shape(self, step: Step) -> None:
        name = step.inputs[0]
        found = self.program.constants.get(name)
        shape = found.shape if found is not None else self.program.shapes[name]
        part = shape[step.attributes.get("start", 0) : step.attributes.get("end")]
        whole = int(np.prod(shape, dtype=np.int64))
        values = np.asarray(part, np.int64) if step.kind == "Shape" else np.asarray(whole)
        self.program.constants[step.outputs[0]] = values

    def _evaluate(self, step: Step) -> None:
        told = self._told(step)
        for name in step.outputs:
            shape = told.get(name, (None, None))[1]
            if shape is None or int(np.prod(shape, dtype=np.float64)) > _MOST_VALUES:
                raise ImportRefused(
                    f"{self.program.file} would make a constant of a size that cannot be told or held ({step.title})."
                )
        node = self._node(step)
        node_inputs = {name: self.program.constants[name] for name in step.inputs if name}
        try:
            with np.errstate(all="ignore"):
                values = ReferenceEvaluator(_alone(node, node_inputs, step.outputs)).run(None, node_inputs)
        except _FAILURES as error:
            raise ImportRefused(
                f"{self.program.file} computes a constant in a way that is not understood ({step.title})."
            ) from error
        for name, value in zip(step.outputs, values, strict=False):
            if name:
                array = np.asarray(value)
                self.program.constants[name] = array.astype(np.float32) if array.dtype.kind == "f" else array

    def _infer(self, step: Step) -> None:
        told = self._told(step)
        for name in step.outputs:
            kind, shape = told.get(name, (None, None))
            if not name:
                continue
            if shape is None and step.kind in _SHAPED_ALIKE:
                kind, shape = _FLOAT, self.program.shapes[step.inputs[0]]
            if shape is None or kind is None:
                raise ImportRefused(
                    f"{self.program.file} holds a tensor whose shape depends on the values in an image ({step.title}); "
                    "such a network cannot be drawn here."
                )
            self.program.shapes[name], self.types[name] = shape, kind

    def _told(self, step: Step) -> dict[str, tuple[int | None, Sizes | None]]:
        """Type and shape of each output, as the operator's own rule says; None for what it does not."""
        schema = self._known(step)
        step.attributes = {name: value for name, value in step.attributes.items() if name in schema.attributes}
        types, data = {}, {}
        for name in filter(None, step.inputs):
            held = self.program.constants.get(name)
            shape = held.shape if held is not None else self.program.shapes[name]
            kind = _kind(held) if held is not None else self.types[name]
            types[name] = helper.make_tensor_type_proto(kind, list(shape))
            if held is not None and held.size <= _SMALL and held.dtype.kind in "fiub":
                data[name] = onnx.numpy_helper.from_array(np.asarray(held, order="C"), name)
        try:
            found = shape_inference.infer_node_outputs(
                schema, self._node(step), types, data, opset_imports=[helper.make_opsetid("", _NEWEST)]
            )
        except (shape_inference.InferenceError, onnx.checker.ValidationError, RuntimeError, ValueError) as error:
            raise ImportRefused(
                f"{self.program.file} is not sound at {step.title}: {' '.join(str(error).split())[:160].rstrip('.')}."
            ) from error
        return {name: _read(told) for name, told in found.items()}

    def _known(self, step: Step) -> onnx.defs.OpSchema:
        from runtime.importing.onnx.layers import refusal

        try:
            if step.domain:
                raise onnx.defs.SchemaError
            return onnx.defs.get_schema(step.kind, _NEWEST, "")
        except onnx.defs.SchemaError:
            raise ImportRefused(refusal(self.program.file, [step])) from None

    def _node(self, step: Step) -> onnx.NodeProto:
        names = [name or "" for name in step.inputs]
        return helper.make_node(step.kind, names, step.outputs, **{
            name: onnx.numpy_helper.from_array(value) if isinstance(value, np.ndarray) else value
            for name, value in step.attributes.items()
        })  # fmt: skip

    def _branch(self, step: Step) -> list[Step]:
        """The steps of the branch that an If takes, where that does not depend on the inputs."""
        chosen = self.program.number(step.inputs[0])
        if chosen is None:
            raise ImportRefused(
                f"{self.program.file} decides by the values in an image what it computes ({step.title}); such a "
                "network cannot be drawn here."
            )
        graph: onnx.GraphProto = step.attributes["then_branch" if chosen else "else_branch"]
        self.program.constants.update(weights_in(graph))
        ends = [
            Step("Identity", [value.name], [name], {}, step.name)
            for value, name in zip(graph.output, step.outputs, strict=False)
        ]
        return [*steps_of(graph), *ends]


def _kind(values: Numbers) -> int:
    return int(helper.np_dtype_to_tensor_dtype(values.dtype))


def _read(told: Any) -> tuple[int | None, Sizes | None]:
    tensor = told.tensor_type
    if not tensor.HasField("shape"):
        return tensor.elem_type or None, None
    sizes = [side.dim_value if side.HasField("dim_value") else None for side in tensor.shape.dim]
    known = tuple(side for side in sizes if side is not None)
    return tensor.elem_type or None, known if len(known) == len(sizes) else None


def _alone(node: onnx.NodeProto, given: dict[str, Numbers], outputs: list[str]) -> onnx.ModelProto:
    """A model of one operator."""
    inputs = [helper.make_tensor_value_info(name, _kind(value), value.shape) for name, value in given.items()]
    ends = [helper.make_value_info(name, onnx.TypeProto()) for name in outputs if name]
    graph = helper.make_graph([node], "one", inputs, ends)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", _NEWEST)])
