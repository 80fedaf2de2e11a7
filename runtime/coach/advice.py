"""What may help against a finding: changes of the drawing, each tried on a copy, each one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from runtime.analysis import Analysis, analyse
from runtime.coach import judging, layers, steps
from runtime.coach.finding import Code, Finding
from runtime.document import Document
from runtime.fixes import apply_fix
from runtime.graph import Graph
from runtime.problems import Problem
from runtime.readiness import training_problems
from runtime.remedies.remedy import Fix
from runtime.sheet_view import sheet_view
from runtime.surgery import Insert, Set, TrainWith

Way = Callable[[Analysis], Iterator[Fix]]

_MOST = 4
_WAYS: Mapping[Code, tuple[Way, ...]] = {
    "not_finite": (layers.normalise, steps.lower_rate, steps.clip),
    "rate_too_high": (steps.lower_rate, steps.clip, steps.falling_rate),
    "rate_too_low": (steps.raise_rate, steps.longer),
    "overfitting": (layers.augment, layers.dropout, steps.weight_decay, steps.stop_early),
    "underfitting": (layers.less_dropout, layers.wider, layers.hidden_layer, steps.less_decay),
    "plateau": (steps.lower_rate, steps.falling_rate, steps.stop_early, layers.wider),
    "majority": (judging.weigh_classes, judging.sample_evenly, steps.lower_rate),
    "empty_masks": (judging.judge_overlap, judging.weigh_classes, steps.lower_rate),
    "validation_better": (layers.less_dropout, layers.less_augmentation),
}


def advice(finding: Finding, run: Analysis, now: Analysis) -> tuple[Fix, ...]:
    """The changes that may help, the first choice first; none brings an error into the drawing as it is now.

    `run` is the analysis of the graph that was trained. A value that was changed since is not changed further: what it
    does is not known before the next training. Nothing is offered where the drawing of today has other problems than
    the advice could see through.
    """
    today, then = sheet_view(now), sheet_view(run)
    return tuple(
        fix
        for way in _WAYS[finding.code]
        for fix in way(today)
        if _is_fresh(fix, way, today, then) and _is_sound(fix, now)
    )[:_MOST]  # fmt: skip


def _is_fresh(fix: Fix, way: Way, today: Analysis, then: Analysis) -> bool:
    """Whether what the fix would change is still as the run was trained with."""
    if any(isinstance(edit, Set | TrainWith) for edit in fix.edits):
        return any(fix.edits == before.edits for before in way(then))
    added = {type_id for edit in fix.edits if isinstance(edit, Insert) for type_id, _ in edit.layers}
    return all(_count(today, type_id) <= _count(then, type_id) for type_id in added)


def _count(analysis: Analysis, type_id: str) -> int:
    return sum(node.type == type_id for node in analysis.graph.nodes.values())


def _is_sound(fix: Fix, now: Analysis) -> bool:
    before = {_key(problem) for problem in (*now.problems, *training_problems(now))}
    after = analyse(changed(now.drawn, fix))
    found = (*after.problems, *training_problems(after))
    return all(problem.severity != "error" or _key(problem) in before for problem in found)


def changed(graph: Graph, fix: Fix) -> Graph:
    """The graph with the change made."""
    document = Document(graph)
    apply_fix(fix, document)
    return document.graph()


def _key(problem: Problem) -> tuple[str, str, str]:
    return problem.node, problem.field, problem.code
