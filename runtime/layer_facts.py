"""What is to be seen of each layer while it learns: size and spread of its trained numbers and their gradients.

Gradients are those of a step that training makes anyway, before they are clipped. They are looked at so rarely that it
costs next to nothing.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from runtime.learner import Learner

FILE = "layers.json"
"""In the run folder: the histograms of all layers when gradients were last looked at."""

_RATIO = 500  # gradients are looked at when the last look lies this many times its own duration back
_SAMPLE = 256  # numbers of a layer by which is told how far it has moved
_SPREAD = 20_000  # numbers of a layer that a histogram counts at most
_BINS = 40

Norms = dict[str, float | None]


class LayerFacts:
    """Looks at the layers of a learner that have trained numbers of their own."""

    def __init__(self, learner: Learner, folder: Path) -> None:
        self._learner = learner
        self._file = folder / FILE
        self._last = -math.inf
        self._took = 0.0
        self._layers = _layers(learner)
        self._began = self._samples()
        self._sizes = _lengths(self._began)  # of the samples, when they began
        self.gradients: Norms = {}
        self.still: Norms = {}

    def begin(self) -> None:
        """An epoch begins, and nothing of its gradients is known."""
        self.gradients, self.still = {}, {}

    def due(self, last: bool) -> bool:
        """Whether gradients are to be looked at now; `last` says that it is the last chance."""
        return bool(self._layers) and (last or time.monotonic() - self._last >= _RATIO * self._took)

    def look(self, gradients: Mapping[int, Tensor], epoch: int) -> None:
        """Look at the gradients of a step, by the identity of what they belong to, and write the histograms."""
        began = time.monotonic()
        by_layer = {
            node: [gradients[id(one)] for one in own if id(one) in gradients] for node, own in self._layers.items()
        }
        self.gradients = _norms(by_layer)
        self.still = {node: _share_of_zeros(own) for node, own in by_layer.items() if own}
        self._write(epoch, by_layer)
        self._last = time.monotonic()
        self._took = self._last - began

    def weights(self) -> Norms:
        """The norm of each layer's trained numbers."""
        return _norms({node: [one.detach() for one in own] for node, own in self._layers.items()})

    def moved(self) -> Norms:
        """How far each layer's numbers are from where they began, as a share of their size then; by a sample."""
        if not self._layers:
            return {}
        ways = _lengths(list(torch._foreach_sub(self._samples(), self._began)))
        shares = dict(zip(self._layers, map(_over, ways, self._sizes), strict=True))
        learning = [node for node, own in self._layers.items() if own[0].requires_grad]  # others are frozen now
        return _finite(learning, [shares[node] for node in learning])

    def _samples(self) -> list[Tensor]:
        return [_thinned(max(own, key=Tensor.numel).detach(), _SAMPLE).clone() for own in self._layers.values()]

    def _write(self, epoch: int, gradients: dict[str, list[Tensor]]) -> None:
        title = self._learner.analysis.title
        layers = [
            {
                "node": node, "name": title(node), "weights": _histogram([one.detach() for one in own]),
                "gradients": _histogram(gradients[node]),
            }
            for node, own in self._layers.items()
        ]  # fmt: skip
        text = json.dumps({"epoch": epoch, "layers": layers}, ensure_ascii=False, allow_nan=False)
        beside = self._file.with_suffix(".tmp")
        try:
            beside.write_text(text, encoding="utf-8")
            os.replace(beside, self._file)
        except OSError:
            beside.unlink(missing_ok=True)  # a full disk is told of by the checkpoints, which matter


def _layers(learner: Learner) -> dict[str, list[nn.Parameter]]:
    """The trained numbers of each node; what several nodes share belongs to the first."""
    found: dict[str, list[nn.Parameter]] = {}
    seen: set[int] = set()
    for node in learner.analysis.order:
        own = [one for one in learner.network.module_of(node).parameters() if id(one) not in seen and one.numel()]
        seen.update(map(id, own))
        own = [one for one in own if one.requires_grad]
        if own:
            found[node] = own
    return found


def _norms(by_layer: dict[str, list[Tensor]]) -> Norms:
    """One reading of the device for all layers."""
    named = {node: own for node, own in by_layer.items() if own}
    if not named:
        return {}
    lengths = iter(_lengths([one.float() for own in named.values() for one in own]))
    return _finite(named, [math.hypot(*islice(lengths, len(own))) for own in named.values()])


def _lengths(tensors: list[Tensor]) -> list[float]:
    """The norm of each, with one reading of the device."""
    found: list[float] = torch.stack(torch._foreach_norm(tensors)).tolist() if tensors else []
    return found


def _over(value: float, whole: float) -> float:
    return value / whole if whole else math.nan


def _finite(nodes: Any, values: Sequence[float]) -> Norms:
    pairs = zip(nodes, values, strict=True)
    return {node: float(f"{value:.5g}") if math.isfinite(value) else None for node, value in pairs}


def _share_of_zeros(tensors: Sequence[Tensor]) -> float:
    zeros = torch.stack([(one == 0).sum() for one in tensors]).sum()
    return round(float(zeros) / sum(one.numel() for one in tensors), 4)


def _thinned(tensor: Tensor, most: int) -> Tensor:
    """Evenly chosen numbers of a tensor, `most` of them at most."""
    flat = tensor.flatten()
    return flat[:: max(1, math.ceil(flat.numel() / most))]


def _histogram(tensors: Sequence[Tensor]) -> dict[str, Any] | None:
    """How often numbers lie in each of equal steps from the lowest to the highest; None where none is finite."""
    if not tensors:
        return None
    numbers = np.concatenate([_thinned(one, _SPREAD).float().cpu().numpy() for one in tensors])
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        return None
    counts, edges = np.histogram(numbers, _BINS)
    return {"low": float(edges[0]), "high": float(edges[-1]), "counts": counts.tolist()}
