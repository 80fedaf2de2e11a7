"""Which node type each operator becomes: one function for each, in tables by topic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from runtime.importing.onnx.layers import (
    activation,
    arithmetic,
    arranging,
    convolution,
    dense,
    normalization,
    pooling,
    reducing,
    sequences,
    upsampling,
)
from runtime.importing.onnx.program import Step
from runtime.importing.onnx.sketch import Place, Sketch

TABLE: Mapping[str, Callable[[Sketch], Place | Sequence[Place]]] = {
    **activation.TABLE,
    **arithmetic.TABLE,
    **arranging.TABLE,
    **convolution.TABLE,
    **dense.TABLE,
    **normalization.TABLE,
    **pooling.TABLE,
    **reducing.TABLE,
    **sequences.TABLE,
    **upsampling.TABLE,
}

_SHOWN = 6


def unknown(steps: Iterable[Step]) -> list[Step]:
    """The steps that have no counterpart here."""
    return [step for step in steps if step.domain or step.kind not in TABLE]


def refusal(file: str, steps: Sequence[Step]) -> str:
    """The sentence that names operators without a counterpart, and what to do."""
    kinds = dict.fromkeys(f"{step.domain}.{step.kind}" if step.domain else step.kind for step in steps)
    names = [*kinds][:_SHOWN]
    more = f" and {len(kinds) - _SHOWN} more" if len(kinds) > _SHOWN else ""
    plural = "s" if len(kinds) > 1 else ""
    return (
        f"{file} holds the operator{plural} {', '.join(names)}{more}, which ha{'ve' if plural else 's'} no counterpart "
        f"here (the first is {steps[0].title}); take them out of the network, or write them with layers that are here, "
        "and export it again."
    )
