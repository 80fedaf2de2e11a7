"""A model as a list of steps on named tensors: what the passes that follow read and rewrite."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from runtime.importing.imported import ImportRefused

Numbers = npt.NDArray[Any]
Sizes = tuple[int, ...]


@dataclass(slots=True, eq=False)
class Step:
    """One operator. `inputs` are names of tensors, "" for one left out; `attributes` are Python values."""

    kind: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    domain: str = ""

    def input(self, place: int) -> str:
        """The name of the input at this place, "" where there is none."""
        return self.inputs[place] if place < len(self.inputs) else ""

    @property
    def title(self) -> str:
        """The operator as a person finds it in the file."""
        name = self.name or (self.outputs[0] if self.outputs else "")
        return f"{self.kind} “{name}”" if name else self.kind


@dataclass(slots=True)
class Program:
    """Steps in an order in which they can run. `shapes` are those of all tensors, batch first; `batch` is the size
    of that axis, with which everything was worked out. Constants are numbers that do not depend on the inputs.
    """

    file: str
    opset: int
    steps: list[Step]
    constants: dict[str, Numbers]
    inputs: dict[str, Sizes]
    outputs: tuple[str, ...]
    batch: int = 1
    whole: frozenset[str] = frozenset()  # inputs that take whole numbers
    shapes: dict[str, Sizes] = field(default_factory=dict)

    def makers(self) -> dict[str, Step]:
        """The step that each tensor comes from."""
        return {name: step for step in self.steps for name in step.outputs if name}

    def readers(self) -> dict[str, list[Step]]:
        """The steps that read each tensor."""
        found: dict[str, list[Step]] = defaultdict(list)
        for step in self.steps:
            for name in dict.fromkeys(step.inputs):
                if name:
                    found[name].append(step)
        return found

    def constant(self, name: str) -> Numbers | None:
        """The numbers of a tensor that does not depend on the inputs, else None."""
        return self.constants.get(name)

    def number(self, name: str) -> float | None:
        """The one number that a constant holds everywhere, else None."""
        found = self.constants.get(name)
        if found is None or not found.size or found.dtype.kind not in "fiub":
            return None
        first = found.flat[0]
        return float(first) if bool((found == first).all()) else None

    def fresh(self, stem: str) -> str:
        """A name for a tensor that no other has."""
        name = f"{stem}~{len(self.shapes)}"
        self.shapes[name] = ()
        return name


def steps_of(graph: onnx.GraphProto) -> Iterator[Step]:
    """The operators of a graph, as written. Raises ImportRefused for numbers that cannot be read."""
    for node in graph.node:
        attributes = {entry.name: _value(entry) for entry in node.attribute}
        yield Step(
            node.op_type, list(node.input), list(node.output), attributes, node.name,
            "" if node.domain == "ai.onnx" else node.domain,
        )  # fmt: skip


def numbers(tensor: onnx.TensorProto) -> Numbers:
    """The values of a tensor; numbers with a fraction of any precision as float32. Raises ImportRefused."""
    try:
        array: Numbers = numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ImportRefused(f"The numbers of the tensor “{tensor.name}” cannot be read: they do not fit it.") from error
    if array.dtype.kind in "iub" or array.dtype == np.float32:
        return array
    return array if array.dtype.kind in "OSU" else array.astype(np.float32)


def weights_in(graph: onnx.GraphProto) -> dict[str, Numbers]:
    """The initial values of a graph by name."""
    return {tensor.name: numbers(tensor) for tensor in graph.initializer}


def _value(attribute: onnx.AttributeProto) -> Any:
    if attribute.type == onnx.AttributeProto.TENSOR:
        return numbers(attribute.t)
    value = onnx.helper.get_attribute_value(attribute)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def refused(file: str, step: Step, why: str) -> ImportRefused:
    """The refusal of a file because of a step: `why` goes on after its name."""
    return ImportRefused(
        f"{file} cannot be drawn here: its operator {step.title} {why}. Take it out of the network, or write it with "
        "layers that are here, and export it again."
    )


def same_number(one: float, other: float) -> bool:
    """Whether two numbers are the same but for the rounding of a file."""
    return math.isclose(one, other, rel_tol=1e-4, abs_tol=1e-6)
