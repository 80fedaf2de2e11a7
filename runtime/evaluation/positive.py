"""Which of two classes is the one that is to be found. No torch."""

from __future__ import annotations

from collections.abc import Sequence

from nodes.metrics import OneClassMetric
from nodes.nothing import positive_among
from runtime.analysis import Analysis
from runtime.plan import Place


def positive_of(task: str, classes: Sequence[str], asked: str = "") -> int | None:
    """The place of the class that sensitivity is about: the one `asked` for, else `nodes.nothing.positive_among` the
    two. None where there are not two classes to tell apart."""
    if task != "classification" or len(classes) != 2:
        return None
    return list(classes).index(asked) if asked in classes else positive_among(classes)


def asked_in(analysis: Analysis, place: Place) -> str:
    """The class that the metrics of the tensor at `place` are set to; "" where none is set, or they are set to
    different ones."""
    asked = set()
    for node_id in analysis.of_type(OneClassMetric):
        kind = analysis.facts[node_id].type
        ends = {(wire.source, wire.output) for wire in analysis.graph.wires_into(node_id) if wire.input == "prediction"}
        if isinstance(kind, OneClassMetric) and place in ends:
            asked.add(kind.positive)
    asked.discard("")
    return asked.pop() if len(asked) == 1 else ""
