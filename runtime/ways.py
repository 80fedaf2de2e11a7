"""What a training does otherwise when several processes share it: the ways of one that trains alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from runtime.checkpoint import save_checkpoint
from runtime.data.batches import Part, spans
from runtime.device import pick_device, seed_epoch
from runtime.graph import Device
from runtime.keeper import Save
from runtime.learner import Learner
from runtime.standardising import Total
from runtime.stepping import Stepping


def _as_found(answer: bool) -> bool:
    return answer


def _kept(_sums: Iterable[Tensor]) -> None:
    """One process alone has the sums of all."""


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Ways:
    """How a training gets its device, its parts, its learner; and what has to be agreed upon."""

    world: int = 1  # processes
    device: Callable[[Device], torch.device] = pick_device
    seed_epoch: Callable[[int, int], None] = seed_epoch
    part: Callable[..., Part] = Part
    spans: Callable[[int, int], list[tuple[int, int]]] = spans
    stepping: Callable[..., Stepping] = Stepping
    learner: Callable[..., Learner] = Learner
    save: Save = save_checkpoint
    agree: Callable[[bool], bool] = _as_found  # what is found here, as it counts for all
    total: Total = _kept
    divided: Callable[[], Any] = _nothing  # the split is written
