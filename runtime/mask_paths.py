"""The way masks and boxes take to their comparison with a prediction: they move along with the image, once for each
source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from nodes.roles import Loss, Metric
from nodes.spec import Target
from runtime.wiring import Into, Tell

if TYPE_CHECKING:
    from runtime.analysis import Facts


def mask_paths(
    nodes: Iterable[str], into: Into, facts: Mapping[str, Facts], tell: Tell | None = None
) -> dict[str, tuple[str, ...]]:
    """For each source whose masks or boxes are compared with a prediction: the nodes that move its pixels on the way.

    They can be moved in one way only, that of the first loss among `nodes`; who asks for another is told.
    """
    paths: dict[str, tuple[str, ...]] = {}
    judges = [node_id for node_id in nodes if isinstance(facts[node_id].type, Loss | Metric)]
    for node_id in sorted(judges, key=lambda node_id: isinstance(facts[node_id].type, Metric)):
        found = _path(node_id, into, facts)
        if found is not None and paths.setdefault(*found) != found[1] and tell is not None:
            name, target = facts[node_id].node.name, facts[node_id].inputs["target"]
            what = "boxes" if isinstance(target, Target) and target.label == "boxes" else "mask"
            tell(node_id, "target", _TWO_WAYS.format(name=name, what=what), code="two_ways")
    return paths


def _path(node_id: str, into: Into, facts: Mapping[str, Facts]) -> tuple[str, tuple[str, ...]] | None:
    """The source of the mask or boxes that this loss or metric compares with, and the way to it; None without these."""
    target = facts[node_id].inputs.get("target")
    if not isinstance(target, Target) or target.label not in ("mask", "boxes"):
        return None
    wires = {wire.input: wire for wire in into[node_id]}
    start, source = wires["prediction"], wires["target"].source
    path = facts[start.source].outputs[start.output].geometry.get(source)
    return None if path is None else (source, path)


_TWO_WAYS = (
    "“{name}” compares the {what} with a prediction that was resized or augmented in another way than the other losses "
    "and metrics ask for; let all predictions compared with the same {what} go through one resizing and augmentation."
)
