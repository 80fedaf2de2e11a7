"""Handing a trained run on, as ONNX, Python source or a predictor; each export is compared with the run itself."""

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
from runtime.data.catalogue import DataSet
from runtime.data.faults import FileFault
from runtime.errors import RunError
from runtime.export import Case, ExportReport, case_tensors, export_onnx, takes_only_noise
from runtime.material import read_cases
from runtime.predict import OnnxPredictor, Predictor, TrainedPredictor
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


def predictor_of(model: Path) -> Predictor:
    """What answers images: a run folder's best checkpoint, or an exported ONNX file. Raises RunError."""
    if model.is_dir():
        trained = load_trained(Run(model))
        return TrainedPredictor(trained.network, trained.contract)
    if not model.exists():
        raise RunError(f"{model} is not there; name a run folder or an exported ONNX file.")
    return OnnxPredictor(model)


def held_out(run: Run, trained: Trained) -> list[Case]:
    """Images (channels, *own size) in real units from the validation part by source, spread over it; for a model that
    takes no image, what stands for draws. Raises RunError.
    """
    if takes_only_noise(trained.contract):
        return [torch.zeros(0)] * _MOST_CASES  # all that it takes is drawn
    cases = read_cases(trained.analysis)
    part = load_split(run.folder).indexes(cases.cases, "validation")
    chosen = part[:: max(1, len(part) // _MOST_CASES)][:_MOST_CASES]
    columns = {source: _images_of(dataset, chosen) for source, dataset in cases.of.items()}
    usable = [
        {source: images[place] for source, images in columns.items()}
        for place in range(len(chosen))
        if all(place in images for images in columns.values())
    ]
    if not usable:
        raise RunError(f"No held-out case of {cases.cases.folder} could be read, so the export cannot be checked.")
    return [*usable]


def _images_of(dataset: DataSet, chosen: Sequence[int]) -> dict[int, Tensor]:
    """The images of these cases that can be read, by their places in `chosen`."""
    samples = [dataset.samples[index] for index in chosen]
    kinds = {path: dataset.kind for sample in samples for path in files_of(sample)}
    images = enumerate(case_images(Path(dataset.folder), samples, kinds))
    tensors = {place: torch.from_numpy(image) for place, image in images if not isinstance(image, FileFault)}
    return {place: image for place, image in tensors.items() if image.shape[0] == dataset.channels}


def _export_python(trained: Trained, out: Path, cases: Sequence[Case]) -> ExportReport:
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


def _difference_alone(trained: Trained, file: Path, cases: Sequence[Case]) -> float:
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
