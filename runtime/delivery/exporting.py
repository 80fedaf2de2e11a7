"""Exporting a trained run, as ONNX, Python or torch's own file; each is compared with the run itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from runtime.delivery.card import card_of
from runtime.delivery.checks import ExportReport
from runtime.delivery.contract import Precision
from runtime.delivery.held_out import held_out
from runtime.delivery.identifiers import identifiers_of
from runtime.delivery.onnx_file import NEWEST, check_opset, export_onnx
from runtime.delivery.python_package import export_python
from runtime.delivery.smaller import export_smaller
from runtime.delivery.torch_program import export_program
from runtime.errors import RunError
from runtime.material import read_cases
from runtime.runs import Run
from runtime.splits import load_split
from runtime.trained import load_trained

Format = Literal["onnx", "python", "pt2"]


def export_run(
    run: Run, to: Format, out: Path, opset: int | None = None, precision: Precision = "single"
) -> ExportReport:
    """Write the best checkpoint of a run to `out` and compare it with the run on held-out cases.

    `opset`: the ONNX operator set, None for the newest; `precision`: of an ONNX file, whose loss is then measured and
    told. The file carries the operating point of the run, and is searched for every identifier of the data set. Raises
    RunError, and leaves no new file, when the answers differ by more than 1e-4·max(1, largest answer), when an
    identifier is found, or no held-out case can be read.
    """
    _check_choice(to, opset, precision)
    trained, split = load_trained(run), load_split(run.folder)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{out.parent} could not be made: {error.strerror}. Choose another place.") from error
    data = read_cases(trained.analysis)
    identifiers = sorted({one for dataset in data.found.values() for one in identifiers_of(dataset)})
    cases = held_out(data, split, trained.contract)
    card = card_of(trained.analysis, split, trained.epoch, trained.metrics)
    contract = replace(trained.contract, card=card)
    operators = NEWEST if opset is None else opset
    if to == "python":
        report = export_python(trained, out, contract, cases, identifiers)
    elif to == "pt2":
        report = export_program(trained, out, contract, cases, identifiers)
    elif precision == "single":
        report = export_onnx(trained.network, out, contract, cases, operators, identifiers)
    else:
        report = export_smaller(trained, out, contract, cases, precision, operators, (data, split), identifiers)
    return replace(report, notes=run.job.notes)


def _check_choice(to: Format, opset: int | None, precision: Precision) -> None:
    if to != "onnx" and (opset is not None or precision != "single"):
        raise RunError("Operator set and precision are of ONNX files; leave them out, or export to onnx.")
    if opset is not None:
        check_opset(opset)
