"""Which output of a network is judged. No torch."""

from __future__ import annotations

from runtime.analysis import Analysis, Meaning
from runtime.plan import Place

TASKS = ("classification", "segmentation", "regression", "several labels", "detection")
"""Tasks of which there is right and wrong."""


def judged_output(analysis: Analysis) -> tuple[Meaning, Place] | None:
    """The first output whose scores a loss compares with labels, and where they arise; None where there is none."""
    for node_id, meaning in analysis.meanings.items():
        if meaning.task in TASKS:
            wire = analysis.graph.wires_into(node_id)[0]
            return meaning, (wire.source, wire.output)
    return None
