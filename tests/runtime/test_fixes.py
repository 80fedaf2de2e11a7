"""One-click remedies: each makes its problem go away, brings no new error, and undo takes it back exactly."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.analysis import Analysis, analyse
from runtime.document import Document
from runtime.fixes import Fix, apply_fix, fixes_for
from runtime.graph import Graph, Node, Wire
from runtime.problems import Problem
from runtime.readiness import training_problems
from tests.builders.graphs import add, chain, classifier, judge, regressor, segmenter, source, wire

Draw = Callable[[Document], None]


def drawn(draw: Draw, start: Graph | None = None) -> Graph:
    """A graph with a fault drawn into it."""
    document = Document(start)
    with document.edit("Draw"):
        draw(document)
    return document.graph()


def id_of(graph: Graph | Document, type_id: str) -> str:
    """The first node of this type."""
    return next(node.id for node in graph.nodes.values() if node.type == type_id)


def faults(graph: Graph) -> list[Problem]:
    """All problems that have a class."""
    analysis = analyse(graph)
    return [problem for problem in (*analysis.problems, *training_problems(analysis)) if problem.code]


def offered(graph: Graph, code: str) -> dict[str, Fix]:
    """The remedies of the first problem of this class by their labels."""
    problem = next(problem for problem in faults(graph) if problem.code == code)
    return {fix.label: fix for fix in fixes_for(problem, analyse(graph))}


def mended(graph: Graph, code: str, label: str) -> Analysis:
    """The analysis after the remedy; that the problem is gone, that no error is new and that undo works is held."""
    found = offered(graph, code)
    assert label in found, f"offered are {list(found)}"
    before = faults(graph)
    (problem,) = [problem for problem in before if problem.code == code][:1]
    document = Document(graph)
    apply_fix(found[label], document)
    assert document.undo_label == label
    after = analyse(document.graph())
    assert problem not in (*after.problems, *training_problems(after))
    assert not set(after.errors) - set(analyse(graph).errors)
    document.undo()
    assert not document.undo_label
    assert document.graph() == graph
    assert list(document.nodes) == list(graph.nodes)
    return after


def only_fault_gone(graph: Graph, code: str, label: str) -> Analysis:
    """The same, where nothing else was wrong."""
    after = mended(graph, code, label)
    assert not after.problems
    return after


def types_before(analysis: Analysis, node_id: str) -> list[str]:
    """The types of the nodes right before a node."""
    return [analysis.graph.nodes[wire.source].type for wire in analysis.graph.wires_into(node_id)]


@pytest.mark.parametrize(
    ("label", "type_id"),
    [("Insert Flatten", "flatten"), ("Insert Global average pooling", "global_average_pooling")],
)
def test_that_an_image_before_dense_is_flattened_or_pooled(label: str, type_id: str) -> None:
    after = only_fault_gone(classifier(layers=["relu"]), "rank", label)
    assert types_before(after, id_of(after.graph, "dense")) == [type_id]


def test_that_a_flattening_before_a_convolution_is_removed() -> None:
    graph = drawn(lambda document: add_wrong_flatten(document), segmenter())
    only_fault_gone(graph, "rank", "Remove “Flatten”")


def add_wrong_flatten(document: Document) -> None:
    """Put Flatten between two convolutions."""
    scores = next(node.id for node in document.nodes.values() if node.name == "Scores")
    (old,) = document.graph().wires_into(scores)
    document.disconnect(old)
    chain_end = chain(document, old.source, [("flatten", {"name": "Flatten"})])
    wire(document, chain_end, scores)


def test_that_a_window_too_large_for_the_image_gets_padding_or_the_largest_size_that_fits() -> None:
    graph = classifier(layers=[("convolution", {"kernel": 99, "padding": "valid"}), "flatten"])
    only_fault_gone(graph, "unfit", "Set “Edges (padding)” to same")
    after = only_fault_gone(graph, "unfit", "Set “Window (kernel)” to 16")
    assert after.facts[id_of(after.graph, "convolution")].shape == (16, 1, 1)


@pytest.mark.parametrize(
    ("layers", "label"),
    [
        ([("convolution", {"filters": 16}), ("convolution", {"groups": 5}), "flatten"], "groups"),
        ([("convolution", {"filters": 16}), ("group_normalization", {"groups": 5}), "flatten"], "groups"),
        ([("convolution", {"filters": 16}), ("pixel_shuffle", {"factor": 3}), "flatten"], "factor"),
    ],
)
def test_that_groups_that_do_not_divide_the_channels_go_to_the_nearest_that_do(layers: list, label: str) -> None:
    graph = classifier(layers=layers)
    (name,) = offered(graph, "unfit")
    after = only_fault_gone(graph, "unfit", name)
    faulty = next(problem.node for problem in faults(graph))
    assert after.graph.nodes[faulty].settings[label] in (2, 4)


def test_that_a_classifier_with_too_many_scores_gives_as_many_as_there_are_classes() -> None:
    graph = drawn(lambda document: document.change(id_of(document, "dense"), units=10), classifier(metrics=()))
    only_fault_gone(graph, "unfit", "Give “Dense” 2 outputs")


def test_that_the_last_convolution_before_a_mask_gives_as_many_maps_as_there_are_classes() -> None:
    def spoil(document: Document) -> None:
        scores = next(node.id for node in document.nodes.values() if node.name == "Scores")
        document.change(scores, filters=7)

    only_fault_gone(drawn(spoil, segmenter()), "unfit", "Give “Scores” 2 filters")


def test_that_loss_metric_and_output_get_the_same_layer_when_none_can_be_changed() -> None:
    def draw(document: Document) -> None:
        origin = source(document)
        last = chain(document, origin, [("convolution", {"filters": 5}), "global_average_pooling"])
        judge(document, last, origin, "class", "cross_entropy", ["accuracy"])

    graph = drawn(draw)
    found = offered(graph, "unfit")
    assert "Give “Convolution” 2 filters" in found
    document = Document(graph)
    apply_fix(found["Give “Convolution” 2 filters"], document)
    assert not analyse(document.graph()).problems


def test_that_an_image_before_a_loss_of_classes_is_pooled_and_scored() -> None:
    def draw(document: Document) -> None:
        origin = source(document)
        last = chain(document, origin, [("convolution", {"filters": 5})])
        judge(document, last, origin, "class", "cross_entropy", ["accuracy"])

    graph = drawn(draw)
    only_fault_gone(graph, "unfit", "Insert Global average pooling and Dense with 2 outputs")
    after = only_fault_gone(graph, "unfit", "Insert Flatten and Dense with 2 outputs")
    assert types_before(after, id_of(after.graph, "output")) == ["dense"]
    assert sum(node.type == "dense" for node in after.graph.nodes.values()) == 1


def test_that_a_binary_loss_with_two_scores_is_changed_or_given_one() -> None:
    graph = classifier(loss="binary_cross_entropy", metrics=())
    only_fault_gone(graph, "unfit", "Give “Dense” 1 output")
    only_fault_gone(graph, "unfit", "Change to Cross-entropy")


def test_that_a_prediction_half_as_big_as_the_mask_is_upsampled_before_all_that_judge_it() -> None:
    def draw(document: Document) -> None:
        origin = source(document, label="mask", classes=("background", "lesion"), counts=())
        last = chain(document, origin, ["max_pooling", ("convolution", {"filters": 2})])
        judge(document, last, origin, "mask", "dice_loss", ["dice_score"])

    after = only_fault_gone(drawn(draw), "unfit", "Insert Upsample ×2")
    assert types_before(after, id_of(after.graph, "output")) == ["upsample"]


def test_that_no_remedy_is_offered_where_no_whole_factor_leads_to_the_mask() -> None:
    def draw(document: Document) -> None:
        origin = source(document, label="mask", classes=("background", "lesion"), counts=())
        last = chain(document, origin, [("convolution", {"filters": 2, "padding": "valid"})])
        judge(document, last, origin, "mask", "dice_loss")

    assert not offered(drawn(draw), "unfit")


def branches(first: list, second: list, merge: str = "add") -> Graph:
    """Two branches of one picture that meet; behind them a classifier."""

    def draw(document: Document) -> None:
        origin = source(document)
        ends = [chain(document, origin, layers) for layers in (first, second)]
        meeting = add(document, merge)
        for end in ends:
            wire(document, end, meeting)
        last = chain(document, meeting, ["flatten", ("dense", {"units": 2})])
        judge(document, last, origin, "class", "cross_entropy")

    return drawn(draw)


@pytest.mark.parametrize(
    ("first", "second", "merge", "label"),
    [
        (["relu"], [("convolution", {"filters": 8})], "add", "Insert Convolution 1×1 with 8 filters"),
        (["relu"], [("convolution", {"filters": 8, "stride": 2})], "add", "Insert Convolution 1×1 with 8 filters"),
        (["relu"], ["max_pooling"], "add", "Insert Upsample ×2"),
        (["max_pooling"], ["relu"], "average", "Insert Max pooling"),
        (["relu"], [("convolution", {"filters": 8, "stride": 2})], "concatenate", "Insert Upsample ×2"),
        (["relu"], [("convolution", {"filters": 8, "stride": 2})], "concatenate", "Insert Max pooling"),
    ],
)
def test_that_branches_of_another_shape_are_brought_together(
    first: list, second: list, merge: str, label: str
) -> None:
    only_fault_gone(branches(first, second, merge), "unfit", label)


def test_that_branches_of_features_get_a_dense_layer() -> None:
    only_fault_gone(
        branches(["flatten", ("dense", {"units": 4})], ["flatten", ("dense", {"units": 8})]), "unfit",
        "Insert Dense with 8 outputs",
    )  # fmt: skip


def test_that_the_order_of_branches_is_kept() -> None:
    graph = branches(["relu"], [("convolution", {"filters": 8, "stride": 2})], "concatenate")
    after = mended(graph, "unfit", "Insert Max pooling")
    assert types_before(after, id_of(after.graph, "concatenate")) == ["max_pooling", "convolution"]


@pytest.mark.parametrize(
    ("graph", "wrong", "label"),
    [
        (classifier(metrics=()), "dice_loss", "Change to Cross-entropy"),
        (classifier(metrics=()), "squared_error", "Change to Cross-entropy"),
        (regressor(), "cross_entropy", "Change to Squared error"),
        (segmenter(), "huber", "Change to Dice + cross-entropy"),
    ],
)
def test_that_a_loss_for_another_task_is_changed_to_the_usual_one(graph: Graph, wrong: str, label: str) -> None:
    def spoil(document: Document) -> None:
        loss = next(wire.source for wire in document.wires if wire.output == "loss")
        document.retype(loss, wrong, "Judge", {})

    only_fault_gone(drawn(spoil, graph), "label", label)


def test_that_a_metric_for_another_task_is_changed_too() -> None:
    only_fault_gone(classifier(metrics=["dice_score"]), "label", "Change to Accuracy")


def test_that_a_wire_from_a_port_with_nothing_to_give_is_drawn_from_what_is_offered() -> None:
    def spoil(document: Document) -> None:
        loss = id_of(document, "cross_entropy")
        (old,) = [wire for wire in document.graph().wires_into(loss) if wire.input == "target"]
        document.disconnect(old)
        document.connect(Wire(old.source, "mask", loss, "target"))

    graph = drawn(spoil, classifier(metrics=()))
    only_fault_gone(graph, "not_offered", "Draw the target from “class”")


def test_that_a_loss_for_masks_follows_when_the_folder_holds_classes() -> None:
    def spoil(document: Document) -> None:
        loss = id_of(document, "cross_entropy")
        (old,) = [wire for wire in document.graph().wires_into(loss) if wire.input == "target"]
        document.disconnect(old)
        document.connect(Wire(old.source, "mask", loss, "target"))
        document.retype(loss, "dice_loss", "Dice loss", {})

    graph = drawn(spoil, classifier(metrics=()))
    only_fault_gone(graph, "not_offered", "Change to Cross-entropy, on “class”")


@pytest.mark.parametrize("squeezing", ["softmax", "sigmoid"])
def test_that_softmax_before_a_loss_is_warned_of_and_removed(squeezing: str) -> None:
    def draw(document: Document) -> None:
        origin = source(document)
        last = chain(document, origin, ["flatten", ("dense", {"units": 2}), (squeezing, {"name": "Squeeze"})])
        judge(document, last, origin, "class", "cross_entropy", ["accuracy"])

    graph = drawn(draw)
    assert [problem.severity for problem in faults(graph) if problem.code == "squeezed"] == ["warning"]
    after = only_fault_gone(graph, "squeezed", "Remove “Squeeze”")
    assert types_before(after, id_of(after.graph, "output")) == ["dense"]


def test_that_softmax_which_others_need_stays_and_the_judges_look_before_it() -> None:
    def draw(document: Document) -> None:
        origin = source(document)
        scores = chain(document, origin, ["flatten", ("dense", {"units": 2, "name": "Scores"})])
        last = chain(document, scores, ["softmax"])
        chain(document, last, ["dropout"])
        judge(document, last, origin, "class", "cross_entropy", ["accuracy"])

    after = only_fault_gone(drawn(draw), "squeezed", "Draw the prediction from before “Softmax”")
    assert "dense" in types_before(after, id_of(after.graph, "accuracy"))


def test_that_a_sigmoid_before_a_squared_error_is_left_alone() -> None:
    graph = drawn(lambda document: sigmoid_last(document), regressor())
    assert not faults(graph)


def sigmoid_last(document: Document) -> None:
    """Squeeze the prediction of a regressor."""
    loss = id_of(document, "squared_error")
    (old,) = [wire for wire in document.graph().wires_into(loss) if wire.input == "prediction"]
    document.disconnect(old)
    wire(document, chain(document, old.source, ["sigmoid"]), loss, input="prediction")


@pytest.mark.parametrize(
    ("code", "removed", "label"),
    [
        ("no_output", "output", "Add Output"),
        ("no_optimizer", "adam", "Add Adam"),
        ("no_loss", "cross_entropy", "Add Cross-entropy"),
    ],
)
def test_that_what_a_training_lacks_is_added_and_wired(code: str, removed: str, label: str) -> None:
    graph = drawn(lambda document: document.remove(id_of(document, removed)), classifier())
    after = mended(graph, code, label)
    assert not after.problems
    assert not [problem for problem in training_problems(after) if problem.code]
    assert len(after.graph.wires) == len(classifier().wires)


@pytest.mark.parametrize(
    ("graph", "removed", "label"),
    [
        (segmenter(), "dice_loss", "Add Dice + cross-entropy"),
        (regressor(), "squared_error", "Add Squared error"),
    ],
)
def test_that_the_loss_that_is_added_suits_the_task(graph: Graph, removed: str, label: str) -> None:
    mended(drawn(lambda document: document.remove(id_of(document, removed)), graph), "no_loss", label)


def test_that_a_loss_that_leads_nowhere_is_drawn_to_the_optimizer() -> None:
    def spoil(document: Document) -> None:
        extra = add(document, ("binary_cross_entropy", {"name": "Second"}))
        scores = chain(document, id_of(document, "flatten"), [("dense", {"units": 1})])
        wire(document, scores, extra, input="prediction")
        wire(document, id_of(document, "image_folder"), extra, output="class", input="target")

    mended(drawn(spoil, classifier()), "idle_loss", "Draw the wire to “Adam”")


@pytest.mark.parametrize(
    ("node", "port", "label"),
    [
        ("cross_entropy", "target", "Draw the wire from “Image” (class)"),
        ("adam", "loss", "Draw the wire from “Cross entropy”"),
        ("output", "prediction", "Draw the wire from “Dense”"),
        ("relu", "image", "Draw the wire from “Batch normalization”"),
    ],
)
def test_that_an_empty_port_is_wired_where_only_one_place_fits(node: str, port: str, label: str) -> None:
    def spoil(document: Document) -> None:
        (old,) = [wire for wire in document.graph().wires_into(id_of(document, node)) if wire.input == port]
        document.disconnect(old)

    only_fault_gone(drawn(spoil, classifier()), "empty_port", label)


@pytest.mark.parametrize(
    ("settings", "label"),
    [
        ({"filters": "many"}, "Set “Filters (output channels)” back to 16"),
        ({"filters": 0}, "Set “Filters (output channels)” to 1"),
        ({"filters": 70000}, "Set “Filters (output channels)” to 65536"),
        ({"kernel": [0, 3]}, "Set “Window (kernel)” to 1×3"),
        ({"padding": "wide"}, "Set “Edges (padding)” back to same"),
    ],
)
def test_that_a_wrong_value_goes_to_the_nearest_bound_or_the_default(settings: dict, label: str) -> None:
    only_fault_gone(classifier(layers=[("convolution", settings), "global_average_pooling"]), "setting", label)


def test_that_a_default_stands_beside_the_nearest_bound() -> None:
    graph = classifier(layers=[("convolution", {"filters": 0}), "flatten"])
    assert list(offered(graph, "setting")) == [
        "Set “Filters (output channels)” to 1", "Set “Filters (output channels)” back to 16"
    ]  # fmt: skip


def test_that_an_unknown_setting_is_removed() -> None:
    graph = classifier(layers=[("convolution", {"colour": "red"}), "flatten"])
    only_fault_gone(graph, "unknown_setting", "Remove the setting “colour”")


def test_that_of_two_wires_at_a_single_port_the_newest_stays() -> None:
    def spoil(document: Document) -> None:
        wire(document, id_of(document, "convolution"), id_of(document, "relu"))

    after = only_fault_gone(drawn(spoil, classifier()), "many_wires", "Keep the wire from “Convolution”")
    assert types_before(after, id_of(after.graph, "relu")) == ["convolution"]


def test_that_a_wire_to_a_port_that_is_not_there_is_removed_or_drawn_again() -> None:
    def spoil(document: Document) -> None:
        relu = id_of(document, "relu")
        (old,) = document.graph().wires_into(relu)
        document.disconnect(old)
        document.connect(Wire(old.source, old.output, relu, "picture"))

    only_fault_gone(drawn(spoil, classifier()), "missing_port", "Draw the wire to “image”")

    def add_more(document: Document) -> None:
        document.connect(Wire(id_of(document, "convolution"), "out", id_of(document, "relu"), "picture"))

    only_fault_gone(drawn(add_more, classifier()), "missing_port", "Remove the wire")


def test_that_a_wire_of_another_kind_or_to_nowhere_is_removed() -> None:
    def misfit(document: Document) -> None:
        document.connect(Wire(id_of(document, "cross_entropy"), "loss", id_of(document, "relu"), "image"))

    only_fault_gone(drawn(misfit, classifier()), "misfit", "Remove the wire")
    graph = classifier()
    lost = Graph(graph.nodes, (*graph.wires, Wire(id_of(graph, "relu"), "out", "gone", "image")), graph.training)
    only_fault_gone(lost, "lost_wire", "Remove the wire")


def test_that_the_newest_wire_of_a_loop_is_removed() -> None:
    def spoil(document: Document) -> None:
        adding = add(document, "add")
        wire(document, id_of(document, "convolution"), adding)
        wire(document, chain(document, adding, [("tanh", {"name": "Tanh"})]), adding)

    after = only_fault_gone(drawn(spoil, classifier()), "loop", "Remove the wire from “Tanh” to “Add”")
    assert types_before(after, id_of(after.graph, "add")) == ["convolution"]


def test_that_a_fault_that_hid_another_is_still_mended() -> None:
    graph = drawn(lambda document: document.change(id_of(document, "dense"), units=3), classifier(layers=["relu"]))
    found = offered(graph, "rank")
    document = Document(graph)
    apply_fix(found["Insert Flatten"], document)
    assert {problem.code for problem in analyse(document.graph()).problems} == {"unfit"}


def test_that_problems_without_a_class_have_no_remedy() -> None:
    analysis = analyse(classifier())
    assert fixes_for(Problem("", "", "error", "There is no data."), analysis) == ()


def test_that_inserted_bars_do_not_cover_others() -> None:
    def draw(document: Document) -> None:
        origin = source(document)
        last = chain(document, origin, [("convolution", {"filters": 5}), "relu", "relu"])
        judge(document, last, origin, "class", "cross_entropy", ["accuracy"])
        for row, node_id in enumerate(document.nodes):
            document.change(node_id, position=(0.0, 40.0 * row))

    after = mended(drawn(draw), "unfit", "Insert Flatten and Dense with 2 outputs")
    places = [node.position for node in after.graph.nodes.values()]
    assert len(set(places)) == len(places)


PORTS = st.sampled_from(["image", "images", "out", "class", "prediction", "target", "loss", "nowhere"])
KINDS = ("image_folder", "input", "convolution", "add", "subtract", "dense", "cross_entropy", "adam", "output", "?")


@given(
    kinds=st.lists(st.sampled_from(KINDS), max_size=7),
    wires=st.lists(st.tuples(st.integers(0, 7), PORTS, st.integers(0, 7), PORTS), max_size=12),
    filters=st.none() | st.integers(-2, 4) | st.text(max_size=3) | st.floats() | st.lists(st.integers(), max_size=2),
)
@settings(max_examples=200, deadline=None)
def test_that_on_any_graph_what_is_offered_mends_and_is_taken_back_whole(
    kinds: list[str], wires: list[tuple[int, str, int, str]], filters: object
) -> None:
    nodes = {str(place): Node(str(place), kind, kind, {"filters": filters}) for place, kind in enumerate(kinds)}
    ends = (Wire(str(a), out, str(b), into) for a, out, b, into in wires)
    graph = Graph(nodes, tuple(dict.fromkeys(ends)))
    analysis = analyse(graph)
    for problem in (*analysis.problems, *training_problems(analysis)):
        for fix in fixes_for(problem, analysis):
            document = Document(graph)
            apply_fix(fix, document)
            after = analyse(document.graph())
            assert problem not in (*after.problems, *training_problems(after))
            document.undo()
            assert str(document.graph()) == str(graph)
