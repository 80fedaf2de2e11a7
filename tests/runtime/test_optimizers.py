"""Several optimizers: each changes its own part, in the order and at the interval that were set."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from runtime.analysis import analyse
from runtime.data.batches import Batch
from runtime.graph import Graph, Training
from runtime.learner import Learner
from runtime.optimized import nodes_of_part
from runtime.readiness import training_problems
from tests.builders.adversarial import players, with_setting
from tests.builders.graphs import sound

CPU = torch.device("cpu")


def learner_of(graph: Graph) -> Learner:
    analysis = sound(graph)
    learner = Learner(analysis, next(iter(analysis.graph.nodes.values())).id, CPU, steps=2)
    learner.begin(learning=True)
    return learner


def batch(seed: int = 0, count: int = 4) -> Batch:
    images = torch.rand(count, 1, 16, 16, generator=torch.Generator().manual_seed(seed)) * 255
    return Batch(images, None, None, None, tuple(range(count)))


def numbers(learner: Learner) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in learner.network.named_parameters()}


def changed(learner: Learner, before: dict[str, Tensor]) -> set[str]:
    """The parts, by their first name, of which a trained number was changed."""
    return {name.partition(".")[0] for name, value in numbers(learner).items() if not torch.equal(value, before[name])}


def steps(graph: Graph, count: int) -> list[set[str]]:
    learner = learner_of(graph)
    found = []
    for step in range(count):
        before = numbers(learner)
        learner.learn(batch(step), step)
        found.append(changed(learner, before))
    return found


def told(graph: Graph) -> dict[str, str]:
    """What training says against the graph's optimizers, by code."""
    analysis = analyse(graph)
    assert not analysis.errors
    return {one.code: one.message for one in training_problems(analysis) if one.code}


def test_that_a_part_is_all_in_the_frames_and_blocks_of_its_name_with_shared_weights_once() -> None:
    graph = players()
    analysis = sound(graph)
    names = {
        graph.nodes[optimizer].name: {analysis.title(node) for node in nodes}
        for optimizer, nodes in analysis.trained.items()
    }
    assert names == {"Judge's": {"Real / Look", "Real / Score"}, "Maker's": {"Make"}}
    whole = nodes_of_part(analysis.graph, "Judge", analysis.shares)
    assert not whole & set(analysis.shares)


def test_that_without_parts_each_optimizer_trains_all_that_lies_before_its_losses() -> None:
    graph = players(maker={"part": ""})
    analysis = sound(graph)
    trained = {graph.nodes[optimizer].name: len(nodes) for optimizer, nodes in analysis.trained.items()}
    assert trained == {"Judge's": 2, "Maker's": 3}
    assert "“Judge's” and “Maker's” both change “Real / Look” and “Real / Score”" in told(graph)["both_train"]
    assert not told(players())


def test_that_a_node_moved_out_of_its_frame_is_no_longer_trained() -> None:
    graph = players()
    node = next(one for one in graph.nodes.values() if one.name == "Make")
    moved = replace(graph, nodes={**graph.nodes, node.id: replace(node, position=(4000.0, 0.0))})
    assert "no layer with trained numbers in it lies before its losses" in told(moved)["part"]


def test_that_a_part_that_no_frame_or_block_has_is_told_with_those_that_there_are() -> None:
    message = told(players(judge={"part": "Jugde"}))["part"]
    assert "“Judge's” trains the part “Jugde”, but no frame and no block has that name" in message
    assert "“Maker” and “Judge” can be named" in message


def test_that_an_interval_longer_than_the_training_is_told() -> None:
    graph = players(maker={"interval": 9})
    assert "about 8 steps" in told(graph)["interval"]  # 20 images, 70 % of them, in batches of 4, two epochs
    assert "interval" not in told(players(maker={"interval": 8}))


def test_that_each_optimizer_changes_its_own_part_alone_at_its_interval() -> None:
    assert steps(players(), 2) == [{"real", "make"}, {"real", "make"}]
    assert steps(players(maker={"interval": 3}), 4) == [{"real"}, {"real"}, {"real", "make"}, {"real"}]
    assert steps(players(maker={"interval": 2}, judge={"interval": 2}), 2) == [set(), {"real", "make"}]


@pytest.mark.parametrize("order", [1, 2])
def test_that_a_later_turn_learns_from_what_the_earlier_one_changed(order: int) -> None:
    learner = learner_of(players(maker={"order": order}))
    alone = learner_of(players(maker={"interval": 1000}))
    before = numbers(alone)
    learner.learn(batch(), 0)
    if order == 2:
        alone.learn(batch(), 0)  # the judge alone learns
    passed = alone.forward(batch())
    judge = alone.losses[2]
    loss = judge.module(*judge.compared(batch(), passed))
    weight = dict(alone.network.named_parameters())["make.weight"]
    (gradient,) = torch.autograd.grad(loss, [weight])
    torch.testing.assert_close(numbers(learner)["make.weight"], before["make.weight"] - 0.1 * gradient)


def test_that_two_batches_added_up_are_one_step_of_both_optimizers_as_one_large_batch_is() -> None:
    whole, halves = learner_of(players()), learner_of(players())
    one, other = batch(1), batch(2)
    images = torch.cat([one.images, other.images])
    whole.learn(Batch(images, None, None, None, tuple(range(8))), 0)
    halves.learn(one, 0, share=0.5, complete=False)
    one.images.zero_()  # the memory of a batch is used again for the next one
    halves.learn(other, 0, share=0.5)
    for name, value in numbers(whole).items():
        torch.testing.assert_close(numbers(halves)[name], value)


def test_that_what_is_measured_while_learning_is_counted_once_whatever_the_turns() -> None:
    learner = learner_of(players())
    learner.learn(batch(), 0)
    once = learner_of(players(maker={"order": 1}))
    once.learn(batch(), 0)
    assert learner.results() == pytest.approx(once.results())


def test_that_the_settings_of_a_batch_are_those_of_the_training() -> None:
    training = Training(epochs=1, batch=4, accumulate=2, device="cpu")
    graph = with_setting(players(training=training), "Maker's", interval=3)
    assert "about 2 steps" in told(graph)["interval"]


def test_that_the_gradients_of_all_turns_are_shown_together() -> None:
    learner, shown = learner_of(players()), []
    learner.learn(batch(), 0, look=shown.append)
    (gradients,) = shown
    named = {id(value): name.partition(".")[0] for name, value in learner.network.named_parameters()}
    assert {named[key] for key in gradients} == {"real", "make"}
    assert all(bool(gradient.isfinite().all()) for gradient in gradients.values())
