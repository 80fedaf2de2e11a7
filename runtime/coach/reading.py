"""What the coach finds in the course of a run: only what follows from the numbers, and no two for one cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from runtime.analysis import Analysis
from runtime.coach import answers, divergence, fit, pace
from runtime.coach.course import Course, course_of
from runtime.coach.finding import Code, Finding
from runtime.events import Event

_DETECTORS: tuple[Callable[[Course], Iterator[Finding]], ...] = (
    divergence.not_finite,
    divergence.rate_too_high,
    pace.rate_too_low,
    answers.empty_masks,
    answers.majority,
    fit.overfitting,
    fit.underfitting,
    fit.validation_better,
    pace.plateau,
)

_EXPLAINS: Mapping[Code, frozenset[Code]] = {
    "not_finite": frozenset(
        ("rate_too_high", "overfitting", "underfitting", "plateau", "majority", "empty_masks", "validation_better")
    ),
    "rate_too_high": frozenset(("overfitting", "underfitting", "plateau", "majority", "validation_better")),
    "rate_too_low": frozenset(("underfitting", "plateau", "majority", "empty_masks")),
    "empty_masks": frozenset(("underfitting", "plateau", "rate_too_low")),
    "majority": frozenset(("underfitting", "plateau")),
    "overfitting": frozenset(("plateau",)),
    "underfitting": frozenset(("plateau",)),
}
"""What follows from a finding and is not said beside it: a network that does not move predicts one class, too."""


def read_course(events: Iterable[Event], analysis: Analysis) -> tuple[Finding, ...]:
    """What is to be said of a run, the gravest first; () for one that goes well. `analysis` is of the run's graph."""
    course = course_of(events, analysis)
    found: list[Finding] = []
    for detector in _DETECTORS:
        explained = {code for finding in found for code in _EXPLAINS.get(finding.code, ())}
        found += [finding for finding in detector(course) if finding.code not in explained]
    return tuple(found)
