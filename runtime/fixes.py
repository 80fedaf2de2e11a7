"""What one click mends: every remedy is tried on a copy, and only those are offered that make the problem go away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from runtime.analysis import Analysis, analyse
from runtime.document import Document
from runtime.problems import Problem
from runtime.readiness import training_problems
from runtime.remedies import connections, ends, judges, pairs, shapes, values
from runtime.remedies.remedy import Fix, Remedy
from runtime.sheet_view import sheet_view
from runtime.surgery import carry_out

__all__ = ["Fix", "apply_fix", "fixes_for"]

_MOST = 3
_REMEDIES: Mapping[str, tuple[Remedy, ...]] = {
    "setting": (values.wrong_value,),
    "unknown_setting": (values.unknown_setting,),
    "unfit": (values.unfit_value, judges.wrong_prediction, shapes.unlike_branches),
    "rank": (shapes.wrong_rank,),
    "label": (judges.wrong_label,),
    "not_offered": (judges.not_offered,),
    "squeezed": (judges.squeezed,),
    "empty_port": (connections.empty_port,),
    "many_wires": (connections.many_wires,),
    "missing_port": (connections.unsound_wires,),
    "lost_wire": (connections.unsound_wires,),
    "misfit": (connections.unsound_wires,),
    "loop": (connections.loop,),
    "idle_loss": (connections.idle_loss,),
    "no_output": (ends.no_output,),
    "no_optimizer": (ends.no_optimizer,),
    "no_loss": (ends.no_loss,),
    "untrained": (ends.untrained,),
    "frozen": (ends.frozen,),
    "frozen_long": (ends.frozen_long,),
    "frozen_at_first": (ends.frozen_at_first,),
    "sampling": (ends.sampling,),
    "helped_twice": (ends.helped_twice,),
    "watch": (ends.watch,),
    "part": (ends.part,),
    "left_out": (ends.left_out,),
    "interval": (ends.interval,),
    "unknown_type": (connections.unknown_type,),
    "other_source": (pairs.other_source,),
    "paths": (pairs.other_path,),
    "two_ways": (pairs.two_ways,),
    "pieces": (pairs.pieces,),
}


def fixes_for(problem: Problem, analysis: Analysis) -> tuple[Fix, ...]:
    """The changes of which each alone makes the problem go away and brings no new error, the best first; often none.

    The problem is one of the analysis given, which may be the view of one sheet (`sheet_view`).

    Each is tried on a copy of the graph, so this takes as long as a few analyses.
    """
    if analysis.path == "" and not analysis.sheet:
        analysis = sheet_view(analysis)
    graded: list[tuple[int, Fix]] = []
    seen = analysis if problem.code == "lost_wire" else _without_lost_wires(analysis)
    for remedy in _REMEDIES.get(problem.code, ()):
        for group in remedy(problem, seen):
            tried = ((_grade(fix, problem, analysis), fix) for fix in group)
            best = min(((grade, fix) for grade, fix in tried if grade is not None), key=_first, default=None)
            if best is not None and best[1] not in (fix for _, fix in graded):
                graded.append(best)
    clean = [fix for grade, fix in graded if grade == 0]
    return tuple((clean or [fix for _, fix in graded])[:_MOST])


def apply_fix(fix: Fix, document: Document) -> None:
    """Make the change as one step of undo, named by the fix. Raises KeyError when a node it names is gone."""
    with document.edit(fix.label):
        for edit in fix.edits:
            carry_out(edit, document)
    document.seal()


def _without_lost_wires(analysis: Analysis) -> Analysis:
    """The analysis as remedies see it: every wire leads from a node to a node."""
    graph = analysis.graph
    wires = tuple(wire for wire in graph.wires if wire.source in graph.nodes and wire.target in graph.nodes)
    return replace(analysis, graph=replace(graph, wires=wires))


def _first(graded: tuple[int, Fix]) -> int:
    return graded[0]


def _grade(fix: Fix, problem: Problem, before: Analysis) -> int | None:
    """0 when the fix leaves no new error, 1 when it lets one be seen that was hidden; None when it does not mend."""
    document = Document(before.drawn)
    apply_fix(fix, document)
    after = sheet_view(analyse(document.graph()), before.sheet, before.path)
    remaining = {_key(left) for left in (*after.problems, *training_problems(after))}
    if _key(problem) in remaining:
        return None
    new = [error for error in after.errors if error not in before.errors]
    return None if any(not _was_hidden(error, problem, before) for error in new) else int(bool(new))


def _key(problem: Problem) -> tuple[str, str, str]:
    return problem.node, problem.field, problem.code


def _was_hidden(error: Problem, mended: Problem, before: Analysis) -> bool:
    """Whether the error was there before, at a node that the mended fault kept from being looked at."""
    facts = before.facts.get(error.node)
    if facts is None or (error.node, error.field) == (mended.node, mended.field):
        return False
    return not facts.outputs and not facts.inputs
