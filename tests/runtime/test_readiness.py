"""What keeps a graph from being trained is all said, at the node to mend."""

from dataclasses import replace

import pytest

from runtime.analysis import analyse
from runtime.readiness import training_problems
from tests.builders import graphs


@pytest.fixture
def here(tmp_path):
    return str(tmp_path)


def without(graph, *types):
    gone = {node_id for node_id, node in graph.nodes.items() if node.type in types}
    kept = {node_id: node for node_id, node in graph.nodes.items() if node_id not in gone}
    wires = tuple(wire for wire in graph.wires if not gone & {wire.source, wire.target})
    return replace(graph, nodes=kept, wires=wires)


def messages(graph):
    return [problem.message for problem in training_problems(analyse(graph))]


def test_that_a_whole_graph_has_no_training_problems(here):
    assert messages(graphs.classifier(folder=here)) == []
    assert messages(graphs.regressor(folder=here)) == []
    assert messages(graphs.segmenter(folder=here)) == []


@pytest.mark.parametrize(
    ("types", "said"),
    [
        (("image_folder",), "no data to train on"),
        (("cross_entropy",), "no loss"),
        (("adam",), "no optimizer"),
        (("output",), "no output node"),
    ],
)
def test_that_what_is_missing_is_named(here, types, said):
    assert any(said in message for message in messages(without(graphs.classifier(folder=here), *types)))


def test_that_everything_missing_is_said_at_once(here):
    empty = without(graphs.classifier(folder=here), "image_folder", "cross_entropy", "adam", "output")
    assert len(messages(empty)) == 4


@pytest.mark.parametrize(
    ("learned", "said"),
    [
        ({"folder": ""}, "has no folder"),
        ({"folder": "not/there"}, "is not there"),
        ({"label": "", "classes": (), "counts": ()}, "has no labels"),
        ({"classes": ("only",), "counts": (20,)}, "two or more are needed"),
    ],
)
def test_that_what_the_data_lack_is_named_at_their_source(here, learned, said):
    found = training_problems(analyse(graphs.classifier(**{"folder": here, **learned})))
    assert any(said in problem.message and problem.node == "image_folder-1" for problem in found)


def test_that_a_graph_without_trained_numbers_is_told_of(here):
    graph = graphs.regressor(folder=here, layers=("flatten",))
    graph = without(graph, "dense")
    (flatten,) = (node_id for node_id, node in graph.nodes.items() if node.type == "flatten")
    document = graphs.Document(graph)
    with document.edit("Reduce"):
        one = graphs.chain(document, "image_folder-1", [("global_average_pooling", {})])
        for node in list(document.nodes.values()):
            if node.type in ("squared_error", "output"):
                graphs.wire(document, one, node.id, input="prediction")
        document.remove(flatten)
    assert any("nothing to train" in message for message in messages(document.graph()))


def test_that_two_folders_are_too_many(here):
    document = graphs.Document(graphs.classifier(folder=here))
    with document.edit("Add"):
        graphs.source(document, folder=here)
    assert any("both read a folder" in message for message in messages(document.graph()))


def test_that_a_plain_input_has_no_data(here):
    document = graphs.Document(graphs.classifier(folder=here))
    with document.edit("Add"):
        entry = document.add("input", settings={"shape": [1, 16, 16]})
        graphs.chain(document, entry, ["relu"])
    assert any("has a shape but no data" in message for message in messages(document.graph()))


def test_that_an_autoencoder_needs_no_labels(here):
    document = graphs.Document()
    with document.edit("Draw"):
        origin = graphs.source(document, folder=here, label="", classes=(), counts=())
        last = graphs.chain(document, origin, [("convolution", {"filters": 1})])
        graphs.judge(document, last, origin, "image", "squared_error")
    assert messages(document.graph()) == []
