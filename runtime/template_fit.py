"""A template fitted to a folder of data: its source, outputs, loss and metrics follow from what is there to learn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nodes.roles import DataSource, Loss, Metric, Output
from nodes.signals import Signals
from nodes.spec import NodeType, find
from runtime.attach import TYPES, data_sources, keeping_parts, learned, learns_labels
from runtime.data.catalogue import DataError, DataSet, LabelKind
from runtime.document import Document
from runtime.graph import Graph, Json, block_of
from runtime.templates import TASKS, fitting


@dataclass(frozen=True, slots=True)
class _Ways:
    """How a kind of label is learned: the port of the source, the loss, and the metrics."""

    port: str
    loss: str
    metrics: tuple[str, ...]


_WAYS: dict[LabelKind, _Ways] = {
    "class": _Ways("class", "cross_entropy", ("accuracy", "auc")),
    "labels": _Ways("labels", "binary_cross_entropy", ("accuracy", "auc")),
    "number": _Ways("number", "squared_error", ("mean_absolute_error",)),
    "mask": _Ways("mask", "dice_cross_entropy", ("dice_score",)),
    "boxes": _Ways("boxes", "giou_loss", ("mean_average_precision",)),
}
_LARGEST_VOLUME = 64  # voxels along each axis
_VOLUME_STEP = 16  # the networks halve a volume up to four times
_VOLUME_BATCH = 2


def fitted(graph: Graph, dataset: DataSet, patients: str = "") -> Graph:
    """The graph with the folder attached: source type, number of outputs, loss and metrics follow from the data.

    Of a graph with several sources, the first that has no folder yet gets it. A data set without labels is attached
    too, with the graph as it is; `check` then says what is missing. Raises DataError when the template learns something
    else than the data's labels offer.
    """
    document = Document(graph)
    fit(document, TYPES[dataset.kind], {**learned(dataset), "patients": patients})
    return document.graph()


def fit(document: Document, source_type: str, settings: Mapping[str, Json], source: str = "") -> None:
    """Attach data to a document made from a template, as one step of undo, and fit outputs, loss and metrics to it.

    `settings` are those a source node stores of a folder: see runtime.attach.learned. `source` is the node that gets
    it, "" for the first that has no folder yet. Raises DataError, and changes nothing, when the graph learns something
    else than the labels offer, or all its sources have a folder.
    """
    with document.edit("Fit to the data"):
        source = source or _empty_source(document)
        _refuse_other_kind(document.nodes[source].type, source_type, str(settings.get("label", "")))
        give_data(document, source, source_type, settings)
        if not learns_labels(document.graph()):
            _fit_made(document, settings)
            return
        label = settings.get("label", "")
        if label != "mask":
            _fit_values(document, settings.get("top"))
        _fit_volumes(document, settings.get("found_size"))
        if label in _WAYS:
            _fit_task(document, source, label, settings)


def _refuse_other_kind(was: str, source_type: str, label: str) -> None:
    """Raises DataError where images come for a drawing that reads signals, or signals for one of images."""
    if (was == Signals.id) == (source_type == Signals.id):
        return
    reads, came = ("signals", "images") if was == Signals.id else ("images", "signals")
    fits = [f"“{entry.name}”" for entry in fitting(label, source_type)]
    way = f" Use the template {' or '.join(fits)}." if 0 < len(fits) < 4 else f" Use a template for {came}."
    raise DataError(f"This template reads {reads}, and the folder holds {came}.{way}")


def empty_sources(graph: Graph) -> tuple[str, ...]:
    """The nodes of a template that have no folder yet, in order of creation."""
    return tuple(source for source in data_sources(graph) if not graph.nodes[source].settings.get("folder"))


def _empty_source(document: Document) -> str:
    graph = document.graph()
    if len(data_sources(graph)) == 1:
        return _only(document, DataSource)
    empty = empty_sources(graph)
    if not empty:
        names = ", ".join(f"“{graph.nodes[source].name}”" for source in data_sources(graph))
        raise DataError(f"All nodes of the template that read a folder have one already: {names or 'there are none'}.")
    return empty[0]


def give_data(document: Document, source: str, source_type: str, settings: Mapping[str, Json]) -> None:
    """Put what was learned of a folder into a source node, which becomes one that reads such files."""
    with document.edit("Use this data"):
        settings = keeping_parts(document.nodes[source], settings)
        if document.nodes[source].type == source_type:
            document.change(source, **settings)  # type: ignore[arg-type]
        else:
            old = document.nodes[source].settings
            as_chosen = {name: old[name] for name in ("matching",) if name in old}  # holds for files of any kind
            _retype(document, source, source_type, **{**as_chosen, **settings})


def _fit_task(document: Document, source: str, label: LabelKind, settings: Mapping[str, Json]) -> None:
    learns = _learned_by(document)
    if label not in learns:
        fits = " or ".join(f"“{entry.name}”" for entry in fitting(label, document.nodes[source].type))
        raise DataError(
            f"This template learns a {' or a '.join(learns)}; the folder has a {label} for each image. "
            f"Use the template {fits}, or name other labels (--labels, or “Labels” on the Data page)."
        )
    if label == "boxes":
        _fit_heads(document, settings)
        return
    ways, loss = _WAYS[label], _only(document, Loss)
    if document.nodes[loss].type != ways.loss:
        _retype(document, loss, ways.loss)
        _retype_metrics(document, ways.metrics)
    for wire in document.wires:
        if wire.source == source and wire.output != "image" and wire.output != ways.port:
            document.disconnect(wire)
            document.connect(replace(wire, output=ways.port))
    classes = settings.get("classes")
    count = len(classes) if isinstance(classes, list) else 1
    _fit_outputs(document, max(1, count) if label == "number" else count)


def _retype_metrics(document: Document, types: Sequence[str]) -> None:
    """Put metrics of another task in the place of those that there are."""
    metrics = list(_of(document, Metric))
    for node_id, type_id in zip(metrics, types, strict=False):
        _retype(document, node_id, type_id)
    for node_id in metrics[len(types) :]:
        document.remove(node_id)


def _fit_made(document: Document, settings: Mapping[str, Json]) -> None:
    """A generator makes images with the channels of the data. Raises DataError for images that it cannot make."""
    size, channels, top = settings.get("found_size"), settings.get("channels"), settings.get("top")
    if isinstance(size, list) and len(size) != 2:
        raise DataError(
            "This template makes 2-D images, and the folder holds volumes; have its slices taken as cases "
            "(--take slices, or “What makes one case” on the Data page)."
        )
    if isinstance(channels, int) and channels:
        _fit_outputs(document, channels)
    for node_id, node in tuple(document.nodes.items()):
        if node.type != "normalise" or node.settings.get("method") != "range to 0–1":
            continue
        if not isinstance(top, int) or not top:
            raise DataError(
                "This template makes values between black (0) and white (1), and scanner images set no such ends; use "
                "the template “gan”, which takes them as they are."
            )
        document.change(node_id, high=top)


def _fit_values(document: Document, top: Json) -> None:
    """Pictures whose format says what white is are brought to −1 … 1; scanners set no such end.

    Not where outlines are sought: they lie where values change, and a microscope's images differ in brightness by
    twenty times, so each keeps mean 0 and spread 1 of its own.
    """
    for node_id, node in tuple(document.nodes.items()):
        if node.type == "normalise" and isinstance(top, int) and top > 0:
            document.change(node_id, method="mean and spread given", mean=[top / 2], spread=[top / 2])


def _fit_volumes(document: Document, size: Json) -> None:
    """Volumes keep about their size, each axis its own, and go through in small batches: they hold many pixels."""
    if not isinstance(size, list) or len(size) != 3 or not all(isinstance(side, int) for side in size):
        return
    found = [side for side in size if isinstance(side, int)]
    smaller = min(1.0, _LARGEST_VOLUME / max(found))
    sides = [max(1, round(side * smaller / _VOLUME_STEP)) * _VOLUME_STEP for side in found]
    for node_id, node in tuple(document.nodes.items()):
        if node.type == "resize":
            document.change(node_id, size=[*sides])
        elif node.type == "patches":
            pieces: list[Json] = [max(1, side // 2 // _VOLUME_STEP) * _VOLUME_STEP for side in sides]
            document.change(node_id, size=pieces)
    document.train_with(replace(document.training, batch=min(document.training.batch, _VOLUME_BATCH)))


def _fit_heads(document: Document, settings: Mapping[str, Json]) -> None:
    """Every head of a detector, a block with the argument “classes”, gets as many as there are kinds of boxes."""
    classes = settings.get("classes")
    for node_id, node in tuple(document.nodes.items()):
        if block_of(node.type) and "classes" in node.settings and isinstance(classes, list):
            document.change(node_id, classes=len(classes))


def _learned_by(document: Document) -> tuple[LabelKind, ...]:
    """The kinds of label that the graph can be made to learn: by what its losses compare with. Answers in units are
    numbers and nothing else."""
    if any(node.type == "in_units" for node in document.nodes.values()):
        return TASKS["regression"]
    losses = set(_of(document, Loss))
    into = {wire.output for wire in document.wires if wire.target in losses and wire.input == "target"}
    return next((kinds for kinds in TASKS.values() if any(kind and _WAYS[kind].port in into for kind in kinds)), ())


def _fit_outputs(document: Document, count: int) -> None:
    """Give the last node that makes channels before each output as many as there are answers; of a block, only its
    argument “classes” or “channels” says so."""
    for output in tuple(_of(document, Output)):
        _fit_output(document, output, count)


def _fit_output(document: Document, node_id: str, count: int) -> None:
    while before := [wire.source for wire in document.wires if wire.target == node_id]:
        node_id = before[0]
        type_id = document.nodes[node_id].type
        kind = document.find(type_id)
        if type_id == "pixel_shuffle":  # takes the channels of several pixels
            count *= int(str(document.nodes[node_id].settings.get("factor", 2))) ** 2
        names = ("classes", "channels") if block_of(type_id) else ("units", "filters", "classes")
        for name in names:
            if kind is not None and name in {setting.name for setting in kind.settings()}:
                for one in (node_id, *_sharing(document, node_id)):
                    document.change(one, **{name: count})  # type: ignore[arg-type]
                return


def _sharing(document: Document, node_id: str) -> list[str]:
    """The other uses of a block that share its weights."""
    node = document.nodes[node_id]
    if not block_of(node.type) or node.settings.get("weights") != "shared":
        return []
    alike = (one for one in document.nodes.values() if one.type == node.type and one.id != node_id)
    return [one.id for one in alike if one.settings.get("weights") == "shared"]


def _retype(document: Document, node_id: str, type_id: str, **settings: object) -> None:
    """Put a node of another type in a node's place, with the wires it had; its name follows if it was the usual one."""
    old = document.nodes[node_id]
    kind, was = find(type_id), find(old.type)
    assert_known(kind, type_id)
    usual = was is not None and old.name == was.title
    kept = dict(old.settings) if old.type == type_id else {}
    name = kind.title if usual and kind is not None else old.name
    document.retype(node_id, type_id, name, {**kept, **settings})  # type: ignore[dict-item]


def assert_known(kind: type[NodeType] | None, type_id: str) -> None:
    """A template that names an unknown type is a fault of the program."""
    if kind is None:
        raise LookupError(f"no node type {type_id}")


def _of(document: Document, base: type[NodeType]) -> Iterator[str]:
    for node_id, node in tuple(document.nodes.items()):
        kind = find(node.type)
        if kind is not None and issubclass(kind, base):
            yield node_id


def _only(document: Document, base: type[NodeType]) -> str:
    found = list(_of(document, base))
    if len(found) != 1:
        raise DataError(f"A template has one {base.__name__.lower()}; this graph has {len(found)}.")
    return found[0]
