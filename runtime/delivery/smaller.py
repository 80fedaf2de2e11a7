"""ONNX files with smaller numbers: made from the checked file, and never without saying what that costs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import onnx

from runtime.data.matched import Matched
from runtime.delivery.checks import Case, ExportReport
from runtime.delivery.contract import KEY, Contract, Precision
from runtime.delivery.identifiers import private_places
from runtime.delivery.onnx_file import export_onnx, write_checked
from runtime.delivery.precision import halved, quantised
from runtime.delivery.precision_loss import losses, parts_of_run
from runtime.delivery.strip import strip
from runtime.errors import RunError
from runtime.splits import SavedSplit
from runtime.trained import Trained


def export_smaller(
    trained: Trained,
    out: Path,
    contract: Contract,
    cases: Sequence[Case],
    precision: Precision,
    opset: int,
    data: tuple[Matched, SavedSplit],
    identifiers: Sequence[str],
) -> ExportReport:
    """Write the model in half precision or with 8-bit layers, with the measured loss in its contract and the report.

    The file in single precision is made and checked first; both then answer the same validation cases. 8-bit ranges are
    taken from training cases. Raises RunError as export_onnx does, and when the smaller file gives no numbers.
    """
    with tempfile.TemporaryDirectory(prefix="netloom-") as folder:
        file = Path(folder) / "single.onnx"
        export_onnx(trained.network, file, contract, cases, opset, identifiers)
        single = file.read_bytes()
    parts = parts_of_run(trained, *data, contract)
    model, learned = onnx.load_from_string(single), _learned(trained)
    model = halved(model, learned) if precision == "half" else quantised(model, learned, parts.calibration())
    strip(model)
    loss, difference = losses(parts, single, model.SerializeToString())
    finished = replace(
        contract, checked_cases=len(cases), max_abs_difference=difference, precision=precision, loss=loss
    )
    model.metadata_props.add(key=KEY, value=finished.text())
    part = out.with_name(f".{out.name}.part")
    try:
        write_checked(model, part, [*private_places(trained.analysis), *identifiers])
        os.replace(part, out)
    except OSError as error:
        raise RunError(f"{out} could not be written: {error.strerror or error}. Choose another place.") from error
    finally:
        part.unlink(missing_ok=True)
    return ExportReport(out, opset, len(cases), difference, precision=precision, loss=loss)


def _learned(trained: Trained) -> list[str]:
    """The modules that have trained weights, by their names within the network."""
    names = (name.rpartition(".")[0] for name, _ in trained.network.named_parameters())
    return list(dict.fromkeys(names))
