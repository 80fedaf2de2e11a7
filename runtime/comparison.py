"""Several runs side by side: what each reached and cost, its curves, and how it differs from the first. No torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from runtime.differences import differences, training_differences
from runtime.errors import RunError
from runtime.files import ProjectError
from runtime.run_facts import Points, RunFacts, curves_of, facts_of, front
from runtime.runs import Run

COSTS: Mapping[str, Callable[[RunFacts], int | None]] = {
    "multiply_adds": lambda facts: facts.multiply_adds,
    "parameters": lambda facts: facts.parameters,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The runs in the order given. `differences` are those from the first run; `fronts` name, for each kind of cost,
    the places of the runs that no other run beats in cost without a larger error.
    """

    runs: tuple[RunFacts, ...]
    curves: tuple[Mapping[str, Points], ...]
    differences: tuple[tuple[str, ...], ...]
    fronts: Mapping[str, tuple[int, ...]]


def compared(runs: Sequence[Run]) -> Comparison:
    """The runs side by side."""
    facts = tuple(map(facts_of, runs))
    said = tuple(between(runs[0], run) if place else () for place, run in enumerate(runs))
    fronts = {name: best_of(facts, cost) for name, cost in COSTS.items()}
    return Comparison(facts, tuple(map(curves_of, runs)), said, fronts)


def between(old: Run, new: Run) -> tuple[str, ...]:
    """How a run differs from another, one short phrase each; one that cannot be read says so."""
    try:
        before, after = old.job.graph, new.job.graph
    except (RunError, ProjectError) as error:
        return (f"cannot be compared: {error}",)
    return (*training_differences(before.training, after.training), *differences(before, after))


def best_of(facts: Sequence[RunFacts], cost: Callable[[RunFacts], int | None]) -> tuple[int, ...]:
    """The places of the runs on the front of cost and error; runs that are judged by another metric than the first
    judged one, or whose cost is not known, are left out.
    """
    judged = [(place, one) for place, one in enumerate(facts) if one.error is not None and cost(one) is not None]
    metric = judged[0][1].metric if judged else ""
    same = [(place, one) for place, one in judged if one.metric == metric]
    points = [(float(cost(one) or 0), float(one.error or 0.0)) for _, one in same]
    return tuple(same[index][0] for index in front(points))
