"""A network with two image folders trains, resumes, is measured and handed on like one with a single folder."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image

from runtime.analysis import analyse
from runtime.data.batches import Part
from runtime.data.catalogue import PARTS
from runtime.data.split import split
from runtime.delivery.exporting import export_run
from runtime.delivery.predict import predict_folder
from runtime.delivery.predictors import predictor_of
from runtime.errors import InputError, RunError
from runtime.evaluation.evaluate import evaluate
from runtime.events import Epoch, Finished, Started, Warned
from runtime.files import load_graph, save_graph
from runtime.job import make_job
from runtime.material import material_of, read_cases
from runtime.runs import create_run
from runtime.splits import load_split
from runtime.train import train
from tests.builders import graphs, pictures
from tests.runtime.command import answer, done, refused, table

CPU = torch.device("cpu")


def second_look(folder: Path, of: Path, without=(), more=()) -> Path:
    """For each picture of a folder of classes one of the same path, half as large and turned over."""
    for path in [path for path in sorted(of.rglob("*.png")) if path.name not in without]:
        place = folder / path.relative_to(of)
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - np.asarray(Image.open(path))[::2, ::2]).save(place.with_suffix(".tif"))
    for name in more:
        Image.fromarray(np.zeros((8, 8), np.uint8)).save(folder / name)
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("two")
    first = pictures.class_folders(place / "one", 24)
    return first, second_look(place / "two", first, without=("case003.png",), more=("dark/other.tif", "bright/odd.tif"))


@pytest.fixture(scope="module")
def graph(folders):
    first, second = (pictures.facts(folder) for folder in folders)
    return graphs.two_sources({**first, "size": [16, 16]}, {**second, "size": [8, 8]}, batch=8)


@pytest.fixture(scope="module")
def trained(graph, tmp_path_factory):
    run = pictures.new_run(graph, tmp_path_factory.mktemp("runs") / "run", epochs=4)
    return run, list(train(run.job))


def curve(events):
    return [event.metrics for event in events if isinstance(event, Epoch)]


def test_that_a_run_learns_from_both_and_tells_which_cases_have_no_partner(trained):
    run, events = trained
    assert isinstance(events[0], Started)
    assert sum(events[0].cases.values()) == 23
    assert isinstance(events[-1], Finished)
    told = {event.message for event in events if isinstance(event, Warned)}
    assert "23 of 24 cases of “One” belong to cases of “Two”, by path without ending." in told
    lists = "`netloom match` lists each."
    assert f"1 case of “One” without a partner in “Two” cannot be used: file 2 of “One”. {lists}" in told
    assert any(text.startswith("2 cases of “Two” without a partner in “One”") for text in told)
    assert not any(name in (run.folder / file).read_text() for name in ("case0", "odd") for file in
                   ("events.jsonl", "split.json") if (run.folder / file).exists())  # fmt: skip


def test_that_images_of_both_folders_stay_together_in_any_order(graph):
    analysis = analyse(graph)
    cases = read_cases(analysis)
    assert [sample.path.split(".")[0] for sample in cases.of["image_folder-1"].samples] == [
        sample.path.split(".")[0] for sample in cases.of["image_folder-2"].samples
    ]
    material = material_of(analysis, cases)
    for often in (True, False):
        part = Part(material.cached, material.labels, tuple(range(23)), CPU, often, beside=material.beside)
        for batch in part.batches(5, part.walk(3, 1)):
            assert batch.of("image_folder-2").images.shape[2:] == (8, 8)
            for row, case in enumerate(batch.cases):
                assert np.array_equal(batch.images[row].numpy(), material.cached.images[case])
                other = material.beside["image_folder-2"].cached.images[case]
                assert np.array_equal(batch.of("image_folder-2").images[row].numpy(), other)
                assert np.allclose(255 - other[0], material.cached.images[case][0, ::2, ::2])


def test_that_a_resumed_run_equals_an_uninterrupted_one(graph, trained, tmp_path):
    run = pictures.new_run(graph, tmp_path / "run", epochs=2)
    first = curve(train(run.job))
    job = make_job(graph, run.folder, epochs=4, resume=True)
    create_run(job)
    assert first + curve(train(job)) == curve(trained[1])


def test_that_a_run_is_measured_on_the_part_it_kept_for_that(trained, folders):
    run, _ = trained
    found = evaluate(run)
    assert found.cases == len(load_split(run.folder).parts["test"]) > 0
    assert "accuracy" in found.metrics
    for given in (folders[0], {"image_folder-1": folders[0]}):
        with pytest.raises(InputError, match="learned from several folders"):
            evaluate(run, data=given)


@pytest.mark.slow
def test_that_a_run_is_measured_on_two_other_folders_that_are_named(trained, tmp_path):
    run, _ = trained
    first = pictures.class_folders(tmp_path / "one", 10)
    second = second_look(tmp_path / "two", first, without=("case000.png",))
    named = ("--data", f"one={first}", "--data", f"Two={second}")
    record = answer("evaluate", run.folder, *named)
    assert (record["cases"], record["external"]) == (9, True)
    found = evaluate(run, data={"image_folder-1": first, "image_folder-2": second})
    assert record["metrics"]["accuracy"] == found.metrics["accuracy"]
    for words, said in (
        (("--data", first), "name the one that"),
        (named[:2], "not each was named"),
        ((*named, *named[:2]), "“One” is given two places"),
        (("--data", f"Three={first}"), "Nothing that reads data is called Three; “One” or “Two” could be meant."),
    ):
        assert said in refused("evaluate", run.folder, *words)


@pytest.mark.slow
def test_that_a_project_is_trained_and_a_run_repeated_with_both_folders_elsewhere(graph, folders, trained, tmp_path):
    save_graph(graph, tmp_path / "two.netloom")
    moved = [shutil.copytree(folder, tmp_path / f"moved{number}") for number, folder in enumerate(folders)]
    named = ("--data", f"One={moved[0]}", "--data", f"Two={moved[1]}")
    more = (*named, "--run", tmp_path / "run", "--epochs", 1, "--device", "cpu")
    first = answer("train", tmp_path / "two.netloom", *more)
    again = answer("train", "--repeat", tmp_path / "run", *named, "--run", tmp_path / "again")
    assert again["metrics"] == first["metrics"]
    nodes = load_graph(tmp_path / "again" / "project.netloom").graph.nodes
    placed = [nodes[source].settings["folder"] for source in ("image_folder-1", "image_folder-2")]
    assert placed == [*map(str, moved)]


@pytest.mark.long
def test_that_two_processes_share_a_training_with_two_sources(folders, tmp_path):
    first, second = (pictures.facts(folder) for folder in folders)
    layers = [layer for layer in graphs.LAYERS if layer != "batch_normalization"]  # its statistics are of one process
    graph = graphs.two_sources({**first, "size": [16, 16]}, {**second, "size": [8, 8]}, layers=layers)
    save_graph(graph, tmp_path / "two.netloom")
    call = ("train", tmp_path / "two.netloom", "--epochs", 2, "--device", "cpu")
    one = answer(*call, "--run", tmp_path / "one", "--batch", 8)
    two = answer(*call, "--run", tmp_path / "two", "--batch", 4, "--processes", 2)
    assert two["metrics"]["validation_loss"] == pytest.approx(one["metrics"]["validation_loss"], rel=1e-3)


@pytest.mark.slow
def test_that_a_command_answers_for_a_folder_for_each_input(trained, folders, tmp_path):
    done("predict", trained[0].folder, *folders, "--out", tmp_path / "answers.csv")
    rows = table(tmp_path / "answers.csv")
    assert sum(not row["problem"] for row in rows) == 23


@pytest.mark.slow
def test_that_onnx_and_python_take_both_images(trained, tmp_path):
    run, _ = trained
    report = export_run(run, "onnx", tmp_path / "model.onnx")
    assert report.checked_cases > 0
    session = onnxruntime.InferenceSession(str(report.file), providers=["CPUExecutionProvider"])
    assert len(session.get_inputs()) == 2
    assert [entry.name for entry in predictor_of(report.file).contract.inputs] == ["One", "Two"]
    assert export_run(run, "python", tmp_path / "package").checked_cases > 0


def test_that_both_sources_may_have_labels_of_their_own(folders, tmp_path):
    first, second = (pictures.facts(folder) for folder in folders)
    document = graphs.Document(graphs.two_sources({**first, "size": [16, 16]}, {**second, "size": [8, 8]}))
    with document.edit("A second loss"):
        last = next(wire.source for wire in document.wires if wire.target == "output-1")
        loss = graphs.add(document, "cross_entropy")
        graphs.wire(document, last, loss, input="prediction")
        graphs.wire(document, "image_folder-2", loss, output="class", input="target")
        graphs.wire(document, loss, "adam-1")
    run = pictures.new_run(document.graph(), tmp_path / "run")
    (*_, last) = curve(train(run.job))
    assert last["train_cross_entropy"] == pytest.approx(last["train_cross_entropy_2"])
    assert set(load_split(run.folder).counts) == {"image_folder-1", "image_folder-2"}


@pytest.mark.slow
def test_that_a_command_lists_every_case_without_a_partner(graph, tmp_path):
    save_graph(graph, tmp_path / "two.netloom")
    found = answer("match", tmp_path / "two.netloom")
    assert found["matched"] == 23
    assert [(one["name"], one["cases"], one["left"]) for one in found["folders"]] == [
        ("One", 24, ["bright/case003.png"]),
        ("Two", 25, ["bright/odd.tif", "dark/other.tif"]),
    ]


def test_that_folders_without_a_common_case_are_refused(folders, tmp_path):
    first = pictures.facts(folders[0])
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "alone.png")
    graph = graphs.two_sources({**first, "size": [16, 16]}, {**pictures.facts(tmp_path), "size": [8, 8]})
    run = pictures.new_run(graph, tmp_path / "run")
    with pytest.raises(RunError, match="No cases of “One” and “Two” belong together"):
        list(train(run.job))


def test_that_a_split_of_format_1_belongs_to_the_leading_source(trained, tmp_path):
    path = trained[0].folder / "split.json"
    content = json.loads(path.read_text())
    content["training_counts"] = content["training_counts"]["image_folder-1"]
    (tmp_path / "split.json").write_text(json.dumps({**content, "format": 1}))
    assert load_split(tmp_path).counts == {"": load_split(path.parent).counts["image_folder-1"]}


def test_that_two_folders_are_answered_case_by_case(trained, folders, tmp_path):
    run, _ = trained
    model = predictor_of(run.folder)
    (first, second), rows = folders, []
    rows = list(predict_folder(model, folders))
    answered = [row for row in rows if not row.problem]
    assert [row.path for row in answered] == sorted(
        path.relative_to(first).as_posix() for path in first.rglob("*.png") if path.name != "case003.png"
    )
    both = [np.asarray(Image.open(one), np.float32)[None, None] for one in (first / answered[0].path,
            (second / answered[0].path).with_suffix(".tif"))]  # fmt: skip
    assert np.allclose(answered[0].answers[0].probabilities, model.answers(both)[0][0], atol=1e-5)
    assert {row.path: row.problem for row in rows if row.problem} == {
        "bright/case003.png": "bright/case003.png has no partner in the other folders.",
        "Two: bright/odd.tif": "bright/odd.tif has no partner in the other folders.",
        "Two: dark/other.tif": "dark/other.tif has no partner in the other folders.",
    }
    with pytest.raises(RunError, match="“One”, “Two”: name a folder for each, in this order; 1 folder came"):
        predict_folder(model, first)


def test_that_cases_of_a_patient_of_either_folder_stay_on_one_side(folders, tmp_path):
    first = pictures.class_folders(tmp_path / "one", 24)
    second = second_look(tmp_path / "two", first)
    pairs = [(path.relative_to(second).as_posix(), int(path.stem[4:])) for path in sorted(second.rglob("*.tif"))]
    rows = [f"{path},P{number // 4},{number % 2}" for path, number in pairs]
    (second / "patients.csv").write_text("\n".join(["path,patient,label", *rows]))
    graph = graphs.two_sources({**pictures.facts(first), "size": [16, 16]}, {**pictures.facts(second), "size": [8, 8]})
    cases = read_cases(analyse(graph)).cases
    assert len({sample.group for sample in cases.samples}) == len({sample.patient for sample in cases.samples}) == 6
    parts = split(cases, 0)
    sides = {sample.patient: part for part in PARTS for sample in (cases.samples[i] for i in parts.of(part))}
    assert sum(len(parts.of(part)) for part in PARTS) == 24
    assert all(sides[cases.samples[i].patient] == part for part in PARTS for i in parts.of(part))
