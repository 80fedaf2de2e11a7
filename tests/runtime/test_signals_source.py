"""Signals as a source: trained, measured, exported and answered by the same one way as images."""

import json
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest

from nodes.signals import Signals
from nodes.spec import Unfit
from runtime.data.labels import read_dataset
from runtime.delivery.contract import KEY, parse
from runtime.delivery.exporting import export_run
from runtime.delivery.predict import OnnxPredictor, predict_folder
from runtime.events import Finished
from runtime.files import save_graph
from runtime.job import make_job
from runtime.runs import create_run
from runtime.template_fit import fitted
from runtime.templates import graph_of
from runtime.train import train

PATIENTS, SAMPLES, HERTZ = 16, 256, 100


def write(folder, name, beats, hertz=HERTZ, leads=("I", "II")):
    times = np.arange(SAMPLES * hertz // HERTZ) / hertz
    wave = np.sin(2 * np.pi * beats * times)
    rows = [",".join(f"{value:.4f}" for value in (at, wave[row], -wave[row])) for row, at in enumerate(times)]
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([",".join(("time_s", *leads)), *rows]), encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A slow and a quick wave, a file a patient."""
    place = tmp_path_factory.mktemp("signals")
    for number in range(PATIENTS):
        write(place, f"{('slow', 'quick')[number % 2]}/{number}.csv", (2 + number / 50, 12)[number % 2])
    return place


@pytest.fixture(scope="module")
def run(folder, tmp_path_factory):
    graph = fitted(graph_of("ecg"), read_dataset(folder))
    graph = replace(graph, training=replace(graph.training, epochs=3, batch=4, device="cpu"))
    project = tmp_path_factory.mktemp("project") / "p.netloom"
    save_graph(graph, project)
    made = create_run(make_job(graph, project.parent / "run"))
    assert isinstance(list(train(made.job))[-1], Finished)
    return made


@pytest.fixture(scope="module")
def model(run):
    file = run.folder / "model.onnx"
    assert export_run(run, "onnx", file).checked_cases > 0
    return file


def test_that_the_exported_model_takes_signals_of_any_length_and_says_leads_and_rate(model):
    session = onnxruntime.InferenceSession(model)
    (entry,) = parse(session.get_modelmeta().custom_metadata_map[KEY]).inputs
    assert (entry.channels, entry.size, entry.rule) == (2, (SAMPLES,), "keep")
    assert (entry.leads, entry.rate_hz) == (("I", "II"), HERTZ)
    signal = np.random.default_rng(0).normal(size=(1, 2, SAMPLES)).astype(np.float32)
    answers = [
        session.run(None, {entry.tensor: one})[0]
        for one in (signal, np.pad(signal, ((0, 0), (0, 0), (20, 20)), "edge"))
    ]
    np.testing.assert_allclose(*answers, atol=1e-5)  # what is beyond the length is cut off


def test_that_a_folder_is_answered_with_leads_by_name_at_the_rate_of_the_model(model, tmp_path):
    new = tmp_path / "new"
    write(new, "same.csv", 2)
    write(new, "finer.csv", 2, 4 * HERTZ)
    write(new, "other.csv", 2, leads=("I", "V1"))
    rows = {row.path: row for row in predict_folder(OnnxPredictor(model), new)}
    assert set(rows) == {"finer.csv", "other.csv", "same.csv"}
    assert "has no lead II; it has I, V1" in rows["other.csv"].problem
    same, finer = (rows[name].answers[0].probabilities for name in ("same.csv", "finer.csv"))
    np.testing.assert_allclose(same, finer, atol=0.1)


def test_that_a_source_says_what_leaves_it_and_when_it_has_to_be_read_again():
    held = {"folder": "ecg", "channels": 12, "found_size": (5000,), "found_rate": 500.0}
    assert Signals(**held).infer()["image"] == (12, 5000)
    assert Signals(**held, length=4096).infer()["image"] == (12, 4096)
    with pytest.raises(Unfit, match="was read as found, and the settings ask for leads I, II; 100 Hz"):
        Signals(**held, leads=("I", "II"), rate=100.0).infer()
    assert json.dumps([port.name for port in Signals.outputs]) == '["image", "class", "labels", "number"]'
