"""Recurrent layers on signals (N, features, steps), as all other layers have them."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class _Reading(nn.Module):
    """A recurrent layer of torch between the order of axes that signals have here and its own (N, steps, features)."""

    def __init__(self, layer: nn.RNNBase, last: bool) -> None:
        super().__init__()
        self.layer = layer
        self.last = last

    def forward(self, signal: Tensor) -> Tensor:
        """(N, features, steps) -> (N, units) after the last step, or (N, units, steps); twice as many for both ways."""
        answers: Tensor = self.layer(signal.transpose(1, 2))[0]
        if not self.last:
            return answers.transpose(1, 2)
        if not self.layer.bidirectional:
            return answers[:, -1]
        units = self.layer.hidden_size
        return torch.cat([answers[:, -1, :units], answers[:, 0, units:]], dim=1)  # the way back ends at the first step


class Elman(_Reading):
    """A simple recurrent layer with tanh or relu."""

    def __init__(self, features: int, units: int, last: bool, both: bool, activation: str = "tanh") -> None:
        layer = nn.RNN(features, units, nonlinearity=activation, batch_first=True, bidirectional=both)
        super().__init__(layer, last)


class LSTM(_Reading):
    """Long short-term memory."""

    def __init__(self, features: int, units: int, last: bool, both: bool) -> None:
        super().__init__(nn.LSTM(features, units, batch_first=True, bidirectional=both), last)


class GRU(_Reading):
    """Gated recurrent units."""

    def __init__(self, features: int, units: int, last: bool, both: bool) -> None:
        super().__init__(nn.GRU(features, units, batch_first=True, bidirectional=both), last)
