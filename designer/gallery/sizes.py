"""How large a drawing is, as far as that can be said before there are data."""

from __future__ import annotations

from dataclasses import dataclass

from designer.gallery.sketch import parts_of
from nodes.spec import Category
from runtime.analysis import analyse
from runtime.attach import data_sources
from runtime.data.catalogue import DataError
from runtime.document import Document
from runtime.graph import Graph, Json
from runtime.template_fit import fit

_SIDE = 256  # pixels; templates bring images to their own size
_VOLUME_SIDE = 64
_CLASSES = ("first", "second")
_LABELS = ("mask", "class", "number")


@dataclass(frozen=True, slots=True)
class Sizes:
    """Counts of a drawing; layers are the nodes with trained weights, normalisation left out as is the custom."""

    nodes: int
    layers: int | None = None
    parameters: int | None = None  # with images of one channel, and two classes where there are classes


def sizes(graph: Graph) -> Sizes:
    """What can be counted: layers and parameters only if the drawing is whole, with data or without."""
    for tried in (graph, _with_usual_data(graph, 2), _with_usual_data(graph, 3)):
        analysis = analyse(tried) if tried is not None else None
        if analysis is None or analysis.errors or not analysis.parameters:
            continue
        trained = [facts for facts in analysis.facts.values() if facts.parameters and facts.type is not None]
        layers = [facts for facts in trained if facts.type and facts.type.category is not Category.NORMALIZATION]
        return Sizes(len(parts_of(graph)), len(layers), analysis.parameters)
    return Sizes(len(parts_of(graph)))


def short_count(count: int) -> str:
    """A large count in three digits: 940, 61.7 k, 23.5 M."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= size * 0.9995:
            return f"{count / size:.3g} {unit}"
    return str(count)


def _with_usual_data(graph: Graph, axes: int) -> Graph | None:
    """The graph fitted to grey images of a usual size; None where it does not take such data."""
    sources = data_sources(graph)
    if not sources:
        return None
    used = {wire.output for wire in graph.wires if wire.source in sources}
    label = next((kind for kind in _LABELS if kind in used), "")
    classes = list(_CLASSES) if label in ("mask", "class") else []
    found: list[Json] = [_SIDE] * 2 if axes == 2 else [_VOLUME_SIDE] * 3
    settings: dict[str, Json] = {
        "folder": "data", "label": label, "classes": list[Json](classes), "counts": [1 for _ in classes], "channels": 1,
        "found_size": found, "images": 2, "fingerprint": "none",
    }  # fmt: skip
    document = Document(graph)
    try:
        for source in sources:
            fit(document, document.nodes[source].type, settings, source)
    except DataError:
        return None
    return document.graph()
