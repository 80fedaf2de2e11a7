"""PyTorch's own file of a model (torch.export, .pt2): written without a trace of its source, and checked."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from runtime.compile import Deployed
from runtime.delivery.alone import difference_alone
from runtime.delivery.checks import (
    Batch,
    Case,
    ExportReport,
    case_tensors,
    check_batches,
    copy_on_cpu,
    free_axes,
)
from runtime.delivery.contract import KEY, Contract
from runtime.delivery.draws import takes_only_draws
from runtime.delivery.identifiers import private_places, refuse_identifiers
from runtime.errors import RunError
from runtime.trained import Trained

_TRACES = ("stack_trace", "nn_module_stack", "source_fn_stack", "torch_fn", "from_node", "custom")


def export_program(
    trained: Trained, out: Path, contract: Contract, cases: Sequence[Case], identifiers: Sequence[str] = ()
) -> ExportReport:
    """Write the deployed model as a `.pt2` file, and compare it, run by a Python of its own, with the trained network.

    The contract lies in it as the extra file `netloom`. Raises RunError, and leaves no new file, when the answers
    differ by more than 1e-4·max(1, largest answer), when it would tell one of the `identifiers`, or cannot be written.
    """
    deployed = Deployed(copy_on_cpu(trained.network))
    batches = check_batches(
        [case_tensors(case, place, contract, deployed.inputs) for place, case in enumerate(cases)], contract
    )
    with tempfile.TemporaryDirectory(prefix="netloom-") as name:
        file = Path(name) / "model.pt2"
        program = _program(deployed, contract, [torch.rand_like(one) for one in batches[-1]])
        with _quietly():
            torch.export.save(program, file, extra_files={KEY: contract.text()})
        difference = difference_alone(deployed, file, batches)
        data = file.read_bytes()
    refuse_identifiers(data, [*private_places(trained.analysis), *identifiers], "The exported file", numbers=True)
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_bytes(data)
        os.replace(part, out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RunError(f"{out} could not be written: {error.strerror or error}. Choose another place.") from error
    return ExportReport(out, 0, len(cases), difference, drawn=takes_only_draws(contract))


def _program(deployed: Deployed, contract: Contract, example: Batch) -> torch.export.ExportedProgram:
    """The traced model without what torch remembers of its source, and without the example it was traced with."""
    try:
        with _quietly():
            program = torch.export.export(deployed, tuple(example), dynamic_shapes=(free_axes(contract),))
    except (RuntimeError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise RunError(f"This network cannot be written as a PyTorch program: {reason}") from error
    program._example_inputs = None  # torch would save it
    for module in program.graph_module.modules():
        graph: Any = getattr(module, "graph", None)
        for node in graph.nodes if graph is not None else ():
            for trace in _TRACES:
                node.meta.pop(trace, None)
    return program


def _quietly() -> warnings.catch_warnings[None]:
    """Torch warns of pieces of its own that it has deprecated; nothing here calls them."""
    return warnings.catch_warnings(action="ignore")
