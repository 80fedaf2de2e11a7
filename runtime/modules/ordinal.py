"""Classes with an order, as intervals of one number between learned thresholds (McCullagh 1980)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class OrderedClasses(nn.Module):
    """(N, 1) numbers s -> (N, classes) logarithms of probabilities, which are raw scores: softmax gives them back.

    Class k has the probability sigmoid(t[k] - s) - sigmoid(t[k - 1] - s), with thresholds t that rise: the first is
    `steps[0]`, each later one lies softplus(step) above the one before. They begin two apart around 0, where each class
    is the likeliest somewhere.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        steps = torch.full((classes - 1,), 2.0).expm1().log()  # softplus gives 2
        steps[0] = 2 - classes
        self.steps = nn.Parameter(steps)

    def forward(self, number: Tensor) -> Tensor:
        """Logarithms of probabilities; finite however far a number lies from all thresholds."""
        gaps = functional.softplus(self.steps[1:])
        first = self.steps[:1]
        above = torch.cat([first, first + gaps.cumsum(0)]) - number  # (N, classes - 1): thresholds above the number
        lowest, highest = functional.logsigmoid(above[:, :1]), functional.logsigmoid(-above[:, -1:])
        # sigmoid(a) - sigmoid(b) = sigmoid(a) sigmoid(-b) (1 - exp(b - a)): no difference of nearly equal numbers
        between = functional.logsigmoid(above[:, 1:]) + functional.logsigmoid(-above[:, :-1]) + (-(-gaps).expm1()).log()
        return torch.cat([lowest, between, highest], dim=1)
