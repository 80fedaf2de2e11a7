"""Small graphs for tests, drawn through the document as a user would."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import nodes  # noqa: F401 - fills the registry
from runtime import template_fit, templates
from runtime.analysis import Analysis, analyse
from runtime.data.catalogue import DataSet
from runtime.document import Document
from runtime.graph import MAIN, Graph, Json, Training, Wire

Layer = str | tuple[str, Mapping[str, Any]]
"""A node type's id, or the id with settings; the setting "name" names the node."""

CLASSES = ("healthy", "ill")
LAYERS: tuple[Layer, ...] = (
    ("convolution", {"filters": 4}),
    "batch_normalization",
    "relu",
    "max_pooling",
    "flatten",
)


def add(document: Document, layer: Layer, sheet: str = MAIN) -> str:
    """Add one node and give its id."""
    kind, settings = (layer, {}) if isinstance(layer, str) else layer
    given = {name: _json(value) for name, value in settings.items() if name != "name"}
    return document.add(kind, str(settings.get("name", "")), settings=given, sheet=sheet)


def wire(document: Document, source: str, target: str, output: str = "", input: str = "") -> None:
    """Draw a wire; ports that are not named are the first of the node."""
    start, end = document.find(document.nodes[source].type), document.find(document.nodes[target].type)
    if start is None or end is None:
        raise KeyError(f"{source} or {target} has no known type")
    document.connect(Wire(source, output or start.outputs[0].name, target, input or end.inputs[0].name))


def chain(document: Document, start: str, layers: Sequence[Layer]) -> str:
    """Add nodes one behind the other after `start`; gives the id of the last."""
    for layer in layers:
        node_id = add(document, layer, document.nodes[start].sheet)
        wire(document, start, node_id)
        start = node_id
    return start


def source(document: Document, kind: str = "image_folder", **learned: Any) -> str:
    """Add a data source as it is after a folder was attached: 1×16×16 pictures of two classes unless told otherwise."""
    settings: dict[str, Any] = {
        "folder": "pictures", "label": "class", "classes": CLASSES, "counts": (10, 10), "channels": 1, "size": (16, 16),
        "found_size": (20, 24), "images": 20, "fingerprint": "0" * 16, "name": "Image", **learned,
    }  # fmt: skip
    return add(document, (kind, settings))


def judge(document: Document, start: str, origin: str, target: str, loss: Layer, metrics: Sequence[Layer] = ()) -> None:
    """Put a loss with an optimizer, metrics and an output behind a prediction."""
    judging = [add(document, layer) for layer in (loss, *metrics)]
    for node_id in judging:
        wire(document, start, node_id, input="prediction")
        wire(document, origin, node_id, output=target, input="target")
    wire(document, judging[0], add(document, ("adam", {"rate": 0.01})))
    wire(document, start, add(document, ("output", {"name": "Answer"})))


def classifier(
    *,
    layers: Sequence[Layer] = LAYERS,
    before: Sequence[Layer] = (),
    training: Training | None = None,
    loss: Layer = "cross_entropy",
    metrics: Sequence[Layer] = ("accuracy",),
    kind: str = "image_folder",
    **learned: Any,
) -> Graph:
    """Pictures -> `before` (preparation) -> `layers` -> Dense with one score a class -> loss, metrics, output."""
    document = Document()
    with document.edit("Draw"):
        origin = source(document, kind, **learned)
        classes = learned.get("classes", CLASSES)
        last = chain(document, origin, [*before, *layers, ("dense", {"units": len(classes)})])
        judge(document, last, origin, "class", loss, metrics)
        document.train_with(training or Training(epochs=2, batch=4, device="cpu"))
    return document.graph()


def two_sources(
    first: Mapping[str, Any], second: Mapping[str, Any], *, layers: Sequence[Layer] = LAYERS, **training: Any
) -> Graph:
    """Pictures of two folders, each with layers of its own -> Concat -> Dense -> cross entropy with the first's
    classes. `first` and `second` are what was learned of the folders."""
    document = Document()
    with document.edit("Draw"):
        sources = [source(document, **{"name": name, **own}) for name, own in (("One", first), ("Two", second))]
        ends = [chain(document, origin, ["normalise", *layers]) for origin in sources]
        joined = add(document, "concatenate")
        for end in ends:
            wire(document, end, joined)
        last = chain(document, joined, [("dense", {"units": len(first.get("classes", CLASSES))})])
        judge(document, last, sources[0], "class", "cross_entropy", ("accuracy",))
        document.train_with(Training(**{"epochs": 2, "batch": 4, "device": "cpu", **training}))
    return document.graph()


def regressor(*, layers: Sequence[Layer] = LAYERS, before: Sequence[Layer] = (), **learned: Any) -> Graph:
    """Pictures -> layers -> Dense with one number -> squared error."""
    document = Document()
    with document.edit("Draw"):
        origin = source(document, **{"label": "number", "classes": (), "counts": (), **learned})
        last = chain(document, origin, [*before, *layers, ("dense", {"units": 1})])
        judge(document, last, origin, "number", "squared_error")
        document.train_with(Training(epochs=2, batch=4, device="cpu"))
    return document.graph()


def segmenter(
    *, before: Sequence[Layer] = (), loss: Layer = "dice_loss", metrics: Sequence[Layer] = (), **learned: Any
) -> Graph:
    """Pictures with masks -> two convolutions that keep the size -> one score a class and pixel."""
    document = Document()
    with document.edit("Draw"):
        classes = learned.get("classes", ("background", "lesion"))
        origin = source(document, **{"label": "mask", "classes": classes, "counts": (), **learned})
        layers = [("convolution", {"filters": 4}), "relu", ("convolution", {"filters": len(classes), "name": "Scores"})]
        last = chain(document, origin, [*before, *layers])
        judge(document, last, origin, "mask", loss, metrics)
        document.train_with(Training(epochs=2, batch=4, device="cpu"))
    return document.graph()


def sound(graph: Graph) -> Analysis:
    """The analysis of a graph that must have no errors."""
    analysis = analyse(graph)
    if analysis.errors:
        raise ValueError(f"the graph is not sound: {[problem.message for problem in analysis.errors]}")
    return analysis


def trained_with(graph: Graph, **training: Any) -> Graph:
    """The graph with other training settings."""
    return replace(graph, training=replace(graph.training, **training))


def _json(value: Any) -> Json:
    return [_json(part) for part in value] if isinstance(value, list | tuple) else value


def of_template(name: str, dataset: DataSet) -> Graph:
    """A template whose sources all have this data set."""
    graph = templates.graph_of(name)
    for _ in template_fit.empty_sources(graph):
        graph = template_fit.fitted(graph, dataset)
    return graph
