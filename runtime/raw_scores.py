"""Losses take raw scores: an activation that squeezes them first makes the training slow and the answers too mild."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from nodes.roles import Loss
from runtime.problems import Problem
from runtime.wiring import Into

if TYPE_CHECKING:
    from runtime.analysis import Facts

SQUEEZING = frozenset({"softmax", "sigmoid", "hard_sigmoid", "log_sigmoid"})
"""Activations that a loss for classes must not find before it; Log-softmax is left alone by a second softmax."""


def squeezed_scores(into: Into, facts: Mapping[str, Facts]) -> Iterator[Problem]:
    """A warning for each loss that would apply softmax or sigmoid to what went through one already."""
    for node_id, known in facts.items():
        if not isinstance(known.type, Loss) or not known.inputs or known.type.activation(**known.inputs) == "identity":
            continue
        start = next(facts[wire.source] for wire in into[node_id] if wire.input == "prediction")
        if start.node.type in SQUEEZING:
            message = (
                f"“{known.node.name}” takes raw scores, and “{start.node.name}” before it squeezes them; "
                "remove it: the Output node makes the probabilities."
            )
            yield Problem(node_id, "prediction", "warning", message, "squeezed")
