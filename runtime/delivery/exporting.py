"""Exporting a trained run, as ONNX or Python source; each export is compared with the run itself."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import torch
from safetensors.torch import load_file, save, save_file
from torch import Tensor

from runtime.cases import case_images
from runtime.compile import Deployed
from runtime.data.assembly import files_of
from runtime.data.faults import FileFault
from runtime.delivery.onnx_file import ExportReport, case_tensors, export_onnx, takes_only_noise
from runtime.errors import RunError
from runtime.material import read_data, source_of
from runtime.runs import Run
from runtime.source import python_source
from runtime.splits import load_split
from runtime.store import write_safely
from runtime.trained import Trained, load_trained

_MOST_CASES = 16
_TOLERANCE = 1e-4
_ALONE = """
import importlib.util, sys
from safetensors.torch import load_file, save_file
file, weights, cases, answers = sys.argv[1:]
spec = importlib.util.spec_from_file_location("model", file)
module = importlib.util.module_from_spec(spec)
sys.modules["model"] = module
spec.loader.exec_module(module)
network = module.Network().load(weights)
found = {}
given_by_case = {}
for name, tensor in sorted(load_file(cases).items()):
    given_by_case.setdefault(name.partition("/")[0], []).append(tensor)
for name, tensors in given_by_case.items():
    given = network.predict(*tensors)
    for place, answer in enumerate(given if isinstance(given, tuple) else (given,)):
        found[f"{name}/{place}"] = answer.contiguous()
save_file(found, answers)
"""


def export_run(run: Run, to: Literal["onnx", "python"], out: Path) -> ExportReport:
    """Write the best checkpoint of a run to `out` and compare it with the run on held-out cases.

    Python source gets its weights beside it, in a safetensors file of the same name. Raises RunError, and leaves no new
    file, when the answers differ by more than 1e-4·max(1, largest answer) or no held-out case can be read.
    """
    trained = load_trained(run)
    cases = held_out(run, trained)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{out.parent} could not be made: {error.strerror}. Choose another place.") from error
    if to == "onnx":
        return export_onnx(trained.network, out, trained.contract, cases)
    return _export_python(trained, out, cases)


def held_out(run: Run, trained: Trained) -> list[Tensor]:
    """Images (channels, *own size) in real units from the validation part, spread over it; none for a model that takes
    no image. Raises RunError.
    """
    if takes_only_noise(trained.contract):
        return [torch.zeros(0)] * _MOST_CASES  # all that it takes is drawn
    source = source_of(trained.graph)
    dataset = read_data(trained.analysis, source)
    part = load_split(run.folder).indexes(dataset, "validation")
    samples = [dataset.samples[index] for index in part[:: max(1, len(part) // _MOST_CASES)][:_MOST_CASES]]
    kinds = {path: dataset.kind for sample in samples for path in files_of(sample)}
    images = case_images(Path(dataset.folder), samples, kinds)
    cases = [torch.from_numpy(image) for image in images if not isinstance(image, FileFault)]
    usable = [case for case in cases if case.shape[0] == dataset.channels]
    if not usable:
        raise RunError(f"No held-out case of {dataset.folder} could be read, so the export cannot be checked.")
    return usable


def _export_python(trained: Trained, out: Path, cases: Sequence[Tensor]) -> ExportReport:
    weights = out.with_suffix(".safetensors")
    tensors = {name: tensor.detach().contiguous() for name, tensor in trained.network.state_dict().items()}
    with tempfile.TemporaryDirectory(prefix="netloom-") as name:
        tried = Path(name) / "model.py"
        tried.write_text(python_source(trained.analysis), encoding="utf-8")
        save_file(tensors, tried.with_suffix(".safetensors"))
        difference = _difference_alone(trained, tried, cases)
        try:
            write_safely(weights, save(tensors))
            write_safely(out, tried.read_bytes())
        except OSError as error:
            raise RunError(f"{out} could not be written: {error.strerror or error}. Choose another place.") from error
    return ExportReport(out, 0, len(cases), difference, drawn=takes_only_noise(trained.contract))


def _difference_alone(trained: Trained, file: Path, cases: Sequence[Tensor]) -> float:
    """How far the file, run by a Python that knows nothing of this program, is from the run. Raises RunError."""
    given, answers = file.with_name("cases.safetensors"), file.with_name("answers.safetensors")
    deployed = Deployed(trained.network).eval()
    batches = [case_tensors(case, place, trained.contract, deployed.inputs) for place, case in enumerate(cases)]
    save_file(
        {
            f"{place:03d}/{number:03d}": one.contiguous()
            for place, batch in enumerate(batches)
            for number, one in enumerate(batch)
        },
        given,
    )
    call = [sys.executable, "-I", "-c", _ALONE, file, file.with_suffix(".safetensors"), given, answers]
    ran = subprocess.run(list(map(str, call)), capture_output=True, text=True, cwd=file.parent, check=False)
    if ran.returncode:
        reason = ran.stderr.strip().splitlines()[-1:] or ["it gave no reason"]
        raise RunError(f"The exported Python file does not run by itself: {reason[0]}.")
    found = load_file(answers)
    largest, difference = 1.0, 0.0
    with torch.inference_mode():
        for place, batch in enumerate(batches):
            for number, answer in enumerate(deployed(*batch)):
                other = found[f"{place:03d}/{number}"]
                largest = max(largest, float(answer.abs().max()))
                difference = max(difference, float((answer - other).abs().max()))
    if not difference <= _TOLERANCE * largest:
        raise RunError(f"The exported Python file differs from the run by {difference:.2g}; it is not kept.")
    return difference
