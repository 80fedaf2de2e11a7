"""Confidence intervals of shares, by patient: several images of one patient are no independent witnesses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST = 10  # patients below which no interval is given
_Z = 1.959964  # 95 %


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high` with 95 % confidence; `patients` were counted, `note` says so when they were too few."""

    patients: int
    low: float | None = None
    high: float | None = None
    note: str = ""
    method: str = ""  # how it was found: "Wilson", "DeLong", "BCa" ...


def wilson(share: float, count: int) -> tuple[float, float]:
    """The score interval of a share seen in `count` independent cases (Wilson 1927, doi 10.2307/2276774)."""
    spread = _Z * math.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    middle = share + _Z**2 / (2 * count)
    whole = 1 + _Z**2 / count
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)


def share_interval(right: Sequence[bool], groups: Sequence[str]) -> Interval:
    """The interval of the share of right cases; `groups` names the patient of each: patients are counted."""
    patients = len(set(groups))
    if patients < FEWEST:
        noun = "patient" if patients == 1 else "patients"
        note = f"{patients} {noun}: too few to say how sure this is ({FEWEST} or more are needed)."
        return Interval(patients, note=note)
    low, high = wilson(sum(right) / len(right), patients)
    return Interval(patients, low, high)
