"""What follows from a graph, and what is said of graphs that are wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.spec import REGISTRY
from runtime.analysis import Analysis, analyse
from runtime.document import Document
from runtime.graph import Graph, Node, Wire
from tests.builders.graphs import add, chain, classifier, judge, source, wire

Draw = Callable[[Document], None]


def analysed(draw: Draw) -> Analysis:
    """The analysis of a small drawing."""
    document = Document()
    with document.edit("Draw"):
        draw(document)
    return analyse(document.graph())


def messages(analysis: Analysis) -> str:
    """All that is said of the graph."""
    return " | ".join(problem.message for problem in analysis.problems)


def test_that_a_sound_classifier_has_shapes_counts_and_no_problem() -> None:
    analysis = analyse(classifier())
    assert not analysis.problems
    assert analysis.parameters > 0
    (meaning,) = analysis.meanings.values()
    assert (meaning.activation, meaning.task, meaning.classes) == ("softmax", "classification", ("healthy", "ill"))
    (updated,) = analysis.trained.values()
    assert {analysis.graph.nodes[node].type for node in updated} == {"convolution", "batch_normalization", "dense"}


def test_that_a_window_larger_than_the_image_is_said_at_its_node_and_field() -> None:
    graph = classifier(layers=[("convolution", {"kernel": 99, "padding": "valid"}), "flatten"])
    (problem,) = analyse(graph).problems
    assert graph.nodes[problem.node].type == "convolution"
    assert problem.field == "kernel"
    assert "99×99" in problem.message


def test_that_dense_on_an_image_says_to_put_flatten_before_it() -> None:
    said = messages(analyse(classifier(layers=["relu"])))
    assert "Flatten" in said
    assert "1×16×16" in said


def test_that_one_fault_is_told_once_and_not_again_by_every_node_behind_it() -> None:
    graph = classifier(layers=[("convolution", {"filters": "many"}), "relu", "max_pooling", "flatten"])
    (problem,) = analyse(graph).problems
    assert (graph.nodes[problem.node].type, problem.field) == ("convolution", "filters")
    assert "many" in problem.message


def test_that_nodes_on_a_loop_are_named_and_the_rest_is_analysed() -> None:
    def draw(document: Document) -> None:
        start = source(document)
        chain(document, start, ["relu"])
        first, second = add(document, "tanh"), add(document, "elu")
        wire(document, first, second)
        wire(document, second, first)

    analysis = analysed(draw)
    assert "form a loop" in messages(analysis)
    assert "Tanh → Elu" in messages(analysis)
    assert {analysis.graph.nodes[node_id].type for node_id in analysis.order} == {"image_folder", "relu"}


def test_that_an_unknown_type_is_told_and_its_neighbours_are_left_in_peace() -> None:
    def draw(document: Document) -> None:
        strange = document.add("from_the_future", "Strange")
        document.connect(Wire(source(document), "image", strange, "in"))
        after = add(document, "relu")
        document.connect(Wire(strange, "out", after, "image"))

    (problem,) = analysed(draw).problems
    assert "from_the_future" in problem.message


def test_that_a_loss_wire_into_an_image_port_is_refused_in_words() -> None:
    def draw(document: Document) -> None:
        start = source(document)
        relu = add(document, "relu")
        document.connect(Wire(start, "class", relu, "image"))

    assert "takes a wire of the kind image or features; this one carries target" in messages(analysed(draw))


def test_that_a_second_wire_into_a_single_port_is_a_problem() -> None:
    def draw(document: Document) -> None:
        start, relu = source(document), add(document, "relu")
        tanh = chain(document, start, ["tanh"])
        wire(document, start, relu)
        wire(document, tanh, relu)

    assert "takes one wire at its port" in messages(analysed(draw))


def test_that_a_mask_is_expected_at_the_size_to_which_its_images_were_brought() -> None:
    def draw(document: Document) -> None:
        start = source(document, label="mask")
        end = chain(document, start, [("resize", {"size": 8}), "augment", ("convolution", {"filters": 2})])
        judge(document, end, start, "mask", "cross_entropy", ["dice_score"])

    analysis = analysed(draw)
    assert not analysis.problems
    (loss,) = analysis.of_type(REGISTRY["cross_entropy"])
    target = analysis.facts[loss].inputs["target"]
    assert target.shape == (8, 8)


def test_that_branches_which_moved_pixels_differently_may_not_meet_at_a_mask() -> None:
    def draw(document: Document) -> None:
        start = source(document, label="mask")
        first = chain(document, start, [("resize", {"size": 8})])
        second = chain(document, start, [("resize", {"size": 8, "fit": "crop"})])
        joined = add(document, "concatenate")
        wire(document, first, joined)
        wire(document, second, joined)
        judge(document, chain(document, joined, [("convolution", {"filters": 2})]), start, "mask", "cross_entropy")

    assert "went through different resizing or augmentation" in messages(analysed(draw))


def test_that_a_label_of_another_source_than_the_images_is_a_problem() -> None:
    def draw(document: Document) -> None:
        one, other = source(document), source(document, name="Other")
        end = chain(document, one, ["flatten", ("dense", {"units": 2})])
        judge(document, end, other, "class", "cross_entropy")

    assert "the prediction is not made from its images" in messages(analysed(draw))


def test_that_an_image_can_be_the_target_of_an_autoencoder() -> None:
    def draw(document: Document) -> None:
        start = source(document)
        prepared = chain(document, start, [("resize", {"size": 8}), "normalise"])
        end = chain(document, prepared, [("convolution", {"filters": 1})])
        judge(document, end, prepared, "out", "squared_error")

    analysis = analysed(draw)
    assert not analysis.problems
    (meaning,) = analysis.meanings.values()
    assert meaning.activation == "identity"


def test_that_a_mask_is_not_offered_by_a_folder_without_masks() -> None:
    def draw(document: Document) -> None:
        start = source(document, label="class")
        judge(document, chain(document, start, [("convolution", {"filters": 2})]), start, "mask", "cross_entropy")

    assert "mask" in messages(analysed(draw))


def test_that_only_ports_of_a_fitting_kind_are_offered_or_the_labels_that_are_missing() -> None:
    def draw(loss: str, wanted: str, **learned: object) -> str:
        def drawn(document: Document) -> None:
            start = source(document, **learned)
            judge(document, chain(document, start, [("convolution", {"filters": 2})]), start, wanted, loss)

        return messages(analysed(drawn))

    said = draw("dice_loss", "mask", label="class")
    assert "no labels of that kind: put the masks into a folder" in said
    assert "draw the wire from" not in said
    for loss in ("binary_cross_entropy", "cross_entropy"):
        said = draw(loss, "mask", label="class", classes=("a", "b"))
        assert "put the masks into a folder" in said
        assert "draw the wire from" not in said
    assert "draw the wire from “mask”." in draw("cross_entropy", "class", label="mask", classes=("a", "b"))
    assert "(one, two) as labels." in draw("dice_loss", "mask", label="", choices=("one", "two"))


words = st.sampled_from(["image", "out", "class", "prediction", "target", "loss", "nowhere"])
KINDS = ("image_folder", "convolution", "add", "dense", "cross_entropy", "adam", "output", "not invented")


@given(
    kinds=st.lists(st.sampled_from(KINDS), max_size=7),
    wires=st.lists(st.tuples(st.integers(0, 7), words, st.integers(0, 7), words), max_size=12),
    filters=st.none() | st.integers(-2, 4) | st.text(max_size=3) | st.floats() | st.lists(st.integers(), max_size=2),
)
@settings(max_examples=300, deadline=None)
def test_that_no_graph_makes_the_analysis_fail(
    kinds: list[str], wires: list[tuple[int, str, int, str]], filters: object
) -> None:
    drawn = {str(place): Node(str(place), kind, kind, {"filters": filters}) for place, kind in enumerate(kinds)}
    analysis = analyse(Graph(drawn, tuple(Wire(str(a), out, str(b), into) for a, out, b, into in wires)))
    assert set(analysis.facts) == set(drawn)
    assert all(problem.message for problem in analysis.problems)


@pytest.mark.parametrize("count", [1000])
def test_that_a_long_chain_is_analysed_without_recursion(count: int) -> None:
    analysis = analyse(classifier(layers=["relu"] * count + ["flatten"]))
    assert len(analysis.order) > count
    assert not analysis.problems
