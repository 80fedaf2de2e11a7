"""Where data lie for one call: a folder, or NAME=FOLDER for each source node of a drawing. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from runtime.attach import sources_in_use
from runtime.data.catalogue import DataError
from runtime.graph import Graph

Places = Mapping[str, Path]
"""Where data lie, by the ids of the source nodes that read them."""


def data_places(graph: Graph, given: Sequence[str]) -> dict[str, Path]:
    """The places that words of a call name: FOLDER where one node reads data, NAME=FOLDER for each where several do.

    NAME is a node's name; small and capital letters count as the same. Raises DataError for a name that no node has,
    one that several have, one that is named twice, and for a plain folder where several nodes read data.
    """
    sources = sources_in_use(graph)
    names = [graph.nodes[source].name for source in sources]
    found: dict[str, Path] = {}
    for word in given:
        source, place = _one(word, sources, names)
        if source in found:
            raise DataError(f"“{graph.nodes[source].name}” is given two places; name one for each.")
        found[source] = place
    return found


def _one(word: str, sources: Sequence[str], names: Sequence[str]) -> tuple[str, Path]:
    """The node that a word of a call is for, and the place that it names."""
    name, sign, rest = word.partition("=")
    of_name = [source for source, own in zip(sources, names, strict=True) if own.casefold() == name.strip().casefold()]
    plain = Path(word)
    if not sign or (not of_name and plain.exists()):
        if len(sources) == 1:
            return sources[0], plain
        if not sources:
            raise DataError("The project has no node that reads data, so --data fits nothing.")
        fits = " ".join(f"--data “{own}=FOLDER”" for own in names)
        raise DataError(f"This project reads data in several places; name the one that {word} is for: {fits}.")
    if not of_name:
        raise DataError(f"No node that reads data is called {name.strip()}; {_listed(names)} could be meant.")
    if len(of_name) > 1:
        raise DataError(f"{len(of_name)} nodes are called {name.strip()}; give them names of their own.")
    return of_name[0], Path(rest.strip())


def _listed(names: Sequence[str]) -> str:
    return " or ".join(f"“{name}”" for name in names)
