"""The ids in an opened graph: “stage/unit#2/conv” is the node “conv” in the second copy of “unit” in “stage”."""

from __future__ import annotations

INSIDE = "/"
"""What stands between a use and what lies in it."""

COPY = "#"
"""What stands before the number of a copy, from the second on."""


def place_of(opened_id: str) -> tuple[str, str]:
    """The path of the use that the node lies in ("" for the main sheet), and the node's id as drawn."""
    path, _, node_id = opened_id.rpartition(INSIDE)
    return path, node_id.partition(COPY)[0]


def inside(opened_id: str, path: str) -> str:
    """The id, as drawn, of the node on the sheet shown at `path` that is or holds this one; "" for one elsewhere."""
    start = f"{path}{INSIDE}" if path else ""
    if not opened_id.startswith(start):
        return ""
    return opened_id[len(start) :].partition(INSIDE)[0].partition(COPY)[0]


def first_copies(path: str) -> str:
    """The path with every copy replaced by the first: what is shown for all of them."""
    return INSIDE.join(part.partition(COPY)[0] for part in path.split(INSIDE))


def ancestors(opened_id: str) -> tuple[str, ...]:
    """The paths of the uses that the node lies in, the outermost first."""
    parts = opened_id.split(INSIDE)[:-1]
    return tuple(INSIDE.join(parts[: count + 1]) for count in range(len(parts)))
