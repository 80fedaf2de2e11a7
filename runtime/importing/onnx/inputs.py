"""The inputs of a model: which shapes its tensors have, where the file leaves sizes open."""

from __future__ import annotations

from dataclasses import dataclass, field

import onnx

from runtime.delivery.contract import KEY, Contract, InputContract, parse
from runtime.errors import RunError
from runtime.importing.imported import ImportRefused
from runtime.importing.onnx.program import Sizes
from runtime.importing.onnx.working_out import BATCH

_USUAL = 224  # pixels along an axis that the file leaves open
_MOST_AXES = 4


@dataclass(slots=True)
class Taken:
    """The shapes of the inputs, batch first, by name; and which of them the file left open."""

    sizes: dict[str, Sizes] = field(default_factory=dict)
    open: dict[str, Sizes] = field(default_factory=dict)  # input -> the shape chosen for it, without the batch


def contract_in(model: onnx.ModelProto) -> Contract | None:
    """What a model that this program exported says of itself, None for other models. Raises ImportRefused."""
    told = next((entry.value for entry in model.metadata_props if entry.key == KEY), None)
    try:
        return None if told is None else parse(told)
    except RunError as error:
        raise ImportRefused(str(error)) from error


def entries_of(contract: Contract | None) -> dict[str, InputContract]:
    """What the file says of its inputs, by the names of their tensors; nothing where this program did not write it."""
    return {entry.tensor: entry for entry in contract.inputs} if contract is not None else {}


def inputs_of(model: onnx.ModelProto, file: str, contract: Contract | None) -> Taken:
    """The shape of every input. Raises ImportRefused for one that is no batch of images or features."""
    weights = {tensor.name for tensor in model.graph.initializer}
    taken = Taken()
    given = [value for value in model.graph.input if value.name not in weights]
    if not given:
        raise ImportRefused(f"{file} takes no input: all that it gives is fixed.")
    for value in given:
        _take(value, file, contract, taken)
    batches = {shape[0] for shape in taken.sizes.values()}
    fixed = batches - {BATCH}
    if len(fixed) > 1:
        raise ImportRefused(
            f"The inputs of {file} begin with the sizes {', '.join(map(str, sorted(fixed)))}; the first axis is the "
            "batch here, which all inputs share. Export it with the batch as the first axis of every input."
        )
    if fixed:
        taken.sizes = {name: (*fixed, *shape[1:]) for name, shape in taken.sizes.items()}
    return taken


def _take(value: onnx.ValueInfoProto, file: str, contract: Contract | None, taken: Taken) -> None:
    tensor = value.type.tensor_type
    if not value.type.HasField("tensor_type") or not tensor.HasField("shape"):
        raise ImportRefused(f"{file} does not say which shape its input “{value.name}” has; export it with shapes.")
    sides = [side.dim_value if side.dim_value > 0 else 0 for side in tensor.shape.dim]
    if not 2 <= len(sides) <= _MOST_AXES + 1:
        raise ImportRefused(
            f"The input “{value.name}” of {file} has {len(sides)} axes; a batch of lists, signals, images or volumes "
            "has 2 to 5, the batch first."
        )
    batch, *rest = sides
    told = _told(value.name, contract)
    if told and len(told) == len(rest):
        rest = list(told)
    elif 0 in rest:
        rest = _chosen(value.name, file, rest)
        taken.open[value.name] = tuple(rest)
    taken.sizes[value.name] = (batch or BATCH, *rest)


def _told(name: str, contract: Contract | None) -> Sizes:
    found = next((entry for entry in contract.inputs if entry.tensor == name), None) if contract else None
    return () if found is None else (found.channels, *found.size)


def _chosen(name: str, file: str, rest: list[int]) -> list[int]:
    if not rest[0]:
        raise ImportRefused(
            f"{file} leaves open how many channels its input “{name}” has; export it with a fixed number of them."
        )
    return [side or _USUAL for side in rest]
