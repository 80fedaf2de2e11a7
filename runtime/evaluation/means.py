"""The interval of a mean of shares, such as the balanced accuracy: from the shares' own intervals. No torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.evaluation.intervals import Interval, share_interval

Array = NDArray[Any]


def mean_share_interval(right: Array, chosen: Array, groups: Array) -> Interval:
    """The interval of the mean of K shares: `right` (N, K) where `chosen` (N, K), `groups` (N,) the patients.

    The shares' intervals are put together by the distances of their ends (MOVER: Zou and Donner 2008, doi
    10.1002/sim.3095), with how the shares go together in patients, which holds where all cases are right and resampling
    says nothing. None as soon as one of the shares has none.
    """
    intervals = [share_interval(right[own, k], groups[own]) for k, own in enumerate(chosen.T) if own.any()]
    without = next((one for one in intervals if one.low is None), None)
    if without is not None:
        return without
    shares = np.array([right[own, k].mean() for k, own in enumerate(chosen.T) if own.any()])
    along = _correlation(right[:, chosen.any(axis=0)], chosen[:, chosen.any(axis=0)], groups, shares)
    down = np.array([share - one.low for share, one in zip(shares, intervals, strict=True) if one.low is not None])
    up = np.array([one.high - share for share, one in zip(shares, intervals, strict=True) if one.high is not None])
    low, high = (math.sqrt(float(far @ along @ far)) / len(shares) for far in (down, up))
    mean = float(shares.mean())
    patients = len(np.unique(groups))
    return Interval(patients, max(0.0, mean - low), min(1.0, mean + high), method="MOVER")


def _correlation(right: Array, chosen: Array, groups: Array, shares: Sequence[float] | Array) -> Array:
    """(K, K) how the shares go together in patients; never below 0, so that the interval is not too narrow."""
    codes = np.unique(groups, return_inverse=True)[1]
    parts = np.where(chosen, right - np.asarray(shares), 0.0)
    sums = np.stack([np.bincount(codes, weights=column) for column in parts.T], axis=1)
    together = sums.T @ sums
    scale = np.sqrt(np.diag(together))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.nan_to_num(together / np.outer(scale, scale), nan=0.0)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found.clip(0.0, 1.0))
