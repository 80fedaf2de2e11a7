"""A run folder does not say where its data lie; its user knows, or the project beside it, or nobody."""

import shutil
from dataclasses import replace

import pytest

from runtime.analysis import analyse
from runtime.errors import RunError
from runtime.files import load_graph, save_graph
from runtime.job import load_job, make_job, save_job
from runtime.kept_places import NOT_KNOWN
from runtime.readiness import training_problems
from tests.builders import graphs, pictures

SOURCE = "image_folder-1"


@pytest.fixture
def graph(tmp_path):
    data = pictures.class_folders(tmp_path / "Waldklinik" / "Sonnenschein", 8)
    graph = graphs.classifier(**pictures.facts(data))
    node = graph.nodes[SOURCE]
    labels = str(tmp_path / "Waldklinik" / "labels.csv") + ":kind"
    return replace(graph, nodes={**graph.nodes, SOURCE: replace(node, settings={**node.settings, "labels": labels})})


@pytest.fixture
def run(graph, tmp_path):
    graph = replace(graph, training=replace(graph.training, weights_from=str(tmp_path / "Waldklinik" / "w.onnx")))
    job = make_job(graph, tmp_path / "heads-runs" / "1")
    job.folder.mkdir(parents=True)
    save_job(job)
    return job


def elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("NETLOOM_CACHE", str(tmp_path / "of another user"))


def test_that_no_file_of_a_run_says_where_its_data_lie(run):
    assert load_job(run.folder) == run
    told = [file.name for file in run.folder.iterdir() if b"Waldklinik" in file.read_bytes()]
    assert told == []


def test_that_a_run_that_was_moved_still_knows_its_data(run, tmp_path):
    moved = shutil.move(run.folder, tmp_path / "somewhere" / "else")
    assert load_graph(tmp_path / moved / "project.netloom").graph == run.graph


def test_that_on_another_computer_the_project_beside_the_run_says_where_the_data_lie(graph, run, tmp_path, monkeypatch):
    elsewhere(monkeypatch, tmp_path)
    save_graph(graph, tmp_path / "heads.netloom")
    found = load_job(run.folder).graph.nodes[SOURCE].settings
    assert found["folder"] == graph.nodes[SOURCE].settings["folder"]


def test_that_data_that_moved_with_the_project_and_its_runs_are_found(graph, run, tmp_path):
    whole = tmp_path / "whole"
    whole.mkdir()
    save_graph(graph, tmp_path / "heads.netloom")
    for name in ("Waldklinik", "heads-runs", "heads.netloom"):
        shutil.move(tmp_path / name, whole / name)
    found = load_job(whole / "heads-runs" / "1").graph.nodes[SOURCE].settings
    assert found["folder"] == str(whole / "Waldklinik" / "Sonnenschein")


def test_that_data_taken_from_the_project_are_told_and_the_runs_own_are_not(graph, run, tmp_path):
    assert load_job(run.folder).notes == ()
    whole = tmp_path / "whole"
    whole.mkdir()
    shutil.move(tmp_path / "Waldklinik", whole / "Waldklinik")
    settings = {**graph.nodes[SOURCE].settings, "folder": str(whole / "Waldklinik" / "Sonnenschein")}
    settings["labels"] = str(whole / "Waldklinik" / "labels.csv") + ":kind"
    (whole / "Waldklinik" / "labels.csv").write_text("file,kind\n")
    moved = replace(graph, nodes={**graph.nodes, SOURCE: replace(graph.nodes[SOURCE], settings=settings)})
    save_graph(moved, tmp_path / "heads.netloom")
    found = load_job(run.folder)
    assert found.graph.nodes[SOURCE].settings == settings
    (told,) = found.notes
    assert "“Image”: the data were not found" in told
    assert "those that the project beside the run names are taken" in told
    assert "Waldklinik" not in told


def test_that_data_that_the_project_does_not_have_either_are_not_said_to_be_taken(graph, run, tmp_path):
    save_graph(graph, tmp_path / "heads.netloom")
    shutil.rmtree(tmp_path / "Waldklinik")
    assert load_job(run.folder).notes == ()


@pytest.mark.parametrize("beside", ["nothing", "not a project", "other data"])
def test_that_a_place_that_nobody_knows_is_told_as_a_folder_that_is_not_there(
    graph, run, tmp_path, monkeypatch, beside
):
    elsewhere(monkeypatch, tmp_path)
    if beside == "not a project":
        (tmp_path / "heads.netloom").write_text("{")
    if beside == "other data":
        node = graph.nodes[SOURCE]
        other = replace(node, settings={**node.settings, "fingerprint": "0" * 64})
        save_graph(replace(graph, nodes={**graph.nodes, SOURCE: other}), tmp_path / "heads.netloom")
    found = load_job(run.folder).graph
    told = [problem.message for problem in training_problems(analyse(found)) if NOT_KNOWN in problem.message]
    assert len(told) == 1
    assert "Choose where it lies now" in told[0]


def test_that_a_secret_that_cannot_be_kept_is_told(graph, tmp_path, monkeypatch):
    (tmp_path / "blocked").write_text("")
    monkeypatch.setenv("NETLOOM_CACHE", str(tmp_path / "blocked"))
    job = make_job(graph, tmp_path / "run")
    job.folder.mkdir()
    with pytest.raises(RunError, match="blocked"):
        save_job(job)
