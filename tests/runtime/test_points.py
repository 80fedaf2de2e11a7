"""Points of a table from training to an exported file: FROC beside the classes, a score for each point."""

import csv
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from runtime.data.labels import read_dataset
from runtime.data.taken import Taken
from runtime.evaluation.box_hits import FALSE_ALARMS
from runtime.evaluation.record import load_cases
from runtime.files import load_graph
from runtime.taking import as_settings, taken_of
from tests.runtime.command import done

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("points") / "data"
    done("practice", "candidates", folder, "--patients", 4)
    return folder


@pytest.fixture(scope="module")
def run(data: Path) -> Path:
    """A run of one epoch on patches of 20 × 20 pixels."""
    project, folder = data.parent / "points.netloom", data.parent / "run"
    done("new", "candidate-patches", "--data", data, "--out", project, "--patch", "20")
    done("train", project, "--run", folder, "--epochs", 1, "--device", "cpu")
    return folder


def test_that_froc_is_measured_beside_the_classes(run: Path) -> None:
    metrics = json.loads(done("evaluate", run, "--json").stdout)["metrics"]
    rates = [metrics[f"sensitivity_at_{rate:g}"] for rate in FALSE_ALARMS]
    assert metrics["froc"] == pytest.approx(np.mean(rates))
    assert rates == sorted(rates)
    assert "auc" in metrics
    cases = load_cases(run, "test")
    assert {*cases.points} == {"image", "finding", "missed"}
    assert len(cases.points["finding"]) == len(cases)


def test_that_every_point_gets_a_score_and_the_exported_file_takes_its_patch(run: Path, data: Path) -> None:
    table, file = run.parent / "scores.csv", run.parent / "model.onnx"
    few = "path,x,y\n{0},60,60\n{0},500,3\nno.dcm,1,1\n"
    (run.parent / "few.csv").write_text(few.format("images/PRACTICE-001/IM0001.dcm"))
    said = done("predict", run, data, "--out", table, "--points", run.parent / "few.csv")
    assert "1 row of few.csv names no image of the folder" in said.stderr
    assert "1 row of few.csv is not used (lines 3)" in said.stderr
    with table.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    (row,) = [row for row in rows if row["predicted"]]
    assert (row["path"], row["x"], row["y"]) == ("images/PRACTICE-001/IM0001.dcm", "60", "60")
    done("export", run, "--to", "onnx", "--out", file)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    assert json.loads(session.get_modelmeta().custom_metadata_map["netloom"])["inputs"][0]["patch"] == [20.0]
    done("predict", file, data, "--out", run.parent / "again.csv", "--points", run.parent / "few.csv")
    with (run.parent / "again.csv").open(newline="") as opened:
        (again,) = [row for row in csv.DictReader(opened) if row["predicted"]]
    assert float(again["p:lesion"]) == pytest.approx(float(row["p:lesion"]), abs=1e-4)


def test_that_a_source_remembers_the_patches_it_was_read_with(run: Path, data: Path) -> None:
    graph = load_graph(run.parent / "points.netloom").graph
    settings = next(node.settings for node in graph.nodes.values() if node.type == "dicom_folder")
    assert settings["points"] == "patches of 20 pixels"
    dataset = read_dataset(data, taken=taken_of(settings))
    assert (dataset.fingerprint, dataset.size) == (settings["fingerprint"], (20, 20))
    assert as_settings(Taken(), "image")["points"] == ""
