"""How each layer does, from the norms of its weights and gradients: learning, dead, hardly moving, or exploding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from runtime.coach.course import median

Health = Literal["learns", "dead", "vanishing", "exploding"]
Points = Sequence[tuple[float, float]]

SILENT = 0.99  # of a layer's gradients are exactly 0: nothing behind it answers any more, as after dead ReLUs
FAINT = 1e-4  # of the relative gradient of the layer in the middle: it learns ten thousand times slower than the others
STEEP = 10.0  # times its own weights: healthy gradients are a small share of them
GROWN = 10.0  # times its norm after the first epoch: weights settle, they do not grow without end


def health_of(
    weights: Mapping[str, Points], gradients: Mapping[str, Points], still: Mapping[str, Points]
) -> dict[str, Health]:
    """The health of each layer with weights, by node id, from (epoch, norm) and (epoch, share of zero gradients)."""
    seen = {node: points for node, points in weights.items() if node in gradients}
    relative = {node: _last(gradients[node]) / (_last(points) or 1.0) for node, points in seen.items()}
    usual = median([value for value in relative.values() if value > 0]) if relative else 0.0
    return {
        node: _health(points, relative.get(node), _last(still.get(node)), usual) for node, points in weights.items()
    }


def _health(weights: Points, relative: float | None, silent: float, usual: float) -> Health:
    if weights and weights[0][1] > 0 and weights[-1][1] > GROWN * weights[0][1]:
        return "exploding"
    if relative is None:
        return "learns"
    if relative > STEEP:
        return "exploding"
    if relative == 0 or silent >= SILENT:
        return "dead"
    return "vanishing" if relative < FAINT * usual else "learns"


def _last(points: Points | None) -> float:
    return points[-1][1] if points else 0.0
