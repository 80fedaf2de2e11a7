"""Images that are augmented each by itself and then laid on each other: their pixels no longer belong together."""

from __future__ import annotations

from collections.abc import Iterator

from runtime.analysed import Analysis
from runtime.graph import Wire
from runtime.problems import Problem, quoted_list


def augmented_apart(analysis: Analysis) -> Iterator[Problem]:
    """A warning for each node that joins images, pixel by pixel, which went through different augmentations.

    Each augmentation draws anew, so that one image may be turned where the other is not.
    """
    for node_id in analysis.order:
        into = [wire for wire in analysis.graph.wires_into(node_id) if _is_image(analysis, wire)]
        ways = {_augmented(analysis, wire) for wire in into}
        if analysis.facts[node_id].shape is None or len(ways) < 2:
            continue
        nodes = quoted_list(sorted({analysis.title(one) for way in ways for one in way}))
        yield Problem(
            node_id, "", "warning",
            f"“{analysis.title(node_id)}” lays images on each other that were not augmented together ({nodes}): each "
            "augmentation draws anew, so their pixels do not belong together in training. Join the images first and "
            "augment what comes of it.", "apart",
        )  # fmt: skip


def _is_image(analysis: Analysis, wire: Wire) -> bool:
    facts = analysis.facts.get(wire.source)  # a wire may come from a node that does not exist
    flow = None if facts is None else facts.outputs.get(wire.output)
    return flow is not None and isinstance(flow.value, tuple) and len(flow.value) > 2


def _augmented(analysis: Analysis, wire: Wire) -> frozenset[str]:
    """The nodes that move pixels at random on the way to this wire."""
    paths = analysis.facts[wire.source].outputs[wire.output].geometry.values()
    moved = {node for path in paths for node in path or ()}
    return frozenset(node for node in moved if getattr(analysis.facts[node].type, "training_only", False))
