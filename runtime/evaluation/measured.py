"""What a measuring of cases gives: values and intervals by name, put together measure by measure. No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.evaluation.intervals import FEWEST, Interval, share_interval, too_few

Array = NDArray[Any]


@dataclass
class Measured:
    """Values and 95 % intervals by name, of so many patients; a value that is not defined is nan."""

    patients: int
    metrics: dict[str, float] = field(default_factory=dict)
    intervals: dict[str, Interval] = field(default_factory=dict)

    def add(self, name: str, value: float, interval: Interval | None = None) -> None:
        """Enter one measure."""
        self.metrics[name] = float(value)
        if interval is not None and math.isfinite(value):
            self.intervals[name] = interval if self.patients >= FEWEST else too_few(self.patients)

    def share(self, name: str, right: Array, groups: Array) -> None:
        """Enter the share of the cases (N,) that are right, with Wilson's interval by patient; nan of no cases."""
        if len(right):
            self.add(name, float(right.mean()), share_interval(right, groups))
        else:
            self.add(name, math.nan)

    def take(self, values: Mapping[str, float], intervals: Mapping[str, Interval]) -> None:
        """Enter several at once."""
        for name, value in values.items():
            self.add(name, value, intervals.get(name))


def mean_of_known(values: Mapping[str, float]) -> float:
    """The mean of those that are defined; nan when none is."""
    known = [value for value in values.values() if math.isfinite(value)]
    return float(np.mean(known)) if known else math.nan
