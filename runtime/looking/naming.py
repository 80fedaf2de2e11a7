"""Nodes by the names that users gave them."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.analysis import Analysis
from runtime.errors import RunError

_MOST = 20


def node_called(analysis: Analysis, name: str) -> str:
    """The id of the node with this id or name (“Stage 1 / Convolution” within a block). Raises RunError."""
    found = [node_id for node_id in analysis.order if name in (node_id, analysis.title(node_id))]
    if len(found) == 1:
        return found[0]
    if found:
        raise RunError(f"{len(found)} nodes are called “{name}”; name one by its id: {listed(found)}.")
    titles = [analysis.title(node_id) for node_id in analysis.order]
    raise RunError(f"There is no node “{name}”; the nodes are {listed(titles)}.")


def listed(names: Sequence[str]) -> str:
    """Names in quotes, the first twenty of many."""
    return ", ".join(f"“{name}”" for name in names[:_MOST]) + (", …" if len(names) > _MOST else "")
