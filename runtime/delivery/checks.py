"""On what an export is compared with the trained network, and what counts as the same answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from runtime.compile import Network, compile_graph
from runtime.delivery.contract import Contract, InputContract, Precision
from runtime.errors import RunError

Case = Tensor | Mapping[str, Tensor]
"""One case: the image (channels, *any size) of the only input, or such tensors by source id."""

Batch = list[Tensor]

TOLERANCE = 1e-4  # of the largest answer, or of 1


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written and how it was checked: `max_abs_difference` over all answers of all checks."""

    file: Path
    opset: int
    checked_cases: int
    max_abs_difference: float
    drawn: bool = False  # whether the cases were noise, because the model takes no images
    precision: Precision = "single"
    loss: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # as in the contract
    notes: tuple[str, ...] = ()  # what is to be known of the cases


def copy_on_cpu(network: Network) -> Network:
    copy = compile_graph(network.analysis)
    copy.load_state_dict(network.state_dict())
    return copy


def case_tensors(case: Case, place: int, contract: Contract, inputs: Sequence[str]) -> Batch:
    """One case as a batch of one for each input; noise, and what no data are for, is drawn anew for each `place`.

    Raises RunError when the case has no image for an input that takes images.
    """
    data = next((node_id for node_id, entry in zip(inputs, contract.inputs, strict=True) if entry.feed == "data"), "")
    given = dict(case) if isinstance(case, Mapping) else {data: case}
    generator = torch.Generator().manual_seed(place)
    tensors = []
    for node_id, entry in zip(inputs, contract.inputs, strict=True):
        if node_id in given:
            tensors.append(given[node_id].detach().cpu().float()[None])
        elif entry.feed == "data":
            raise RunError(f"A case to check the export with has no image for “{entry.name}”.", node_id)
        else:
            tensors.append(torch.randn(1, entry.channels, *entry.size, generator=generator))
    return tensors


def check_batches(cases: Sequence[Batch], contract: Contract) -> list[Batch]:
    """What an export is checked on: each case alone, two and more of equal size together, and two at another size."""
    start = cases[0] if cases else _drawn(contract)
    alike = [case for case in cases if [t.shape for t in case] == [t.shape for t in start]] or [start]
    pair = _stack([alike[0], alike[-1]])
    many = _stack((alike * 3)[: max(3, min(len(alike), 8))])
    resized = [_other_size(tensor, entry) for tensor, entry in zip(pair, contract.inputs, strict=True)]
    return [*cases, start, many, resized, pair]


def _drawn(contract: Contract) -> Batch:
    generator = torch.Generator().manual_seed(0)
    sizes = [tuple(side + 5 for side in entry.size) if entry.rule else entry.size for entry in contract.inputs]
    return [
        torch.randn(1, entry.channels, *size, generator=generator) * (1 if entry.feed == "noise" else 100)
        for entry, size in zip(contract.inputs, sizes, strict=True)
    ]


def _stack(cases: Sequence[Batch]) -> Batch:
    return [torch.cat(column) for column in zip(*cases, strict=True)]


def _other_size(tensor: Tensor, entry: InputContract) -> Tensor:
    if entry.rule is None:
        return tensor
    sides = [side + 3 + 4 * axis for axis, side in enumerate(tensor.shape[2:])]
    return torch.nn.functional.interpolate(tensor, size=sides, mode="nearest")


def free_axes(contract: Contract) -> tuple[dict[int, Any], ...]:
    """For each input, which axes may have any size."""
    return tuple(_free_axes(index, entry) for index, entry in enumerate(contract.inputs))


def _free_axes(index: int, entry: InputContract) -> dict[int, Any]:
    """Which axes of an input may have any size: the batch, and the pixels of what the model fits itself."""
    free: dict[int, Any] = {0: torch.export.Dim("batch", min=1)}
    if entry.rule is not None:
        axes = ("slices", "rows", "columns")[-len(entry.size) :]
        free |= {2 + at: torch.export.Dim(f"{axis}_{index}", min=1) for at, axis in enumerate(axes)}
    return free


def compared(wanted: NDArray[Any], answer: NDArray[Any], framed: bool = False) -> float:
    """The largest difference of two answers. Raises RunError where it exceeds the tolerance. Of boxes (`framed`), which
    may be equally probable, the order does not matter."""
    if wanted.shape != answer.shape:
        raise RunError(f"The exported model answers with {answer.shape}, the trained one with {wanted.shape}.")
    if not wanted.size:
        return 0.0
    apart = _boxes_apart(wanted, answer) if framed else _apart(wanted, answer)
    difference = float(apart.max())
    allowed = TOLERANCE * max(1.0, float(np.abs(wanted[np.isfinite(wanted)]).max(initial=0.0)))
    if not difference <= allowed:  # also when it is not a number
        raise RunError(
            f"The exported model's answers differ from the trained model's by {difference:.3g}, and {allowed:.3g} is "
            "allowed; the file was not kept."
        )
    return difference


def _apart(wanted: NDArray[Any], answer: NDArray[Any]) -> NDArray[Any]:
    """The differences value by value; 0 where both are the same infinity, as an exponential of large values is."""
    differ = wanted != answer
    apart = np.zeros(wanted.shape)
    np.subtract(wanted, answer, where=differ, out=apart, dtype=np.float64)
    return np.abs(apart)


def _boxes_apart(wanted: NDArray[Any], answer: NDArray[Any]) -> NDArray[Any]:
    """How far each box (N, K, 6) of both is from the nearest of the other: the largest difference of its numbers."""
    each = np.abs(wanted[:, :, None].astype(np.float64) - answer[:, None]).max(axis=3)
    return np.stack([each.min(axis=1), each.min(axis=2)])
