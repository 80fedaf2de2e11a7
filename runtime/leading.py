"""Which of the nodes that read a folder leads: whose cases are divided into parts, shown and named. No torch."""

from __future__ import annotations

from runtime.analysis import Analysis
from runtime.attach import labelling_sources, sources_in_use
from runtime.errors import RunError


def lead_of(analysis: Analysis) -> str:
    """The source whose labels the first judged output learns.

    Where none does, the first that gives labels, else the first. Raises RunError when no node reads a folder.
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
    return next(iter((*judged, *labelling, *found)))
