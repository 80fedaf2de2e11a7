"""What keeps a graph from being trained is all said, at the node to mend."""

from dataclasses import replace

import pytest

from runtime.analysis import analyse
from runtime.attach import learned
from runtime.data.catalogue import DataError
from runtime.data.labels import read_dataset
from runtime.data.split import split
from runtime.graph import Training
from runtime.readiness import training_problems
from tests.builders import graphs, pictures


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
    ("known", "said"),
    [
        ({"folder": ""}, "has no folder"),
        ({"folder": "not/there"}, "is not there"),
        ({"label": "", "classes": (), "counts": ()}, "has no labels"),
        ({"classes": ("only",), "counts": (20,)}, "two or more are needed"),
        ({"label": "", "classes": (), "counts": (), "choices": ("masks_a", "masks_b")}, "(masks_a, masks_b); name one"),
        ({"label": "", "classes": (), "counts": (), "labels": "none"}, "uses no labels, as chosen"),
        ({"groups": (1, 4), "named_patients": 5}, "too few have healthy (patients per class: healthy 1, ill 4)"),
        ({"groups": (1, 4)}, "Add images to these classes"),
    ],
)
def test_that_what_the_data_lack_is_named_at_their_source(here, known, said):
    found = training_problems(analyse(graphs.classifier(**{"folder": here, **known})))
    assert any(said in problem.message and problem.node == "image_folder-1" for problem in found)


def test_that_too_few_patients_are_refused_in_the_words_of_the_split(tmp_path):
    dataset = read_dataset(pictures.class_folders(tmp_path / "data", 3))
    with pytest.raises(DataError) as refused:
        split(dataset, 0)
    graph = graphs.classifier(**learned(dataset))
    (said,) = messages(graph)
    assert said.startswith(" ".join(refused.value.problems))
    assert training_problems(analyse(graph), as_attached=False) == ()
    by_image = graphs.classifier(**learned(dataset), training=Training(split="image"))
    assert messages(by_image) == []


def test_that_data_that_name_their_parts_are_not_divided(tmp_path):
    for part in ("train", "val"):
        pictures.class_folders(tmp_path / part, 2)
    found = learned(read_dataset(tmp_path))
    assert found["groups"] == []
    assert messages(graphs.classifier(**found)) == []


@pytest.mark.parametrize("watch", ["", "loss", "validation_loss", "accuracy", "validation_accuracy", "Accuracy"])
def test_that_the_best_epoch_is_told_by_what_is_measured(here, watch):
    assert messages(graphs.classifier(folder=here, training=Training(watch=watch))) == []


def test_that_another_watched_metric_is_refused(here):
    (said,) = messages(graphs.classifier(folder=here, training=Training(watch="dice")))
    assert "“dice”, which is not measured; one of loss, accuracy fits" in said


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


def test_that_of_two_folders_only_the_one_whose_labels_are_learned_needs_labels(here):
    unlabelled = {"label": "", "classes": (), "counts": (), "name": "Other"}
    document = graphs.Document(graphs.two_sources({"folder": here}, {"folder": here, **unlabelled}))
    assert messages(document.graph()) == []
    with document.edit("Take the folder away"):
        document.change("image_folder-2", folder="")
    assert any("“Other” has no folder" in message for message in messages(document.graph()))


def test_that_images_that_are_laid_on_each_other_are_to_be_augmented_together(here):
    def joined(before, after):
        document = graphs.Document()
        with document.edit("Draw"):
            both = graphs.add(document, "concatenate")
            sources = [graphs.source(document, folder=here, name=name) for name in ("One", "Two")]
            for source, layers in zip(sources, before, strict=True):
                graphs.wire(document, graphs.chain(document, source, layers), both)
            last = graphs.chain(document, both, [*after, *graphs.LAYERS, ("dense", {"units": 2})])
            graphs.judge(document, last, sources[0], "class", "cross_entropy")
        return messages(document.graph())

    assert joined(([], []), ["augment"]) == []
    for apart in ((["augment"], []), (["augment"], ["augment"])):
        (said,) = joined(apart, [])
        assert "“Concatenate” lays images on each other that were not augmented together" in said


def test_that_a_folder_that_leads_nowhere_is_not_asked_for_anything(here):
    document = graphs.Document(graphs.classifier(folder=here))
    with document.edit("Add"):
        graphs.source(document, folder="", name="Idle")
    assert not any("“Idle”" in message for message in messages(document.graph()))


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
