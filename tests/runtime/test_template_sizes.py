"""The arguments of whole drawings: a template is made wider and deeper in one place, and still opens and learns."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from runtime import templates
from runtime.analysis import Analysis, analyse
from runtime.batch_size import random_batch
from runtime.coach.layers import wider
from runtime.data.batches import Batch
from runtime.document import Document
from runtime.graph import MAIN, Graph, Node
from runtime.idea import read_mark
from runtime.leading import lead_of
from runtime.learner import Learner
from runtime.surgery import Set, carry_out
from tests.builders.graphs import of_template
from tests.runtime.test_template_networks import (
    BATCHES,
    SMALL,
    TASKS,
    brought_to,
    with_data,
)  # fmt: skip
from tests.runtime.test_templates import dataset

SMALLER = {"heads": 1, "depth": 1, "hidden": 32, "code_size": 4, "side": 16, "growth": 8, "expansion": 2, "units": 1}
"""What each argument is set to, beside a width of half its default."""
OTHERWISE = ("image-regression", "several-numbers", "ecg", "ecg-lstm", "conditional-gan")
"""Those whose data the helpers of the networks' tests do not make."""
PAIR = "cyclegan"
"""The one that learns from two folders."""


def arguments_of(graph: Graph) -> list[Node]:
    return [node for node in graph.on(MAIN).values() if node.type == "argument"]


RESIZABLE = [entry.name for entry in templates.known() if arguments_of(templates.graph_of(entry.name))]
EACH = [(name, node.name) for name in RESIZABLE for node in arguments_of(templates.graph_of(name))]


def resized(graph: Graph, argument: str) -> Graph:
    """The graph with another value of one of its arguments."""
    document = Document(graph)
    (node,) = (one for one in arguments_of(graph) if one.name == argument)
    value = SMALLER.get(argument, int(str(node.settings["default"])) // 2)
    value = 2 if str(value) == node.settings["default"] else value
    with document.edit("Resize"):
        document.change(node.id, default=str(value))
    return document.graph()


def on_data(name: str) -> Graph:
    """A template with data where that takes no more than a folder; else as it is."""
    if name == PAIR:
        return of_template(name, dataset("", ()))
    return templates.graph_of(name) if name in OTHERWISE else with_data(name)


def test_that_every_template_is_resized_in_one_place() -> None:
    assert set(RESIZABLE) == {entry.name for entry in templates.known()}


@pytest.mark.parametrize(("name", "argument"), EACH)
def test_that_each_argument_changes_the_network_and_leaves_it_whole(name: str, argument: str) -> None:
    graph = on_data(name)
    before, after = analyse(graph), analyse(resized(graph, argument))
    assert [problem.message for problem in after.problems] == [problem.message for problem in before.problems]
    assert before.graph.nodes != after.graph.nodes
    if before.parameters and argument != "heads":
        assert (before.parameters, before.multiply_adds) != (after.parameters, after.multiply_adds)


PLAYERS = ("gan", "dcgan", "cyclegan", "conditional-gan")
DRAWN = [entry.name for entry in templates.known() if entry.name not in PLAYERS]


@pytest.mark.parametrize("name", [name for name in DRAWN if name not in OTHERWISE])
def test_that_the_numbers_in_the_picture_of_a_template_are_those_of_its_network(name: str) -> None:
    (entry,) = (one for one in templates.known() if one.name == name)
    marks = [mark for mark in map(read_mark, entry.picture) if mark.kind in ("maps", "stack") and "@" in mark.text]
    shapes = {facts.shape[:2] for facts in analyse(with_data(name)).facts.values() if facts.shape}
    for mark in marks:
        count, side = map(int, mark.text.split("@"))
        assert (count, side) in shapes, mark


TRIED = ("lenet", "u-net", "denoising", "autoencoder", "variational-autoencoder", "gan", "dcgan", "cyclegan", "yolo")


@pytest.mark.parametrize("name", TRIED)
def test_that_a_small_network_with_other_arguments_takes_a_step(name: str) -> None:
    takes_a_step(name)


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in RESIZABLE if name not in OTHERWISE])
def test_that_every_network_with_other_arguments_takes_a_step(name: str) -> None:
    takes_a_step(name)


def takes_a_step(name: str) -> None:
    """All arguments at once, and one step of training."""
    graph = on_data(name)
    arguments = [node.name for node in arguments_of(graph)]
    for argument in arguments:
        graph = resized(graph, argument)
    if "side" not in arguments:  # which says how large the images are
        graph = brought_to(graph, SMALL.get(name, 64))
    analysis = analyse(replace(graph, training=replace(graph.training, compile="off", precision="float32")))
    assert not analysis.problems
    learner = Learner(analysis, lead_of(analysis), torch.device("cpu"), steps=1)
    before = [weight.detach().clone() for weight in learner.network.parameters()]
    learner.begin(learning=True)
    learner.learn(batch_of(name, analysis), 0)
    assert any(not weight.equal(old) for weight, old in zip(learner.network.parameters(), before, strict=True))


def batch_of(name: str, analysis: Analysis) -> Batch:
    """Two cases; where there are two folders, of each."""
    return random_batch(analysis, lead_of(analysis), 2, torch.device("cpu")) if name == PAIR else BATCHES[TASKS[name]]


DOUBLED = {
    "u-net": {"width": "24"},
    "resnet-110": {"width": "32"},  # neither its depth
    "faster-r-cnn": {"width": "32"},  # nor the numbers of its boxes
    "autoencoder": {"width": "32", "code_size": "64"},  # nor the side of its images
    "gan": {"width": "32"},
    "dcgan": {"width": "32"},
    "cyclegan": {"width": "32"},
}


@pytest.mark.parametrize("name", DOUBLED)
def test_that_the_coach_doubles_arguments_that_make_layers_wider_and_nothing_else(name: str) -> None:
    analysis = analyse(on_data(name))
    (fix,) = wider(analysis)
    by_name = {analysis.drawn.nodes[edit.node].name: edit.value for edit in fix.edits if isinstance(edit, Set)}
    assert by_name == DOUBLED[name]
    document = Document(analysis.drawn)
    with document.edit(fix.label):
        for edit in fix.edits:
            carry_out(edit, document)
    after = analyse(document.graph())
    assert not after.problems
    assert after.parameters > analysis.parameters


def drawn(name: str = "width", default: str = "8", filters: str = "=2*width") -> Graph:
    """An argument on the main sheet, and a convolution that is computed from it."""
    document = Document()
    with document.edit("Draw"):
        document.add("argument", name, settings={"default": default})
        document.add("convolution", "conv", settings={"filters": filters})
    return document.graph()


def test_that_a_setting_of_the_main_sheet_is_computed_from_an_argument_there() -> None:
    analysis = analyse(drawn())
    (facts,) = analysis.facts.values()
    assert facts.node.settings["filters"] == 16
    assert not [problem for problem in analysis.problems if problem.field == "filters"]


def test_that_a_value_that_is_no_number_and_a_name_that_is_none_are_problems_in_words() -> None:
    (wrong,) = (problem for problem in analyse(drawn(default="many")).problems if problem.field == "default")
    assert "many" in wrong.message
    assert any("cannot be used in an expression" in one.message for one in analyse(drawn(name="my width")).problems)
    (unknown,) = (one for one in analyse(drawn(filters="=3*breadth")).problems if one.field == "filters")
    assert "here there are width" in unknown.message


HALVED = ["autoencoder", "variational-autoencoder", "gan", "dcgan", "conditional-gan", "cyclegan"]


@pytest.mark.parametrize("name", HALVED)
def test_that_a_side_that_cannot_be_halved_is_told_at_the_argument_alone(name: str) -> None:
    document = Document(templates.graph_of(name))
    (side,) = (one for one in arguments_of(document.graph()) if one.name == "side")
    before = analyse(document.graph()).errors
    with document.edit("Resize"):
        document.change(side.id, default="30")
    (told,) = [problem for problem in analyse(document.graph()).errors if problem not in before]
    assert (told.node, told.field) == (side.id, "default")
    multiple = side.settings["multiple"]
    assert f"Default is 30; a multiple of {multiple} fits, such as" in told.message
