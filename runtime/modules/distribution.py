"""Codes drawn from distributions, and how far these are from the standard normal one."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn


class GaussianSample(nn.Module):
    """mean + exp(log variance / 2) · n with n drawn anew each time, of any shape; the mean alone in eval mode."""

    needs: ClassVar[tuple[str, ...]] = ()

    def forward(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        if not self.training:
            return mean
        return mean + torch.exp(log_variance / 2) * torch.randn_like(mean)


class KLDivergence(nn.Module):
    """½ Σ (m² + v - log v - 1) of each case (N, ...), the mean over cases, in nats, from means and log variances."""

    needs: ClassVar[tuple[str, ...]] = ()

    def forward(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        mean, logarithm = mean.float(), log_variance.float()
        each = mean.square() + logarithm.exp() - logarithm - 1
        return each.flatten(1).sum(dim=1).mean() / 2
