"""ONNX export: the deployed model in one file, stripped of everything private, and checked before it gets its name."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnxscript import opset20
from torch import Tensor

from runtime.compile import Deployed, Network, compile_graph
from runtime.delivery.contract import KEY, Contract, InputContract
from runtime.delivery.strip import refuse_private, strip
from runtime.errors import RunError

Case = Tensor | Mapping[str, Tensor]
"""One case: the image (channels, *any size) of the only input, or such tensors by source id."""

Batch = list[Tensor]

_TOLERANCE = 1e-4
_OPSET = 20
_MOST_BYTES = 2**31 - 2**26  # protobuf ends at 2 GiB; the rest is room for the graph itself


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written and how it was checked: `max_abs_difference` over all answers of all checks."""

    file: Path
    opset: int
    checked_cases: int
    max_abs_difference: float
    drawn: bool = False  # whether the cases were noise, because the model takes no images


def export_onnx(network: Network, out: Path, contract: Contract, cases: Sequence[Case]) -> ExportReport:
    """Write the deployed model of a trained network to `out` and check it with onnxruntime against the network itself.

    Checked on each of the `cases` (real units, held out from training), on batches of several, and at another size.
    Raises RunError, and leaves no new file, when the answers differ by more than 1e-4·max(1, largest answer), when the
    file would tell where this machine keeps its data, when a node cannot be written as ONNX, or when `out` cannot be
    written.
    """
    deployed = Deployed(_copy_on_cpu(network))
    size = sum(tensor.nbytes for tensor in deployed.state_dict().values())
    if size > _MOST_BYTES:
        weights = f"{size / 2**30:.1f} GiB"
        raise RunError(f"The model has {weights} of weights, and an ONNX file holds 2 GiB; use fewer filters.")
    tensors = [case_tensors(case, place, contract, deployed.inputs) for place, case in enumerate(cases)]
    batches = _batches(tensors, contract)
    part = out.with_name(f".{out.name}.part")
    try:
        model = _model(deployed, contract, batches[-1])
        strip(model)
        difference = _difference(model.SerializeToString(), deployed, batches)
        finished = replace(contract, checked_cases=len(cases), max_abs_difference=difference)
        model.metadata_props.add(key=KEY, value=finished.text())
        refuse_private(model, _private(network))
        onnx.checker.check_model(model, full_check=True)
        _write(model.SerializeToString(), part)
        _difference(part.read_bytes(), deployed, batches[:1])
        os.replace(part, out)
    except OSError as error:
        raise RunError(f"{out} could not be written: {error.strerror or error}. Choose another place.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    return ExportReport(out, opset, len(cases), difference, drawn=takes_only_noise(contract))


def _copy_on_cpu(network: Network) -> Network:
    copy = compile_graph(network.analysis)
    copy.load_state_dict(network.state_dict())
    return copy


def takes_only_noise(contract: Contract) -> bool:
    """Whether all that the model takes is drawn: it makes images out of noise."""
    return all(entry.feed == "noise" for entry in contract.inputs)


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


def _batches(cases: Sequence[Batch], contract: Contract) -> list[Batch]:
    """The checks: each case alone, two and more of equal size together, and one case at another size."""
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


def _model(deployed: Deployed, contract: Contract, example: Batch) -> onnx.ModelProto:
    shapes = tuple(_free_axes(index, entry) for index, entry in enumerate(contract.inputs))
    with warnings.catch_warnings(), _quiet("torch.onnx._internal.exporter._registration"):
        # torch copies a LeafSpec of its own, which torch itself has deprecated.
        warnings.filterwarnings("ignore", r".*isinstance\(treespec, LeafSpec\).*", FutureWarning)
        # All inputs share the batch axis, and so its name, which is what is wanted.
        warnings.filterwarnings("ignore", r"# The axis name: batch will not be used", UserWarning)
        # Pieces of torch and onnxscript that the export runs through; nothing here calls them.
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"(torch|onnxscript|onnx_ir|copyreg)\b.*")
        try:
            program = torch.onnx.export(
                deployed, tuple(example), dynamo=True, dynamic_shapes=(shapes,), external_data=False, verbose=False,
                opset_version=_OPSET, custom_translation_table={torch.ops.aten.log_sigmoid.default: _log_sigmoid},
                input_names=[entry.tensor for entry in contract.inputs],
                output_names=[entry.tensor for entry in contract.outputs],
            )  # fmt: skip
        except (RuntimeError, ValueError, TypeError) as error:
            cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
            reason = " ".join(str(cause).split())[:300]
            raise RunError(f"This network cannot be written as ONNX: {reason}", getattr(cause, "node", "")) from error
    if program is None:
        raise RunError("This network cannot be written as ONNX: the exporter gave nothing back.")
    return program.model_proto


def _log_sigmoid(scores: Any) -> Any:
    """-softplus(-x), which is right for all x; the exporter's own log(sigmoid(x)) is -inf below about -90."""
    return opset20.Neg(opset20.Softplus(opset20.Neg(scores)))


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep a logger from telling each time that torchvision, which is not used, is not installed."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _free_axes(index: int, entry: InputContract) -> dict[int, Any]:
    """Which axes of an input may have any size: the batch, and the pixels of what the model fits itself."""
    free: dict[int, Any] = {0: torch.export.Dim("batch", min=1)}
    if entry.rule is not None:
        axes = ("slices", "rows", "columns")[-len(entry.size) :]
        free |= {2 + at: torch.export.Dim(f"{axis}_{index}", min=1) for at, axis in enumerate(axes)}
    return free


def _difference(model: bytes, deployed: Deployed, batches: Sequence[Batch]) -> float:
    """The largest difference of answers. Raises RunError where it exceeds the tolerance."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [entry.name for entry in session.get_inputs()]
    largest = 0.0
    for batch in batches:
        with torch.inference_mode():
            wanted = [answer.numpy() for answer in deployed(*batch)]
        answers = session.run(None, {name: tensor.numpy() for name, tensor in zip(names, batch, strict=True)})
        for one, other in zip(wanted, answers, strict=True):
            largest = max(largest, _compared(one, other))
    return largest


def _compared(wanted: NDArray[Any], answer: NDArray[Any]) -> float:
    if wanted.shape != answer.shape:
        raise RunError(f"The exported model answers with {answer.shape}, the trained one with {wanted.shape}.")
    if not wanted.size:
        return 0.0
    difference = float(np.abs(wanted.astype(np.float64) - answer).max())
    allowed = _TOLERANCE * max(1.0, float(np.abs(wanted).max()))
    if not difference <= allowed:  # also when it is not a number
        raise RunError(
            f"The exported model's answers differ from the trained model's by {difference:.3g}, and {allowed:.3g} is "
            "allowed; the file was not kept."
        )
    return difference


def _private(network: Network) -> list[str]:
    """What must not be found in an exported file: this user's folder, the data folders, the place of this program."""
    folders = [facts.node.settings.get("folder") for facts in network.analysis.facts.values()]
    own = [Path.home(), Path(__file__).resolve().parents[2], Path(torch.__file__).resolve().parents[1]]
    return [*map(str, own), *(str(folder) for folder in folders if folder and Path(str(folder)).is_absolute())]


def _write(data: bytes, path: Path) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
