"""A run whose data moved says where it took them from, wherever it tells of its results."""

import json
from dataclasses import replace

import pytest

from runtime.files import save_graph
from runtime.train import train
from tests.builders import graphs, pictures
from tests.runtime.command import done

SOURCE = "image_folder-1"
TAKEN = "those that the project beside the run names are taken"


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    """A trained run whose folder of pictures was moved; the project beside it names the new place."""
    place = tmp_path_factory.mktemp("moved")
    data = pictures.class_folders(place / "before")
    graph = graphs.classifier(before=["normalise"], **pictures.facts(data))
    run = pictures.new_run(graph, place / "discs-runs" / "1", epochs=1, batch=8, device="cpu")
    assert list(train(run.job))
    data.rename(place / "now")
    settings = {**graph.nodes[SOURCE].settings, "folder": str(place / "now")}
    node = replace(graph.nodes[SOURCE], settings=settings)
    save_graph(replace(graph, nodes={**graph.nodes, SOURCE: node}), place / "discs.netloom")
    return run


def said(*words):
    """What a command printed for people, and its JSON line."""
    ran = done(*words, "--json")
    return ran.stderr, json.loads(ran.stdout)


@pytest.mark.slow
def test_that_evaluation_tells_of_data_that_the_project_names(moved):
    shown, record = said("evaluate", moved.folder, "--part", "validation")
    assert TAKEN in shown
    assert [text for text in record["warnings"] if TAKEN in text]
    kept = json.loads((moved.folder / "evaluation-validation.json").read_text(encoding="utf-8"))
    assert kept["warnings"] == record["warnings"]


@pytest.mark.slow
def test_that_another_folder_is_measured_without_a_word_on_the_runs_own_data(moved):
    shown, record = said("evaluate", moved.folder, "--data", moved.folder.parent.parent / "now")
    assert TAKEN not in shown
    assert not [text for text in record["warnings"] if TAKEN in text]


@pytest.mark.slow
def test_that_an_export_tells_of_data_that_the_project_names(moved, tmp_path):
    shown, record = said("export", moved.folder, "--to", "onnx", "--out", tmp_path / "model.onnx")
    assert TAKEN in shown
    assert [text for text in record["notes"] if TAKEN in text]


@pytest.mark.slow
def test_that_a_map_tells_of_data_that_the_project_names(moved, tmp_path):
    shown, record = said("explain", moved.folder, "--case", 1, "--method", "occlusion", "--out", tmp_path / "map.png")
    assert TAKEN in shown
    assert [text for text in record["notes"] if TAKEN in text]
