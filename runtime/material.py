"""What a job is trained on: its folder read as a data set, divided into parts, decoded into arrays."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nodes.roles import DataSource
from runtime.analysis import Analysis
from runtime.attach import sources_in_use
from runtime.data.batches import Labels
from runtime.data.boxes import boxes_array
from runtime.data.cache import CachedImages, default_cache_folder, load_images
from runtime.data.cache_images import held
from runtime.data.catalogue import PARTS, DataError, DataSet, Parts
from runtime.data.drawn import Drawn, drawn_by_parts, drawn_from_all
from runtime.data.label_values import several_labels
from runtime.data.matched import Matched, matched
from runtime.data.resampling import resampled
from runtime.data.wording import tally
from runtime.errors import GraphError, RunError
from runtime.events import Event, Preparing
from runtime.leading import drawn_apart, lead_of
from runtime.modules.fit import Fit
from runtime.problems import Problem
from runtime.source_data import dataset_of

_WAIT_S = 0.25  # how often progress is told


@dataclass(frozen=True)
class Material:
    """A data set with its pixels and labels; of several, that of the leading source, and `beside` it the others.

    What is `drawn` independently has indexes of its own.
    """

    source: str  # the id of the node that reads it
    dataset: DataSet
    cached: CachedImages
    labels: Labels
    beside: Mapping[str, Material] = field(default_factory=dict)
    drawn: Drawn | None = None

    @property
    def usable(self) -> set[int]:
        """The cases that could be read, from whichever source that is matched."""
        return set.intersection(*(set(one.cached.usable) for one in self.all() if one.drawn is None))

    def all(self) -> Iterator[Material]:
        """What each source has, the leading one first."""
        yield self
        yield from self.beside.values()

    def in_parts(self, parts: Parts) -> Material:
        """The same, where what is drawn independently comes from the part that it lies beside.

        Raises RunError when training or validation has nothing to be drawn.
        """
        count = len(self.dataset.samples)
        beside = {
            source: one if one.drawn is None
            else replace(one, drawn=drawn_by_parts(source, count, parts, one.cached.usable))
            for source, one in self.beside.items()
        }  # fmt: skip
        return replace(self, beside=beside)


def read_cases(analysis: Analysis) -> Matched:
    """The cases of all sources in use, matched. Raises RunError when labels have changed or no cases match."""
    graph, lead = analysis.graph, lead_of(analysis)
    order = [lead, *(source for source in sources_in_use(graph) if source != lead)]
    datasets = {source: read_data(analysis, source) for source in order}
    try:
        return matched(datasets, {source: graph.nodes[source].name for source in order}, drawn_apart(analysis))
    except DataError as error:
        raise RunError(str(error), order[-1]) from error


def read_data(analysis: Analysis, source: str) -> DataSet:
    """The source's folder as a data set, as its settings say. Raises RunError when its labels have changed."""
    node = analysis.graph.nodes[source]
    kind = analysis.facts[source].type
    if not isinstance(kind, DataSource):
        raise RunError(f"“{node.name}” reads no folder.", source)
    try:
        dataset = dataset_of(kind)
    except DataError as error:
        raise RunError(f"The data of “{node.name}” cannot be used: {error}", source) from error
    known = (getattr(kind, "label", ""), tuple(getattr(kind, "classes", ())))
    if known != (dataset.label, dataset.classes):
        message = (
            f"The labels in the folder of “{node.name}” are not those it was attached with: "
            f"{_labels(*known)} then, {_labels(dataset.label, dataset.classes)} now. Attach the folder again."
        )
        raise GraphError([Problem(source, "labels", "error", message)])
    return dataset


def _labels(label: str, classes: tuple[str, ...]) -> str:
    names = ", ".join(classes[:8]) + (" …" if len(classes) > 8 else "")
    return f"{label or 'none'} ({names})" if classes else label or "none"


def prepared(
    analysis: Analysis,
    cases: Matched,
    asked_to_stop: Callable[[], bool] = lambda: False,
    names: Mapping[str, Callable[[str], str]] | None = None,
) -> Iterator[Event | Material]:
    """Decode what all sources have of the cases: events of progress, and as last item the material.

    Raises as `decoded`; `names` take the names of a source's files out of what is then said.
    """
    found: dict[str, Material] = {}
    for source, dataset in cases.of.items():
        try:
            for item in decoded(analysis, source, dataset, asked_to_stop):
                if isinstance(item, CachedImages):
                    labels = labels_of(dataset, dataset.classes, fit_of(analysis, source))
                    found[source] = Material(source, dataset, item, labels)
                else:
                    yield item
        except DataError as error:
            nameless = str if names is None else names[source]
            raise DataError(*map(nameless, error.problems)) from error
    lead, count = found.pop(cases.lead), len(cases.cases.samples)
    for source in cases.apart:
        found[source] = replace(found[source], drawn=drawn_from_all(source, count, found[source].cached.usable))
    yield replace(lead, dataset=replace(lead.dataset, samples=cases.cases.samples), beside=found)


def material_of(analysis: Analysis, cases: Matched) -> Material:
    """What `prepared` gives at last. Raises as `decoded`."""
    return [item for item in prepared(analysis, cases) if isinstance(item, Material)][-1]


def decoded(
    analysis: Analysis, source: str, dataset: DataSet, asked_to_stop: Callable[[], bool]
) -> Iterator[Event | CachedImages]:
    """Decode the images to the source's size: events of progress, and as last item the arrays.

    Raises DataError when nothing can be read, Cancelled when `asked_to_stop` answers True.
    """
    shape = analysis.facts[source].shape
    if shape is None:
        raise RunError(f"“{analysis.graph.nodes[source].name}” gives no image.", source)
    if dataset.kind == "table":
        rows = np.array([sample.values for sample in dataset.samples], np.float32)
        yield CachedImages(held(rows), None, tuple(range(len(rows))), ())
        return
    channels, size = shape[0], shape[1:]
    fit = Fit(size, getattr(analysis.facts[source].type, "fit", "stretch"))
    several = len(sources_in_use(analysis.graph)) > 1
    doing = f"Reading the images of “{analysis.graph.nodes[source].name}”" if several else "Reading the images"
    latest: deque[tuple[int, int]] = deque(maxlen=1)
    left = threading.Event()
    with ThreadPoolExecutor(1, thread_name_prefix="decoding") as pool:
        arrays = pool.submit(
            load_images, dataset, default_cache_folder(), fitted(fit), channels, size, f"fit {fit.rule} 1",
            lambda done, total: latest.append((done, total)), lambda: left.is_set() or asked_to_stop(), _masked(fit),
            resample=resampled,
        )  # fmt: skip
        try:
            while not wait([arrays], timeout=_WAIT_S).done:
                if latest:
                    yield Preparing(doing, *latest.pop())
            if latest:
                yield Preparing(doing, *latest.pop())
        finally:
            left.set()
        yield arrays.result()


def _rule(fit: Fit | None) -> str:
    return fit.rule if fit is not None else "stretch"


def fit_of(analysis: Analysis, source: str) -> Fit | None:
    """How a source brings its images to their size; None when it gives no image, as a table."""
    shape = analysis.facts[source].shape
    if shape is None or len(shape) < 2:
        return None
    return Fit(shape[1:], getattr(analysis.facts[source].type, "fit", "stretch"))


def fitted(fit: Fit) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """The fit as a function of one image (channels, *any size)."""
    return lambda image: fit(torch.from_numpy(np.ascontiguousarray(image))[None])[0].numpy()


def _masked(fit: Fit) -> Callable[[NDArray[Any]], NDArray[Any]]:
    return lambda mask: fit.mask(torch.from_numpy(np.ascontiguousarray(mask))[None])[0].numpy()


def labels_of(dataset: DataSet, classes: tuple[str, ...], fit: Fit | None = None) -> Labels:
    """The labels as tensors, in the class order given; -1 for a class that is not in it.

    `fit` is what brought the images to their size: boxes are brought along, and left as found without it.
    """
    index = {name: place for place, name in enumerate(classes)}
    if dataset.label == "labels":
        return Labels(labels=torch.from_numpy(several_labels(dataset, classes)))
    if dataset.label == "boxes":
        return Labels(boxes=torch.from_numpy(boxes_array(dataset, classes, fit.size if fit else None, _rule(fit))))
    if dataset.label == "class":
        return Labels(classes=torch.tensor([index.get(sample.label or "", -1) for sample in dataset.samples]))
    if dataset.label == "number":
        return Labels(numbers=_numbers(dataset, classes))
    return Labels()


def _numbers(dataset: DataSet, names: tuple[str, ...]) -> torch.Tensor:
    """float32 (samples, 1) the number of each, or (samples, names) several in this order; NaN where one is missing."""
    if not dataset.classes:
        single = [float("nan") if sample.number is None else sample.number for sample in dataset.samples]
        return torch.tensor(single, dtype=torch.float32)[:, None]
    found = torch.tensor([sample.numbers for sample in dataset.samples], dtype=torch.float32)
    places = {name: place for place, name in enumerate(dataset.classes)}
    columns = [found[:, places[name]] if name in places else torch.full_like(found[:, 0], torch.nan) for name in names]
    return torch.stack(columns, dim=1)


def usable_parts(parts: Parts, material: Material) -> Parts:
    """The parts without the cases that could not be read, from whichever source that is matched.

    Raises RunError when training or validation is left empty.
    """
    usable = material.usable
    kept = {part: tuple(index for index in parts.of(part) if index in usable) for part in PARTS}
    for part in ("train", "validation"):
        if not kept[part]:
            unread = len(material.dataset.samples) - len(usable)
            raise RunError(
                f"No case is left in the {part} part ({len(usable)} can be read, {unread} cannot); "
                "add cases, or name the parts in a column “split”."
            )  # fmt: skip
    return replace(parts, train=kept["train"], validation=kept["validation"], test=kept["test"])


def skipped_warnings(dataset: DataSet, cached: CachedImages) -> Iterator[str]:
    """What is not used: how many files for each reason, with one as an example."""
    listed = [*dataset.skipped, *cached.failed]
    if listed:
        noun = "file is" if len(listed) == 1 else "files are"
        yield f"{len(listed)} {noun} not used: {'; '.join(tally(listed))}. The Data page and `netloom scan` name each."
