"""Codes drawn from distributions: against torch's own normal distributions."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from runtime.modules.distribution import GaussianSample, KLDivergence


def test_that_samples_have_the_mean_and_the_spread_that_were_answered() -> None:
    torch.manual_seed(0)
    mean, logarithm = torch.full((20_000, 2), 3.0), torch.tensor([[0.0, -2.0]]).expand(20_000, 2)
    drawn = GaussianSample()(mean, logarithm)
    assert drawn.mean(dim=0).tolist() == pytest.approx([3, 3], abs=0.03)
    assert drawn.std(dim=0).tolist() == pytest.approx([1, float(torch.tensor(-1.0).exp())], rel=0.03)
    assert torch.equal(GaussianSample().eval()(mean, logarithm), mean)


def test_that_gradients_reach_mean_and_variance() -> None:
    mean, logarithm = torch.zeros(4, 3, requires_grad=True), torch.zeros(4, 3, requires_grad=True)
    GaussianSample()(mean, logarithm).square().sum().backward()
    assert mean.grad is not None
    assert logarithm.grad is not None
    assert bool((logarithm.grad != 0).all())


def test_that_the_divergence_is_that_of_torch() -> None:
    mean, logarithm = torch.randn(5, 3), torch.randn(5, 3)
    wanted = kl_divergence(Normal(mean, (logarithm / 2).exp()), Normal(0.0, 1.0)).sum(dim=1).mean()
    torch.testing.assert_close(KLDivergence()(mean, logarithm), wanted)
    assert float(KLDivergence()(torch.zeros(2, 4), torch.zeros(2, 4))) == 0
