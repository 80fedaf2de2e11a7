"""What cannot be trained is refused by `netloom train` before an image is decoded, with the node and a remedy."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from runtime.cli.main import run
from runtime.events import Failed, Preparing, Started
from runtime.files import save_graph
from runtime.runs import Run
from tests.builders import graphs, pictures


@pytest.fixture
def refused(tmp_path, capsys):
    """Trains a graph by the command; gives the exit code, what was said, and the events of the run, if there is one."""

    def train(graph):
        save_graph(graph, tmp_path / "p.netloom")
        words = ["train", str(tmp_path / "p.netloom"), "--run", str(tmp_path / "run"), "--device", "cpu"]
        code = run([*words, "--epochs", "1"])
        return code, capsys.readouterr().err, [event for event, _ in Run(tmp_path / "run").events()]

    return train


def classifier(folder, **more):
    return graphs.classifier(before=["normalise"], **{**pictures.facts(folder), **more})


def named_parts(folder, **classes):
    """Pictures in folders train, val and test, each with these classes."""
    for part, names in classes.items():
        pictures.class_folders(folder / part, 16)
        for name in {"dark", "bright"} - set(names):
            shutil.rmtree(folder / part / name)
    return folder


def test_that_shapes_that_do_not_fit_are_refused_with_the_node(refused, tmp_path):
    data = pictures.class_folders(tmp_path / "data")
    layers = [("convolution", {"filters": 4, "kernel": [99, 99], "padding": "valid"}), "relu", "flatten"]
    code, said, events = refused(classifier(data, layers=layers))
    assert code == 1
    assert "Convolution: A 99×99 window does not fit a 16×16 image; use a smaller window" in said
    assert not events


def test_that_a_loss_that_does_not_fit_the_task_is_refused_with_the_node(refused, tmp_path):
    graph = classifier(pictures.class_folders(tmp_path / "data"), loss="squared_error", metrics=[])
    code, said, events = refused(graph)
    assert code == 1
    assert "Squared error" in said
    assert not events


def test_that_a_step_that_no_memory_could_hold_is_refused_with_the_node_and_a_batch_that_fits(refused, tmp_path):
    layers = [("convolution", {"filters": 1024}), "relu", "global_average_pooling"]
    graph = classifier(pictures.class_folders(tmp_path / "data"), layers=layers, size=(2048, 2048))
    code, said, events = refused(replace(graph, training=replace(graph.training, batch=32)))
    assert code == 1
    assert "of memory, and there are" in said
    assert "“Convolution” needs the most" in said or "“Dense” needs the most" in said
    assert "Before it is trained, " in said
    assert isinstance(events[-1], Failed)
    assert events[-1].node
    assert not any(isinstance(event, Started | Preparing) for event in events)


def test_that_a_class_without_a_case_to_learn_from_is_refused_with_the_node(refused, tmp_path):
    data = named_parts(tmp_path / "data", train=("dark",), val=("dark", "bright"))
    code, said, events = refused(classifier(data))
    assert code == 1
    assert "No case of “bright” is in the training part" in said
    assert "Add cases, leave the class out" in said
    (failed,) = events
    assert isinstance(failed, Failed)
    assert failed.node == "image_folder-1"


def test_that_a_label_out_of_range_is_refused_with_the_node(refused, tmp_path):
    data = pictures.masked(tmp_path / "data")
    graph = graphs.segmenter(before=["normalise"], **pictures.facts(data))
    mask = sorted(path for path in data.rglob("*.png") if "mask" in path.parent.name)[3]
    values = np.array(Image.open(mask))
    values[0, 0] = 77
    Image.fromarray(values).save(mask)
    code, said, events = refused(graph)
    assert code == 1
    assert "are not those it was attached with" in said
    assert "(background, 1, 77) now. Attach the folder again." in said
    (failed,) = events
    assert isinstance(failed, Failed)
    assert failed.node == "image_folder-1"
