"""What one case of a drawing is called, wherever something is told for each of them. No torch."""

from __future__ import annotations

from nodes.roles import DataSource, Source
from runtime.analysis import Analysis

_NOUNS = {2: "signal", 3: "image", 4: "volume"}  # by the axes of what a source gives, with that of the channels


def case_noun(analysis: Analysis) -> str:
    """“image”, “volume”, “signal”, “patch” (round a point of a table) or “piece” (that the drawing cuts out of images);
    “case” for tables, and where several sources give different things."""
    if any(facts.type is not None and facts.type.cuts for facts in analysis.facts.values()):
        return "piece"
    read = [one for one in analysis.of_type(DataSource) if analysis.facts[one].outputs]
    given = read or [one for one in analysis.of_type(Source) if analysis.facts[one].outputs]
    nouns = {_noun(analysis, one) for one in given}
    return nouns.pop() if len(nouns) == 1 else "case"


def _noun(analysis: Analysis, source: str) -> str:
    if getattr(analysis.facts[source].type, "points", ""):
        return "patch"
    return _NOUNS.get(len(analysis.facts[source].shape or ()), "case")
