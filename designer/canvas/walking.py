"""Going from node to node by keys: in reading order, or to the nearest in a direction."""

from __future__ import annotations

from collections.abc import Mapping

from designer.canvas.measures import HEIGHT, WIDTH
from runtime.graph import Node


def in_reading_order(nodes: Mapping[str, Node], current: str, step: int) -> str:
    """The next (step 1) or previous (-1) node from top to bottom; "" behind the last, and when there is none."""
    order = sorted(nodes, key=lambda node_id: (nodes[node_id].position[1], nodes[node_id].position[0]))
    if current not in nodes:
        return order[0 if step > 0 else -1] if order else ""
    place = order.index(current) + step
    return order[place] if 0 <= place < len(order) else ""


def neighbour(nodes: Mapping[str, Node], current: str, direction: tuple[int, int]) -> str:
    """The nearest node in a direction, straight ahead before aside; "" when there is none."""
    if current not in nodes:
        return in_reading_order(nodes, "", 1)
    x, y = nodes[current].position

    def cost(node_id: str) -> float | None:
        dx, dy = nodes[node_id].position[0] - x, nodes[node_id].position[1] - y
        ahead = dx * direction[0] + dy * direction[1]
        aside = abs(dx * direction[1]) + abs(dy * direction[0])
        least = WIDTH / 2 if direction[0] else HEIGHT / 2
        return None if ahead < least else ahead + 2 * aside

    costs = {node_id: found for node_id in nodes if (found := cost(node_id)) is not None}
    return min(costs, key=costs.__getitem__, default="")
