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

    NAME is a node's name. Raises DataError as `named_places`.
    """
    sources = sources_in_use(graph)
    if not sources:
        raise DataError("The project has no node that reads data, so --data fits nothing.")
    found = named_places([graph.nodes[source].name for source in sources], given)
    return {sources[number]: place for number, place in found.items()}


def named_places(names: Sequence[str], given: Sequence[str]) -> dict[int, Path]:
    """The places by the numbers of these names, whose small and capital letters count as the same.

    Raises DataError for a name that is not among them, one that several have, one that is given twice, and for a plain
    folder where there are several names.
    """
    found: dict[int, Path] = {}
    for word in given:
        number, place = _one(word, names)
        if number in found:
            raise DataError(f"“{names[number]}” is given two places; name one for each.")
        found[number] = place
    return found


def _one(word: str, names: Sequence[str]) -> tuple[int, Path]:
    """Which of the names a word of a call is for, and the place that it names."""
    name, sign, rest = word.partition("=")
    of_name = [number for number, own in enumerate(names) if own.casefold() == name.strip().casefold()]
    if not sign or (not of_name and Path(word).exists()):
        if len(names) == 1:
            return 0, Path(word)
        fits = " ".join(f"--data “{own}=FOLDER”" for own in names)
        raise DataError(f"Data are read in several places here; name the one that {word} is for: {fits}.")
    if not of_name:
        raise DataError(f"Nothing that reads data is called {name.strip()}; {_listed(names)} could be meant.")
    if len(of_name) > 1:
        raise DataError(f"{len(of_name)} nodes are called {name.strip()}; give them names of their own.")
    return of_name[0], Path(rest.strip())


def _listed(names: Sequence[str]) -> str:
    return " or ".join(f"“{name}”" for name in names)
