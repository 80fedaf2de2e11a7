"""A detector from end to end: trained, measured, seen, exported, applied."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from runtime.analysis import analyse
from runtime.compile import compile_graph
from runtime.data.labels import read_dataset
from runtime.delivery.answers import unfitted_boxes
from runtime.delivery.exporting import export_run
from runtime.delivery.predict import predict_folder, write_predictions
from runtime.delivery.predictors import predictor_of
from runtime.evaluation.evaluate import evaluate
from runtime.evaluation.record import load_cases
from runtime.events import Epoch
from runtime.job import make_job
from runtime.modules.fit import Fit
from runtime.plan import FittedSize
from runtime.runs import Run, create_run
from runtime.seen_cases import read_cases
from runtime.worker import run_worker
from tests.builders.detection import detector, framed_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return framed_folder(tmp_path_factory.mktemp("framed"))


@pytest.fixture(scope="module")
def run(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    job = make_job(detector(folder, epochs=25), tmp_path_factory.mktemp("run") / "run")
    create_run(job)
    assert run_worker(job) == 0
    return Run(job.folder)


def test_that_what_losses_judge_is_what_is_returned_behind_the_suppression(folder: Path) -> None:
    analysis = analyse(detector(folder))
    assert not analysis.problems
    (meaning,) = analysis.meanings.values()
    assert (meaning.task, meaning.activation, meaning.classes) == ("detection", "boxes", ("disc", "square"))


def test_that_boxes_move_with_the_images_in_a_pass(folder: Path) -> None:
    """Padded from 32×48 to 48×48, a box lies eight pixels lower; mirrored, as far from the right edge as before from
    the left."""
    graph = detector(folder)
    network = compile_graph(analyse(graph))
    (source,) = network.inputs
    box = torch.tensor([[[0.0, 4, 6, 16, 18], [-1.0, 0, 0, 0, 0]]])
    plain, mirrored = (0.0, 4, 14, 16, 26), (0.0, 32, 14, 44, 26)
    found = set()
    torch.manual_seed(0)
    for training in (False, *[True] * 12):
        moved = network.train(training)({source: torch.rand(2, 1, 32, 48)}, {source: box.repeat(2, 1, 1)}).masks[source]
        assert moved[:, 1].tolist() == [[-1, 0, 0, 0, 0]] * 2
        places = {tuple(round(edge, 2) for edge in row) for row in moved[:, 0].tolist()}
        assert training or places == {plain}
        found |= places
    assert found == {plain, mirrored}


def test_that_a_detector_learns_and_is_measured_on_the_images_as_found(run: Run, folder: Path) -> None:
    record = evaluate(run, "validation")
    assert record.task == "detection"
    assert record.metrics["map_50"] > 0.5
    assert record.metrics["map"] == pytest.approx(record.metrics["map_50"], abs=1e-6)  # that of the drawing
    cases = load_cases(run.folder, "validation")
    dataset = read_dataset(folder)
    known = {tuple(round(edge) for edge in (box.left, box.top, box.right, box.bottom))
             for sample in dataset.samples for box in sample.boxes or ()}  # fmt: skip
    true = cases.boxes["true"]
    assert {tuple(np.round(row[1:]).astype(int).tolist()) for row in true[true[..., 0] >= 0]} <= known
    with (run.folder / "evaluation-validation.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    assert {row["true_boxes"] for row in rows} == {"2"}


def test_that_validation_cases_are_kept_with_their_boxes(run: Run) -> None:
    seen = read_cases(run.folder)
    assert seen.task == "detection"
    assert all(case.truth.rows.shape == (2, 6) for case in seen.cases)
    last = seen.epochs[max(seen.epochs)]
    assert all(answer.rows.shape[1] == 6 and (answer.rows[:, :4] <= 1).all() for answer in last)
    events = [event for event, _ in run.events() if isinstance(event, Epoch)]
    assert all("validation_map" in event.metrics for event in events)


@pytest.mark.long
def test_that_the_file_answers_as_the_network_and_boxes_lie_on_the_image_as_found(run: Run, tmp_path: Path) -> None:
    export_run(run, "onnx", tmp_path / "model.onnx")
    image = np.full((64, 96), 110, np.uint8)  # twice as large as in training: boxes are too
    image[20:44, 60:84] = 20
    images = tmp_path / "images"
    images.mkdir()
    Image.fromarray(image).save(images / "large.png")
    tables = []
    for place, model in enumerate((run.folder, tmp_path / "model.onnx")):
        out = tmp_path / f"{place}" / "answers.csv"
        out.parent.mkdir()
        written = write_predictions(predict_folder(predictor_of(model), images), out)
        assert written.boxes is not None
        with written.boxes.open(encoding="utf-8") as table:
            tables.append(list(csv.DictReader(table)))
        assert (out.parent / "answers-pictures" / "large.png.png").is_file()
    (best, other) = (rows[0] for rows in tables)
    assert best["class"] == other["class"] == "square"
    edges = [[float(row[name]) for name in ("left", "top", "right", "bottom")] for row in (best, other)]
    assert edges[0] == pytest.approx(edges[1], abs=0.02)
    assert edges[0] == pytest.approx([60, 20, 84, 44], abs=6)


@pytest.mark.long
def test_that_a_python_package_tells_the_boxes(run: Run, folder: Path, tmp_path: Path) -> None:
    export_run(run, "python", tmp_path / "package")
    call = [sys.executable, str(tmp_path / "package" / "predict.py"), str(min(folder.glob("*.png")))]
    said = subprocess.run(call, capture_output=True, text=True, check=True)
    told = json.loads(said.stdout)
    assert {"class", "probability", "edges"} == set(told["boxes"][0])


@pytest.mark.parametrize("rule", ["stretch", "pad", "crop"])
def test_that_undoing_a_fit_brings_boxes_back(rule: str) -> None:
    fits = (FittedSize((60, 60), "stretch"), FittedSize((48, 32), rule))
    boxes, image = torch.tensor([[[0.0, 30, 20, 50, 40]]]), torch.zeros(1, 1, 64, 96)
    moved = boxes
    for fit in fits:
        fitted = Fit(fit.size, fit.rule)
        moved, image = fitted.boxes(moved, image), fitted(image)
    back = unfitted_boxes(moved[0, :, 1:].numpy(), fits, (64, 96))
    assert back[0].tolist() == pytest.approx([30, 20, 50, 40], abs=1e-3)
