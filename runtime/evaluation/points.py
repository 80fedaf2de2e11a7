"""FROC of cases that are points: which findings are met, at how many false positives in an image. No torch.

Free-response ROC (Bunch et al. 1977, doi 10.1117/12.955926) as LUNA16 counts it (Setio et al. 2017, doi
10.1016/j.media.2017.06.015): a point that lies on a finding meets it, several points on one finding count once, with
the most probable of them, and a point on none is a false positive of its image. Findings on which no point lies count
as missed at every threshold. How probable a point is as a finding is 1 - the probability of the class of points
without one. Intervals are by patient, as in `runtime.evaluation.detection`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.nothing import nothing_among
from runtime.evaluation.box_hits import FALSE_ALARMS, Froc, Hits
from runtime.evaluation.classification import log_odds
from runtime.evaluation.detection import intervals_of_curves
from runtime.evaluation.measured import Measured
from runtime.evaluation.record import Cases
from runtime.evaluation.resampling import Patients

Array = NDArray[Any]

_RESAMPLES = 1000
NAMES = ("froc", *(f"sensitivity_at_{rate:g}" for rate in FALSE_ALARMS))


def points_measured(found: Measured, cases: Cases, classes: Sequence[str], seed: int = 0) -> None:
    """Enter the sensitivity at so many false positives in an image, `sensitivity_at_RATE`, and their mean, `froc`.

    Nothing is entered for cases that are no points, or where no class is that of points without a finding.
    """
    hits = point_hits(cases, classes)
    if hits is None:
        return
    curve = Froc((hits,))
    _, first = np.unique(cases.points["image"], return_index=True)
    patients = Patients(cases.patient[first], seed, _RESAMPLES)

    def measure(weights: Array) -> Array:
        rates = curve.sensitivities(weights)
        return np.concatenate([[rates.mean()], rates])

    values = measure(np.ones(len(first)))
    found.take(dict(zip(NAMES, values.tolist(), strict=True)), intervals_of_curves(NAMES, measure, patients))


def point_hits(cases: Cases, classes: Sequence[str]) -> Hits | None:
    """The points as hits and false positives, the most probable first; None where the cases allow no FROC."""
    nothing = nothing_among(classes)
    if not cases.points or cases.scores is None or nothing is None:
        return None
    ranks = -log_odds(cases.scores)[:, nothing]
    first, image = np.unique(cases.points["image"], return_index=True, return_inverse=True)[1:]
    finding, order = cases.points["finding"], np.argsort(-ranks, kind="stable")
    truths = cases.points["missed"][first].astype(int)
    met: set[tuple[int, int]] = set()
    kept = []
    for place in order.tolist():
        own = int(image[place]), int(finding[place])
        if own[1] < 0 or own not in met:
            kept.append(place)
        if own[1] >= 0 and own not in met:
            met.add(own)
            truths[own[0]] += 1
    chosen = np.array(kept, int)
    return Hits(ranks[chosen], image[chosen], (finding[chosen] >= 0)[None], chosen, truths)
