"""Ways around the disease: whether headers, the border of the images, a blur, or the level of signals foretell the
label.

A network learns the easiest way to its label. Where a model that sees no anatomy tells the classes apart, so may the
network (Geirhos et al. 2020, Shortcut learning in deep neural networks, doi 10.1038/s42256-020-00257-z).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from runtime.data.cache import default_cache_folder, load_images
from runtime.data.case_tags import read_tags
from runtime.data.catalogue import Catalogue, DataError, DataSet, Sample
from runtime.data.one_case import truth_of
from runtime.data.resampling import resampled
from runtime.data.split_columns import table_columns
from runtime.data.warnings_confounders import properties
from runtime.data.wording import counted
from runtime.looking.probe import Told, as_numbers, told
from runtime.looking.record import Record
from runtime.material import fitted
from runtime.modules.fit import Fit

KIND = "shortcuts"
Verdict = Literal["alarm", "note", "none", "few"]

_TAGS = {
    "InstitutionName": "institution", "StationName": "station", "SoftwareVersions": "software of the scanner",
    "ConvolutionKernel": "reconstruction kernel", "KVP": "tube voltage", "ViewPosition": "view position",
}  # fmt: skip
_TELLS_PARTS = frozenset(("patient", "split", "part", "set", "fold", "subset"))
_MOST_VALUES = 20  # of a column of a table, beyond which it names cases rather than groups of them
_SIDE, _SLICES = 64, 16  # pixels and slices at which images are looked at
_FRAME = 6  # pixels of the border, about a tenth of the side
_COARSE = 8  # pixels a side that are left of a blurred image


@dataclass(frozen=True, slots=True)
class Finding:
    """What one kind of facts tells of the label; `verdict` is an alarm where it should tell nothing."""

    what: str
    verdict: Verdict
    told: Told
    sentence: str


def find_shortcuts(
    dataset: DataSet, catalogue: Catalogue, on_progress: Callable[[int, int], None] | None = None
) -> tuple[Finding, ...]:
    """The findings for a data set with a class or a number for each case; numbers count as above or below the median.

    Raises DataError for other labels, or when no image can be read. `on_progress` counts decoded files.
    """
    labels = _labels(dataset)
    chosen = [index for index, label in enumerate(labels) if label is not None]
    images, usable = _images(dataset, on_progress)
    chosen = [index for index in chosen if index in usable]
    facts = _Facts([str(labels[index]) for index in chosen], [dataset.samples[index].group for index in chosen])
    found = list(_of_headers(dataset, catalogue, chosen, facts))
    pixels = images[np.asarray(chosen)]
    if dataset.kind == "signal":
        found.append(_judged(_LEVELS, _BY_LEVEL, told(_levels(pixels), facts.labels, facts.groups), alarm=False))
    elif images.ndim > 3:
        found.append(_judged(_FRAMED, _BORDER, told(_border(pixels), facts.labels, facts.groups)))
        found.append(_judged(_BLUR, _COARSELY, told(_blurred(pixels), facts.labels, facts.groups), alarm=False))
    return tuple(found)


def record_of(dataset: DataSet, findings: Sequence[Finding]) -> Record:
    """The findings as `netloom shortcuts --json` prints them."""
    words = [{"what": one.what, "verdict": one.verdict, "sentence": one.sentence} for one in findings]
    told_of = [{**own, **asdict(one.told)} for own, one in zip(words, findings, strict=True)]
    facts: dict[str, Any] = {
        "cases": len(dataset.samples), "patients": len({sample.group for sample in dataset.samples}),
        "patients_known": any(sample.patient for sample in dataset.samples),
        "alarms": sum(one.verdict == "alarm" for one in findings), "findings": told_of, "summary": summary(findings),
    }  # fmt: skip
    return Record(KIND, facts)


def summary(findings: Sequence[Finding]) -> str:
    """All findings in one sentence."""
    alarms = [one.what for one in findings if one.verdict == "alarm"]
    if alarms:
        return f"The label can be foretold without the disease: from {', '.join(alarms)}."
    if all(one.verdict == "few" for one in findings):
        return "There are too few patients to say whether there is a shortcut."
    if any(one.what == _FRAMED for one in findings):
        return "No shortcut was found: neither headers nor the border of the images foretell the label."
    return "No shortcut was found: what is known of the cases beside their content does not foretell the label."


@dataclass(frozen=True, slots=True)
class _Facts:
    labels: list[str]
    groups: list[str]


def _labels(dataset: DataSet) -> list[str | None]:
    if dataset.label == "class":
        return [sample.label for sample in dataset.samples]
    if dataset.label == "number" and not dataset.classes:
        known = [sample.number for sample in dataset.samples if sample.number is not None]
        middle = float(np.median(known))
        return [_side(sample.number, middle) for sample in dataset.samples]
    kinds = {"labels": "several labels", "mask": "masks", "boxes": "boxes", "number": "several numbers"}
    have = kinds.get(dataset.label, "no labels")
    raise DataError(
        f"{dataset.folder} has {have}; shortcuts are looked for where each case has one class or one number. Name a "
        "column of a table with --labels FILE.csv:COLUMN."
    )


def _side(number: float | None, middle: float) -> str | None:
    return None if number is None else "above" if number > middle else "below"


def _of_headers(dataset: DataSet, catalogue: Catalogue, chosen: Sequence[int], facts: _Facts) -> Iterator[Finding]:
    """Each property alone, then all of them together."""
    samples = [dataset.samples[index] for index in chosen]
    columns: list[NDArray[np.float64]] = []
    for name, values in _properties(dataset, catalogue, samples, facts.labels):
        numbers = as_numbers(values, facts.groups)
        if numbers.shape[1]:
            columns.append(numbers)
            yield _judged(f"the {name}", _PROPERTY, told(numbers, facts.labels, facts.groups))
    if len(columns) > 1:
        yield _judged("all of these together", _PROPERTY, told(np.hstack(columns), facts.labels, facts.groups))


def _properties(
    dataset: DataSet, catalogue: Catalogue, samples: Sequence[Sample], labels: Sequence[str]
) -> Iterator[tuple[str, list[str]]]:
    """What is known of each case beside its image: headers, columns of tables; not the label itself."""
    by_key = {sample.key: number for number, sample in enumerate(dataset.samples)}
    for name, values in properties(dataset, {item.path: item for item in catalogue.found}).items():
        yield name, [values[by_key[sample.key]] for sample in samples]
    if dataset.kind == "dicom":
        tags = read_tags(Path(dataset.folder), sorted({sample.path for sample in samples}), list(_TAGS))
        for keyword, name in _TAGS.items():
            values = [tags.get(sample.path, {}).get(keyword, "") for sample in samples]
            if len(set(values)) > 1:
                yield name, values
    for column, by_path in table_columns(dataset).items():
        values = [by_path[sample.path] for sample in samples]
        if _is_property(column, values, samples, labels):
            yield f"column “{column}” of a table", values


def _is_property(column: str, values: Sequence[str], samples: Sequence[Sample], labels: Sequence[str]) -> bool:
    """Whether a column says something beside the label; patients, parts, paths and the label itself do not."""
    different = len(set(values))
    if column.casefold() in _TELLS_PARTS or not 1 < different <= _MOST_VALUES:
        return False
    return list(values) != list(labels) and list(values) != [truth_of(sample) for sample in samples]


def _images(
    dataset: DataSet, on_progress: Callable[[int, int], None] | None
) -> tuple[NDArray[np.float32], frozenset[int]]:
    """All images (N, 1, ...) at one small size, or signals (N, leads, samples) as found, and which of them could be
    read."""
    axes = len(dataset.size)
    if dataset.kind == "signal":
        kept = Fit(dataset.size, "keep")
        held = load_images(
            dataset, default_cache_folder(), fitted(kept), dataset.channels, dataset.size, "fit keep", on_progress,
            resample=resampled,
        )  # fmt: skip
        return held.images[:], frozenset(held.usable)
    size = {1: (_SIDE,), 2: (_SIDE, _SIDE)}.get(axes, (_SLICES, _SIDE, _SIDE))
    plain = Fit(size, "stretch")
    cached = load_images(
        dataset, default_cache_folder(), fitted(plain), 1, size, "fit stretch 1", on_progress, resample=resampled
    )
    images: NDArray[np.float32] = cached.images[:]
    return images, frozenset(cached.usable)


def _border(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, pixels) of a frame around each image; of volumes the mean over the slices."""
    flat = images.mean(axis=2) if images.ndim == 5 else images
    frame = np.ones(flat.shape[-2:], bool)
    frame[_FRAME:-_FRAME, _FRAME:-_FRAME] = False
    border: NDArray[np.float32] = flat[:, 0][:, frame]
    return border


def _levels(signals: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, 2 · leads): mean and spread of each lead, which tell nothing of the shape of a beat or a wave."""
    return np.hstack([signals.mean(axis=2), signals.std(axis=2)]).astype(np.float32)


def _blurred(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, 66): of each image 8×8 pixels, brought to mean 0 and spread 1, and its own mean and spread; of volumes the
    mean over the slices."""
    flat = (images.mean(axis=2) if images.ndim == 5 else images)[:, 0]
    step = _SIDE // _COARSE
    coarse = flat.reshape(len(flat), _COARSE, step, _COARSE, step).mean(axis=(2, 4)).reshape(len(flat), -1)
    mean, spread = coarse.mean(axis=1, keepdims=True), coarse.std(axis=1, keepdims=True)
    scaled: NDArray[np.float32] = np.hstack([(coarse - mean) / np.maximum(spread, 1e-6), mean, spread])
    return scaled


def _judged(what: str, advice: str, result: Told, alarm: bool = True) -> Finding:
    first = what[0].upper() + what[1:]
    if result.share is None or result.low is None or result.high is None:
        return Finding(what, "few", result, f"{first}: not judged, {result.why}.")
    measured = (
        f"tells {100 * result.share:.0f} % of the cases right ({100 * result.low:.0f} – {100 * result.high:.0f} %; "
        f"guessing gives {100 * result.chance:.0f} %; {counted(result.patients, 'patient')})"
    )
    if not result.sure:
        return Finding(what, "none", result, f"{first} {measured}: no sign of a shortcut.")
    return Finding(what, "alarm" if alarm else "note", result, f"{first} {measured}. {advice}")


_FRAMED = "the border of the images"
_LEVELS = "the level and the spread of each lead"
_BLUR = f"a blur of {_COARSE}×{_COARSE} pixels"
_PROPERTY = (
    "It should tell nothing of the disease: add cases that break the rule, or test on cases where it is the same for "
    "all."
)
_BORDER = (
    "There should be no disease: look for marks, text or margins there, and cut them off. Where anatomy reaches the "
    "border, that may be it."
)
_BY_LEVEL = (
    "The height of the curves is enough, whatever their shape. Where that is no sign of the disease, the network may "
    "learn the device or its gain instead of it; normalise each lead."
)
_COARSELY = (
    "Overall brightness, size or position is enough. Where these are no signs of the disease, the network may learn "
    "them instead of it."
)
