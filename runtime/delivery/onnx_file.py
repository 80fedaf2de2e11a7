"""ONNX export: the deployed model in one file, stripped of everything private, and checked before it gets its name."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import onnxruntime
import torch
from onnxscript import opset20

from runtime.compile import Deployed, Network
from runtime.delivery.checks import (
    Batch,
    Case,
    ExportReport,
    case_tensors,
    check_batches,
    compared,
    copy_on_cpu,
    free_axes,
)
from runtime.delivery.contract import KEY, Contract
from runtime.delivery.draws import takes_only_draws
from runtime.delivery.identifiers import private_places, refuse_identifiers
from runtime.delivery.strip import bare, strip
from runtime.errors import RunError

OLDEST, NEWEST = 18, 25  # operator sets: what the exporter writes, and what the pinned onnxruntime runs
_MOST_BYTES = 2**31 - 2**26  # protobuf ends at 2 GiB; the rest is room for the graph itself


def export_onnx(
    network: Network,
    out: Path,
    contract: Contract,
    cases: Sequence[Case],
    opset: int = NEWEST,
    identifiers: Sequence[str] = (),
) -> ExportReport:
    """Write the deployed model of a trained network to `out` and check it with onnxruntime against the network itself.

    Checked on each of the `cases` (real units, held out from training), on batches of several, and at another size.
    Raises RunError, and leaves no new file, when the answers differ by more than 1e-4·max(1, largest answer), when the
    file would tell one of the `identifiers` or where this machine keeps its data, when a node cannot be written as ONNX
    with this operator set, or when `out` cannot be written.
    """
    check_opset(opset)
    deployed = Deployed(copy_on_cpu(network))
    size = sum(tensor.nbytes for tensor in deployed.state_dict().values())
    if size > _MOST_BYTES:
        weights = f"{size / 2**30:.1f} GiB"
        raise RunError(f"The model has {weights} of weights, and an ONNX file holds 2 GiB; use fewer filters.")
    tensors = [case_tensors(case, place, contract, deployed.inputs) for place, case in enumerate(cases)]
    batches = check_batches(tensors, contract)
    part = out.with_name(f".{out.name}.part")
    try:
        model = _model(deployed, contract, batches[-1], opset)
        strip(model)
        difference = _difference(model.SerializeToString(), deployed, batches)
        finished = replace(contract, checked_cases=len(cases), max_abs_difference=difference)
        model.metadata_props.add(key=KEY, value=finished.text())
        _difference(
            write_checked(model, part, [*private_places(network.analysis), *identifiers]), deployed, batches[:1]
        )
        os.replace(part, out)
    except OSError as error:
        raise RunError(f"{out} could not be written: {error.strerror or error}. Choose another place.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return ExportReport(out, opset_of(model), len(cases), difference, drawn=takes_only_draws(contract))


def check_opset(opset: int) -> None:
    """Raise RunError for an operator set that is not written."""
    if not OLDEST <= opset <= NEWEST:
        raise RunError(f"ONNX operator set {opset} is not written; choose one from {OLDEST} to {NEWEST}.")


def opset_of(model: onnx.ModelProto) -> int:
    """The operator set that a model is written in."""
    return int(next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")))


def write_checked(model: onnx.ModelProto, path: Path, private: Sequence[str]) -> bytes:
    """Write a valid model that tells nothing private, and give what the disk gives back. Raises RunError, OSError."""
    onnx.checker.check_model(model, full_check=True)
    data = model.SerializeToString()
    refuse_identifiers(bare(model), private, "The exported file")
    refuse_identifiers(data, private, "The exported file", numbers=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return path.read_bytes()


def _model(deployed: Deployed, contract: Contract, example: Batch, opset: int) -> onnx.ModelProto:
    shapes = free_axes(contract)
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
                opset_version=opset, custom_translation_table={torch.ops.aten.log_sigmoid.default: _log_sigmoid},
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
        for one, other, framed in zip(wanted, answers, deployed.framed, strict=True):
            largest = max(largest, compared(one, other, framed))
    return largest
