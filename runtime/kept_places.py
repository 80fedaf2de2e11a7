"""Where data lie, kept out of run folders: a run says a sign, and what it stands for lies in the user's own folder.

The place of data often names a hospital or a person, and a run folder may be given away. Another computer, or another
user, does not know the sign, and data may have moved together with the project: there the project beside the run is
asked, and else `--data` names the place.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nodes.roles import DataSource
from nodes.spec import find
from runtime.data.cache_place import own_folder
from runtime.graph import Graph, Node
from runtime.store import write_safely
from runtime.user_key import user_key

NOT_KNOWN = "(a place that this computer does not know)"
_ELSEWHERE = (
    "the data were not found where the run had them; those that the project beside the run names are taken, which "
    "have the same fingerprint."
)
_SIGN = re.compile(r"place:[0-9a-f]{32}")
_BESIDE = ("-runs", "-folds", "-searches")


def is_sign(text: str) -> bool:
    """Whether a text stands for a place."""
    return _SIGN.fullmatch(text) is not None


def signed(graph: Graph) -> Graph:
    """The graph with signs for the absolute paths of its sources and its first weights; each place is remembered.

    Raises OSError and RunError when a place cannot be kept.
    """
    nodes = {node_id: _signed(node) if _is_source(node) else node for node_id, node in graph.nodes.items()}
    return replace(
        graph, nodes=nodes, training=replace(graph.training, weights_from=_sign_of(graph.training.weights_from))
    )


def placed(
    graph: Graph, folder: Path, load: Callable[[Path], Graph | None]
) -> tuple[Graph, tuple[str, ...]]:
    """The graph of a file in `folder` with the places that its signs stand for; `load` reads the project beside it.

    A place that nobody knows becomes one that is not there and says so by its name. Beside the graph: a sentence for
    each source whose data are taken from where the project says.
    """
    if not _has_signs(graph):
        return graph, ()
    project: list[Graph | None] = []  # read once, and only where it is needed
    elsewhere: dict[str, None] = {}

    def found(node: Node, name: str, sign: str) -> str:
        place = _place_of(sign)
        if place is not None and _lies(place):
            return place
        if not project:
            project.append(_project_of(folder, load))
        other = project[0].nodes.get(node.id) if project[0] is not None else None
        alike = other is not None and other.settings.get("fingerprint") == node.settings.get("fingerprint")
        if other is not None and alike:
            now = str(other.settings.get(name, ""))
            if _lies(now):
                elsewhere[f"“{node.name}”: {_ELSEWHERE}"] = None
            return now
        return place or str(folder / NOT_KNOWN)

    def known(node: Node) -> Node:
        return replace(node, settings={
            name: found(node, name, value) if isinstance(value, str) and is_sign(value) else value
            for name, value in node.settings.items()
        })  # fmt: skip

    nodes = {node_id: known(node) for node_id, node in graph.nodes.items()}
    weights = graph.training.weights_from
    if is_sign(weights):
        weights = _place_of(weights) or str(folder / NOT_KNOWN)
    graph = replace(graph, nodes=nodes, training=replace(graph.training, weights_from=weights))
    return graph, tuple(elsewhere)


def _has_signs(graph: Graph) -> bool:
    values = (value for node in graph.nodes.values() for value in node.settings.values())
    return is_sign(graph.training.weights_from) or any(isinstance(value, str) and is_sign(value) for value in values)


def _is_source(node: Node) -> bool:
    kind = find(node.type)
    return kind is not None and issubclass(kind, DataSource)


def _signed(node: Node) -> Node:
    values = {name: _sign_of(value) if isinstance(value, str) else value for name, value in node.settings.items()}
    return replace(node, settings=values)


def _sign_of(text: str) -> str:
    """The sign of an absolute path, which is remembered; any other text as it is."""
    if not os.path.isabs(text):
        return text
    digest = hmac.new(user_key(), text.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:32]
    kept = own_folder() / "places" / f"{digest}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_safely(kept, (json.dumps(text) + "\n").encode("utf-8"))
    return f"place:{digest}"


def _place_of(sign: str) -> str | None:
    """What a sign stands for; None where this user does not know it."""
    try:
        kept = json.loads((own_folder() / "places" / f"{sign.partition(':')[2]}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept if isinstance(kept, str) else None


def _lies(place: str) -> bool:
    """Whether something is there; of a table with a column, as labels name it, the table."""
    return os.path.exists(place) or os.path.exists(place.rpartition(":")[0])


def _project_of(folder: Path, load: Callable[[Path], Graph | None]) -> Graph | None:
    """The project beside PROJECT-runs, in which this run lies; None where there is none."""
    name = folder.parent.name
    for ending in _BESIDE:
        project = folder.parent.parent / f"{name.removesuffix(ending)}.netloom"
        if name.endswith(ending) and project.is_file():
            return load(project)
    return None
