"""Balanced sampling: epochs in which every class is seen equally often."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from runtime.device import mixed


def balanced_order(classes: NDArray[np.int64], seed: int, epoch: int) -> NDArray[np.int64]:
    """Places of as many cases as there are, with every class equally often: the numbers differ by one at most.

    `classes` holds the class of each case; epochs count from 1. Each class goes round through its cases in a shuffled
    order and goes on in the next epoch where it stopped: every case of a class is used before one is used again, within
    an epoch and over all. Cases of rare classes come several times in an epoch, those of common ones take turns.
    The whole follows from the seed and the epoch's number alone, so a resumed run needs no history.
    """
    labels = np.unique(classes)
    drawn = []
    for place, label in enumerate(labels.tolist()):
        own = np.flatnonzero(classes == label)
        own = own[_shuffled(len(own), mixed(seed, "balance", label))]
        first, last = (_times(whole * len(classes), len(labels), place) for whole in (epoch - 1, epoch))
        drawn.append(own[np.arange(first, last) % len(own)])
    joined = np.concatenate(drawn)
    order: NDArray[np.int64] = joined[_shuffled(len(joined), mixed(seed, "order", epoch))]
    return order


def _times(draws: int, classes: int, place: int) -> int:
    """How often a class was drawn when the classes take turns."""
    return (draws + classes - 1 - place) // classes


def _shuffled(count: int, seed: int) -> NDArray[np.int64]:
    order: NDArray[np.int64] = torch.randperm(count, generator=torch.Generator().manual_seed(seed)).numpy()
    return order
