"""Where in a graph an image that is rebuilt meets the wanted one, and what it was rebuilt from. No torch."""

from __future__ import annotations

from nodes.image_metrics import LikenessMetric
from nodes.roles import Loss
from runtime.analysis import Analysis
from runtime.delivered import simulates
from runtime.plan import Place


def wanted_at(analysis: Analysis, place: Place) -> Place | None:
    """Where the image arises that the first loss compares the tensor at `place` with."""
    for node_id in analysis.of_type(Loss):
        ends = {wire.input: (wire.source, wire.output) for wire in analysis.graph.wires_into(node_id)}
        if ends.get("prediction") == place:
            return ends.get("target")
    return None


def poorer_before(analysis: Analysis, place: Place) -> Place | None:
    """What the nearest node before the tensor at `place` gives that makes images poorer on purpose; None without."""
    seen: set[str] = set()
    waiting = [place]
    while waiting:
        node_id, output = waiting.pop(0)
        if simulates(analysis.facts[node_id].type):
            return node_id, output
        if node_id not in seen:
            seen.add(node_id)
            waiting += [(wire.source, wire.output) for wire in analysis.graph.wires_into(node_id)]
    return None


def span_of(analysis: Analysis, place: Place) -> float:
    """From black to white of the images, as PSNR or SSIM of the tensor at `place` is told; 0 for that of each image."""
    for node_id in analysis.of_type(LikenessMetric):
        kind = analysis.facts[node_id].type
        ends = {(wire.source, wire.output) for wire in analysis.graph.wires_into(node_id) if wire.input == "prediction"}
        if isinstance(kind, LikenessMetric) and place in ends:
            return kind.span
    return 0.0
