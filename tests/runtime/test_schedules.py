"""The learning rate goes on as torch's own schedules do."""

import pytest
import torch
from torch.optim import lr_scheduler

import nodes  # noqa: F401 - fills the registry
from nodes.spec import find
from runtime.schedules import Schedule

EPOCHS, BATCHES = 12, 5


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)


def schedule(**settings):
    node, wrong = find("sgd").read({"rate": 0.1, **settings})
    assert not wrong
    return Schedule(node, optimizer(), EPOCHS, BATCHES)


def by_torch(scheduler, steps):
    rates = []
    for _ in range(steps):
        rates.append(scheduler.optimizer.param_groups[0]["lr"])
        scheduler.optimizer.step()
        scheduler.step()
    return rates


@pytest.mark.parametrize(
    ("name", "settings", "oracle"),
    [
        ("step", {"step_every": 3, "factor": 0.5}, lambda own: lr_scheduler.StepLR(own, 3, 0.5)),
        ("exponential", {"factor": 0.8}, lambda own: lr_scheduler.ExponentialLR(own, 0.8)),
        ("cosine", {}, lambda own: lr_scheduler.CosineAnnealingLR(own, EPOCHS)),
        ("polynomial", {"power": 0.9}, lambda own: lr_scheduler.PolynomialLR(own, EPOCHS, 0.9)),
        ("constant", {}, lambda own: lr_scheduler.LambdaLR(own, lambda epoch: 1.0)),
    ],
)
def test_that_each_schedule_gives_torchs_rate_at_the_beginning_of_each_epoch(name, settings, oracle):
    ours = schedule(schedule=name, **settings)
    rates = [0.1 * ours.factor(epoch * BATCHES) for epoch in range(EPOCHS)]
    assert rates == pytest.approx(by_torch(oracle(optimizer()), EPOCHS))


def test_that_one_cycle_rises_and_falls_between_torchs_extremes():
    ours = schedule(schedule="one-cycle")
    rates = [0.1 * ours.factor(step) for step in range(EPOCHS * BATCHES)]
    oracle = lr_scheduler.OneCycleLR(optimizer(), max_lr=0.1, total_steps=EPOCHS * BATCHES, cycle_momentum=False)
    theirs = by_torch(oracle, EPOCHS * BATCHES - 1)
    assert rates[0] == pytest.approx(theirs[0])
    assert max(rates) == pytest.approx(0.1)
    assert rates[:-1] == pytest.approx(theirs, abs=0.007)


def test_that_the_warm_up_rises_in_equal_steps_to_the_full_rate():
    ours = schedule(schedule="cosine", warm_up=2)
    rates = [ours.factor(step) for step in range(2 * BATCHES)]
    assert rates == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert ours.factor(10) == pytest.approx(1.0)
    assert ours.factor(EPOCHS * BATCHES) == pytest.approx(0.0)


def test_that_plateau_lowers_the_rate_when_torch_does_and_goes_on_after_a_resume():
    losses = [1.0, 0.9, 0.95, 0.95, 0.95, 0.95, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9]
    own = optimizer()
    oracle = lr_scheduler.ReduceLROnPlateau(own, factor=0.5, patience=2)
    ours = schedule(schedule="plateau", factor=0.5, wait=2)
    for epoch, loss in enumerate(losses):
        oracle.step(loss)
        ours.after_epoch(loss)
        fresh = schedule(schedule="plateau", factor=0.5, wait=2)
        fresh.restore(ours.state())
        ours = fresh
        assert 0.1 * ours.factor(epoch * BATCHES) == pytest.approx(own.param_groups[0]["lr"]), epoch
