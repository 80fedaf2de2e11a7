"""Which nodes of an opened graph use the weights of another: those in uses of a block that says “shared”."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from nodes.trained import Trained
from runtime.graph import Node, Use
from runtime.paths import ancestors
from runtime.problems import Problem

if TYPE_CHECKING:
    from runtime.analysis import Facts


def shared_weights(uses: Mapping[str, Use], nodes: Mapping[str, Node]) -> dict[str, str]:
    """For each node without weights of its own: the node that has them. The first shared use of a block owns them."""
    owners = owners_of(uses)
    shares = {}
    for node_id in nodes if owners else ():
        owner = owner_of(node_id, owners)
        if owner != node_id and owner in nodes:
            shares[node_id] = owner
    return shares


def owners_of(uses: Mapping[str, Use]) -> dict[str, str]:
    """For each copy of a block that says “shared”, but the first: the first."""
    owners: dict[str, str] = {}
    first: dict[str, str] = {}
    for path, use in uses.items():
        if use.kind.weights == "shared" and use.copies:
            owner = first.setdefault(use.kind.block, path)
            if owner != path:
                owners[path] = owner
    return owners


def owner_of(opened_id: str, owners: Mapping[str, str]) -> str:
    """The node or copy whose weights this one uses. Each step leads to a use that was opened earlier, so this ends."""
    while True:
        path = next((path for path in (*ancestors(opened_id), opened_id) if path in owners), None)
        if path is None:
            return opened_id
        opened_id = owners[path] + opened_id[len(path) :]


def unlike_sharers(shares: Mapping[str, str], facts: Mapping[str, Facts]) -> Iterator[Problem]:
    """A problem for each node that cannot use the weights of the other: what it builds is different."""
    for node_id, owner in shares.items():
        mine, theirs = facts[node_id], facts[owner]
        if not (mine.type and theirs.type and mine.outputs and theirs.outputs):
            continue
        if mine.type.call(**mine.inputs) != theirs.type.call(**theirs.inputs):
            message = (
                f"“{mine.node.name}” shares its weights with another use of the block, but its input or its settings "
                "ask for weights of another size; give this use its own weights, or the same input."
            )
            yield Problem(node_id, "", "error", message, "shares")
        elif isinstance(mine.type, Trained) and isinstance(theirs.type, Trained):
            yield from _unlike_training(node_id, mine.node.name, mine.type, theirs.type)


def _unlike_training(node_id: str, name: str, mine: Trained, theirs: Trained) -> Iterator[Problem]:
    """The same weights cannot be trained in two ways: arguments of the block may ask for that."""
    if mine.learning != theirs.learning:
        message = (
            f"“{name}” shares its weights with another use of the block, but its learning-rate factor or penalties are "
            "others there; give both uses the same, or this use its own weights."
        )
        yield Problem(node_id, "rate_factor", "error", message, "shares")
