"""Problems as lists show them: a fault inside a block that is used several times stands there once, with its uses."""

from __future__ import annotations

from collections.abc import Iterable

from runtime.analysed import Analysis
from runtime.paths import INSIDE, place_of
from runtime.problems import Problem

_NAMED = 3


def by_fault(problems: Iterable[Problem]) -> dict[Problem, tuple[str, ...]]:
    """The problems in their order, but of one fault at one drawn node only the first; with the nodes of all of them."""
    first: dict[tuple[str, str, str, str], Problem] = {}
    nodes: dict[Problem, list[str]] = {}
    for problem in problems:
        fault = (place_of(problem.node)[1], problem.field, problem.severity, problem.message)
        nodes.setdefault(first.setdefault(fault, problem), []).append(problem.node)
    return {problem: tuple(dict.fromkeys(ids)) for problem, ids in nodes.items()}


def title_of_all(analysis: Analysis, node_ids: tuple[str, ...]) -> str:
    """What a node is called that these are, each in another use: “Convolution (in Stage 1 and Stage 2)”."""
    titles = [analysis.title(node_id) for node_id in node_ids]
    if len(titles) < 2 or any(INSIDE not in node_id for node_id in node_ids):
        return titles[0]
    parts = [title.rpartition(" / ") for title in titles]
    uses = list(dict.fromkeys(use for use, _, _ in parts))
    named, more = uses[:_NAMED], len(uses) - _NAMED
    rest = f"{more} more" if more > 0 else named.pop()
    return f"{parts[0][2]} (in {', '.join(named)} and {rest})" if named else f"{parts[0][2]} (in {rest})"


def described(problem: Problem, analysis: Analysis, node_ids: tuple[str, ...] = ()) -> str:
    """The message, with the way to the node before it, unless the message names a node of the main sheet itself."""
    ids = node_ids or (problem.node,)
    node = analysis.graph.nodes.get(problem.node) or analysis.drawn.nodes.get(place_of(problem.node)[1])
    if node is None or (node.name in problem.message and INSIDE not in problem.node):
        return problem.message
    return f"{title_of_all(analysis, ids)}: {problem.message}"
