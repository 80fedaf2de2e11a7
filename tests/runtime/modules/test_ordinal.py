"""Ordered classes: probabilities of intervals between rising thresholds."""

import pytest
import torch

from runtime.modules.ordinal import OrderedClasses


def thresholds(module: OrderedClasses) -> torch.Tensor:
    steps = module.steps.detach().double()
    return torch.cat([steps[:1], steps[:1] + torch.nn.functional.softplus(steps[1:]).cumsum(0)])


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_that_softmax_gives_the_differences_of_the_cumulative_probabilities(classes):
    module = OrderedClasses(classes)
    with torch.no_grad():
        module.steps.add_(torch.randn(classes - 1, generator=torch.Generator().manual_seed(classes)))
    number = torch.linspace(-6, 6, 25)[:, None]
    below = torch.sigmoid(thresholds(module) - number.double())
    ends = torch.zeros(25, 1, dtype=torch.float64)
    wanted = torch.cat([below, ends + 1], 1) - torch.cat([ends, below], 1)
    scores = module(number)
    torch.testing.assert_close(scores.exp().double(), wanted, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(scores.softmax(1), scores.exp(), rtol=1e-4, atol=1e-6)


def test_that_a_rising_number_never_falls_in_grade_and_reaches_all():
    grades = OrderedClasses(4)(torch.linspace(-5, 5, 200)[:, None]).argmax(1)
    assert (grades.diff() >= 0).all()
    assert grades.unique().tolist() == [0, 1, 2, 3]


def test_that_scores_and_gradients_stay_finite_far_from_all_thresholds():
    module, number = OrderedClasses(5), torch.tensor([[-1e4], [0.0], [1e4]], requires_grad=True)
    torch.nn.functional.cross_entropy(module(number), torch.tensor([4, 2, 0])).backward()
    assert number.grad is not None
    assert number.grad.isfinite().all()
    assert module.steps.grad is not None
    assert module.steps.grad.isfinite().all()
