"""Which of the nodes that read a folder leads: whose cases are divided into parts, shown and named. No torch.

And which do not follow it: their cases are drawn independently.
"""

from __future__ import annotations

from runtime.analysis import Analysis
from runtime.attach import labelling_sources, sources_in_use
from runtime.errors import RunError


def lead_of(analysis: Analysis) -> str:
    """The source whose labels the first judged output learns.

    Where none does, the first that gives labels, else the first whose cases are not to be drawn independently, else
    the first. Raises RunError when no node reads a folder.
    """
    graph = analysis.graph
    found = sources_in_use(graph)
    if not found:
        raise RunError("The project has no node that reads a folder; one is needed.")
    labelling = [source for source in labelling_sources(graph) if source in found]
    answers = [wire for output in analysis.meanings for wire in graph.wires_into(output)]
    judged = [
        target.source
        for answer in answers
        for given in graph.wires
        if (given.source, given.output, given.input) == (answer.source, answer.output, "prediction")
        for target in graph.wires_into(given.target)
        if target.input == "target" and target.source in labelling and target.output != "image"
    ]
    followed = [source for source in found if not _is_apart(analysis, source)]
    return next(iter((*judged, *labelling, *followed, *found)))


def drawn_apart(analysis: Analysis) -> tuple[str, ...]:
    """The sources beside the leading one whose cases are not matched with it, but drawn independently.

    Raises RunError as `lead_of`.
    """
    lead = lead_of(analysis)
    return tuple(one for one in sources_in_use(analysis.graph) if one != lead and _is_apart(analysis, one))


def leads_apart(analysis: Analysis) -> bool:
    """Whether the source that leads is to be drawn independently of others, which cannot be: it is walked through."""
    return len(sources_in_use(analysis.graph)) > 1 and _is_apart(analysis, lead_of(analysis))


def _is_apart(analysis: Analysis, source: str) -> bool:
    return getattr(analysis.facts[source].type, "matching", "matched") == "drawn independently"
