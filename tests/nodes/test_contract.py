"""Every registered node type keeps the contract: its rules say what PyTorch does. Nothing here names a type."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import get_args

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import nodes  # noqa: F401 (registers every type)
from nodes.blocks import BlockPort
from nodes.placeholder import Placeholder
from nodes.preparation import Preparation
from nodes.roles import Activation, DataSource, Loss, Metric, Optimizer, Output, Source, Task
from nodes.spec import REGISTRY, NodeType, Target, Unfit
from runtime.compile import build
from runtime.schedules import Schedule
from tests.builders.contract import LONG, QUICK, assert_is_a_sentence, check_layer, drawn
from tests.builders.node_draws import inputs_of, nodes_of
from tests.builders.torch_oracle import BATCH, Outcome, outcome, tensors

ROLES = (Source, Output, Loss, Metric, Optimizer, BlockPort, Placeholder)  # a placeholder computes nothing


def of_role(*bases: type[NodeType]) -> list[str]:
    return sorted(id for id, kind in REGISTRY.items() if issubclass(kind, bases))


LAYERS = sorted(id for id, kind in REGISTRY.items() if kind.inputs and not issubclass(kind, ROLES) and not kind.joins)


@pytest.mark.parametrize("id", LAYERS)
def test_that_the_shape_rule_says_what_torch_does(id):
    check_layer(REGISTRY[id], QUICK)


@pytest.mark.long
@pytest.mark.parametrize("id", LAYERS)
def test_that_the_shape_rule_says_what_torch_does_in_many_cases(id):
    check_layer(REGISTRY[id], LONG)


@pytest.mark.parametrize("id", LAYERS)
def test_that_a_new_node_takes_its_example(id):
    kind = REGISTRY[id]
    inputs = {
        port.name: (value, value) if port.many else value for port, value in zip(kind.inputs, kind.example, strict=True)
    }
    said = outcome(kind(), inputs)
    assert said == Outcome(kind().infer(**inputs), kind().parameters(**inputs))


@contextmanager
def plain_kernels():
    """oneDNN's LSTM is one call, in which torch counts nothing."""
    before = torch._C._get_mkldnn_enabled()
    torch._C._set_mkldnn_enabled(False)
    try:
        yield
    finally:
        torch._C._set_mkldnn_enabled(before)


def check_multiply_adds(kind: type[NodeType], count: int) -> None:
    @drawn(count)
    @given(st.data())
    def run(data) -> None:
        node, inputs = data.draw(nodes_of(kind)), data.draw(inputs_of(kind))
        try:
            node.infer(**inputs)
        except Unfit:
            return
        runs = build(node.call(**inputs))
        with torch.no_grad(), plain_kernels(), FlopCounterMode(display=False) as counter:
            runs(*tensors(inputs))
        assert node.multiply_adds(**inputs) * 2 * BATCH == counter.get_total_flops()

    run()


NETWORK_LAYERS = [id for id in LAYERS if not issubclass(REGISTRY[id], Preparation)]


@pytest.mark.parametrize("id", NETWORK_LAYERS)
def test_that_the_multiply_adds_are_what_torch_counts(id):
    check_multiply_adds(REGISTRY[id], QUICK)


def test_that_only_convolutions_and_dense_have_multiply_adds():
    counting = {id for id, kind in REGISTRY.items() if kind.multiply_adds is not NodeType.multiply_adds}
    assert {REGISTRY[id].category.title for id in counting} == {"Convolution", "Dense and shape"}
    assert len(counting) >= 4


def check_loss(kind: type[NodeType], count: int) -> None:
    @drawn(count)
    @given(st.data())
    def run(data) -> None:
        node, inputs = data.draw(nodes_of(kind)), data.draw(inputs_of(kind))
        try:
            assert node.infer(**inputs) == ()
        except Unfit as refusal:
            assert_is_a_sentence(refusal)
            return
        prediction, target = tensors(inputs)
        scores = prediction.requires_grad_()
        loss = build(node.call(**inputs))(scores, target)
        assert loss.shape == ()
        assert torch.isfinite(loss)
        loss.backward()
        assert scores.grad is not None
        assert torch.isfinite(scores.grad).all()
        assert node.activation(**inputs) in get_args(Activation)
        assert node.task(**inputs) in get_args(Task)

    run()


@pytest.mark.parametrize("id", of_role(Loss))
def test_that_a_loss_is_one_finite_number_with_a_slope(id):
    check_loss(REGISTRY[id], QUICK)


@pytest.mark.parametrize("id", of_role(Metric))
def test_that_a_metric_gives_a_value_in_its_range(id):
    kind = REGISTRY[id]

    @drawn(QUICK)
    @given(st.data())
    def run(data) -> None:
        node, inputs = data.draw(nodes_of(kind)), data.draw(inputs_of(kind))
        try:
            assert node.infer(**inputs) == {}
        except Unfit as refusal:
            assert_is_a_sentence(refusal)
            return
        metric = build(node.call(**inputs))
        for _ in range(2):
            metric.update(*tensors(inputs))
        value = metric.compute()
        least, most = kind.bounds
        assert math.isnan(value) or least <= value <= most  # not a number: no case of the class was drawn
        metric.reset()

    run()


@pytest.mark.parametrize("id", of_role(Loss, Metric))
def test_that_a_new_loss_or_metric_takes_its_example(id):
    kind = REGISTRY[id]
    prediction, target = kind.example
    assert isinstance(target, Target)
    assert kind().infer(prediction, target) in ((), {})


@pytest.mark.parametrize(
    "schedule", ["constant", "step", "cosine", "exponential", "polynomial", "one-cycle", "plateau"]
)
@pytest.mark.parametrize("id", of_role(Optimizer))
def test_that_an_optimizer_walks_downhill_under_every_schedule(id, schedule):
    node, wrong = REGISTRY[id].read({"schedule": schedule, "warm_up": 1})
    assert isinstance(node, Optimizer)
    assert not wrong
    assert node.infer(((),)) == {}
    weight = nn.Parameter(torch.ones(3))
    call = node.call(((),))
    optimizer = getattr(torch.optim, call.target.rpartition(".")[2])([weight], **call.arguments)
    plan = Schedule(node, optimizer, epochs=3, batches=2)
    for step in range(4):
        plan.before_step(step)
        optimizer.zero_grad()
        weight.square().sum().backward()
        optimizer.step()
    assert (weight < 1).all()


@pytest.mark.parametrize("id", of_role(Optimizer))
def test_that_an_optimizer_remembers_as_many_numbers_as_it_says(id):
    kind = REGISTRY[id]

    @drawn(QUICK)
    @given(st.data())
    def run(data) -> None:
        node = data.draw(nodes_of(kind))
        assert isinstance(node, Optimizer)
        try:
            node.infer(((),))
        except Unfit:
            return
        weight = nn.Parameter(torch.ones(3))
        call = node.call(((),))
        optimizer = getattr(torch.optim, call.target.rpartition(".")[2])([weight], **call.arguments)
        weight.square().sum().backward()
        optimizer.step()
        kept = [value for value in optimizer.state[weight].values() if isinstance(value, torch.Tensor)]
        assert node.remembers() == sum(value.shape == weight.shape for value in kept)

    run()


@pytest.mark.parametrize("id", of_role(Source))
def test_that_a_source_makes_what_it_says(id):
    kind = REGISTRY[id]
    if issubclass(kind, DataSource) and kind.tabular:
        with pytest.raises(Unfit, match="no file"):
            kind().infer()
        read = {"folder": "x", "label": "class", "classes": ["a", "b"], "counts": [3, 4], "found_columns": ["c", "d"]}
        node, wrong = kind.read({**read, "read_as": "missing mean"})
        assert not wrong
        assert node.infer() == {"image": (2,), "class": Target("class", (), ("a", "b"), (3, 4))}
        return
    if issubclass(kind, DataSource):
        with pytest.raises(Unfit, match="folder"):
            kind().infer()
        learned = {
            "folder": "x",
            "label": "mask",
            "classes": ["a", "b"],
            "counts": [3, 4],
            "channels": 1,
            "found_size": [8, 9],
        }
        if "mask" not in {port.name for port in kind.outputs}:  # signals
            node, wrong = kind.read({**learned, "label": "class", "channels": 12, "found_size": [500]})
            assert not wrong
            assert node.infer() == {"image": (12, 500), "class": Target("class", (), ("a", "b"), (3, 4))}
            return
        node, wrong = kind.read(learned)
        assert not wrong
        assert node.infer() == {"image": (1, 8, 9), "mask": Target("mask", (8, 9), ("a", "b"), (3, 4))}
        return
    values = kind().infer()
    assert set(values) == {port.name for port in kind.outputs}
    if kind.feed in ("noise", "constant"):
        made = build(kind().call())(torch.zeros(BATCH, 1))
        assert {"image": tuple(made.shape[1:])} == values


def test_that_an_output_hands_on_what_comes():
    for id in of_role(Output):
        assert REGISTRY[id]().infer(REGISTRY[id].example[0]) == REGISTRY[id].example[0]
