"""A running mean of a network's trained numbers (EMA), which is measured and kept in their place."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class Average:
    """Keeps mean ← decay × mean + (1 - decay) × number for every trained number and every running statistic.

    Early on, when the mean would still remember the random start, the decay is (1 + step) / (10 + step), if that is
    less. What is counted in whole numbers is taken as it is. `show` puts the mean into the network, `hide` brings the
    numbers that are being trained back, bit for bit.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._decay = decay
        state = _once(network.state_dict())
        self._live = {name: tensor for name, tensor in state.items() if tensor.is_floating_point()}
        self._mean = {name: tensor.clone() for name, tensor in self._live.items()}
        self._held: dict[str, Tensor] | None = None  # the numbers being trained, while the mean is in the network

    @torch.no_grad()
    def after_step(self, step: int) -> None:
        """Take the numbers after a step, counted from 0 through all epochs, into the mean."""
        decay = min(self._decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(list(self._mean.values()), list(self._live.values()), 1 - decay)

    @torch.no_grad()
    def show(self) -> None:
        """Put the mean into the network; a second call changes nothing."""
        if self._held is None:
            self._held = {name: tensor.clone() for name, tensor in self._live.items()}
            torch._foreach_copy_(list(self._live.values()), list(self._mean.values()))

    @torch.no_grad()
    def hide(self) -> None:
        """Bring the numbers that are being trained back into the network."""
        if self._held is not None:
            torch._foreach_copy_(list(self._live.values()), list(self._held.values()))
            self._held = None

    def mean(self) -> Mapping[str, Tensor]:
        """The mean by the names of the network's state; whole numbers are not among them."""
        return self._mean

    def trained(self) -> Mapping[str, Tensor]:
        """The numbers that are being trained, whichever are in the network now."""
        return self._live if self._held is None else self._held

    @torch.no_grad()
    def restore(self, mean: Mapping[str, Tensor], trained: Mapping[str, Tensor]) -> None:
        """Go on with these numbers. Raises KeyError where one is missing."""
        self._held = None
        for name, tensor in self._live.items():
            self._mean[name].copy_(mean[name])
            tensor.copy_(trained[name])


def _once(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors that share their memory are named once."""
    places: dict[int, str] = {}
    return {
        name: tensor
        for name, tensor in tensors.items()
        if not tensor.numel() or places.setdefault(tensor.data_ptr(), name) == name
    }
