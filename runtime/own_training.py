"""What nodes say of their own training, for one optimizer: groups by learning-rate factor, penalties on weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from nodes.trained import Trained
from runtime.compile import Network
from runtime.schedules import FACTOR


def parameter_groups(network: Network, node_ids: Sequence[str]) -> list[dict[str, Any]]:
    """The trained numbers of the nodes as groups for torch.optim, one for each learning-rate factor.

    Groups come in the order of their first node, and so do the numbers in them: a resumed run finds what its optimizer
    remembers by that order.
    """
    by_factor: dict[float, list[nn.Parameter]] = {}
    for kind, _name, parameter in _once(network, node_ids):
        by_factor.setdefault(kind.rate_factor if kind is not None else 1.0, []).append(parameter)
    return [
        {"params": parameters} if factor == 1 else {"params": parameters, FACTOR: factor}
        for factor, parameters in by_factor.items()
    ]


class Penalties:
    """L1 and L2 on the weights of single nodes: what they add to the gradients just before a step.

    Of l1 × Σ|w| + l2 / 2 × Σw² that is l1 × sign(w) + l2 × w, for every trained number of the node that is no bias. It
    is added once for each step, after the gradients of several batches or processes were added up and before they are
    clipped; the losses that are reported do not contain it.
    """

    def __init__(self, network: Network, node_ids: Sequence[str]) -> None:
        self._l1: dict[float, list[nn.Parameter]] = {}
        self._l2: dict[float, list[nn.Parameter]] = {}
        for kind, name, parameter in _once(network, node_ids):
            if kind is None or name.rpartition(".")[2].startswith("bias"):
                continue
            for amount, penalised in ((kind.l1, self._l1), (kind.l2, self._l2)):
                if amount:
                    penalised.setdefault(amount, []).append(parameter)

    def __bool__(self) -> bool:
        return bool(self._l1 or self._l2)

    @torch.no_grad()
    def add(self) -> None:
        """Add to the gradients that the parameters hold; a parameter without one takes no part in the step."""
        for amount, parameters in self._l1.items():
            held, gradients = _with_gradients(parameters)
            if held:
                torch._foreach_add_(gradients, torch._foreach_sign(held), alpha=amount)
        for amount, parameters in self._l2.items():
            held, gradients = _with_gradients(parameters)
            if held:
                torch._foreach_add_(gradients, held, alpha=amount)


def _with_gradients(parameters: Sequence[nn.Parameter]) -> tuple[list[Tensor], list[Tensor]]:
    pairs = [(one, one.grad) for one in parameters if one.grad is not None]
    return [one.detach() for one, _ in pairs], [gradient for _, gradient in pairs]


def _once(network: Network, node_ids: Sequence[str]) -> Iterator[tuple[Trained | None, str, nn.Parameter]]:
    """Each number that can be trained, with its node's type and its name there; shared ones come with the first."""
    seen: set[int] = set()
    for node_id in node_ids:
        kind = network.analysis.facts[node_id].type
        for name, parameter in network.module_of(node_id).named_parameters():
            if parameter.requires_grad and id(parameter) not in seen:
                seen.add(id(parameter))
                yield kind if isinstance(kind, Trained) else None, name, parameter
