"""Warnings that need the pixels: copies of an image, re-encoded or not, in two parts or under two labels; burned-in
text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from runtime.data.cache_images import Images
from runtime.data.catalogue import PARTS, DataSet, Part, Parts
from runtime.data.warning_record import DataWarning
from runtime.data.warnings_looks import Looks, Twins, looks_at

_TEXTS = 3  # fewer than so many images with text may be chance


def pixel_warnings(
    dataset: DataSet, images: NDArray[Any] | Images, parts: Parts, usable: Sequence[int]
) -> tuple[DataWarning, ...]:
    """Findings in decoded images (N, channels, *size), in the order of the data set's samples.

    Two cases are twins when their small grey copies (32 × 32 means) correlate to 0.999 or more, and they are not of the
    same patient: neighbouring slices of one patient are alike, and stay in one part anyway.
    """
    return warnings_of_looks(dataset, looks_at(dataset, images, usable), parts)


def warnings_of_looks(dataset: DataSet, looks: Looks, parts: Parts | None) -> tuple[DataWarning, ...]:
    """The findings in what was seen; without `parts` nothing is said of them. No pixel is read."""
    apart = _in_two_parts(dataset, looks.twins, parts) if parts is not None else ()
    return (*apart, *_disagreeing(dataset, looks.twins), *_with_text(dataset, looks))


def _in_two_parts(dataset: DataSet, twins: Iterable[Twins], parts: Parts) -> Iterator[DataWarning]:
    sides: dict[int, Part] = {index: part for part in PARTS for index in parts.of(part)}
    apart = [twin for twin in twins if sides.get(twin.first) != sides.get(twin.second)]
    if apart:
        pairs = "1 pair of images" if len(apart) == 1 else f"{len(apart)} pairs of images"
        yield DataWarning(
            "copies_in_two_parts",
            f"{pairs} in different parts of the data show the same pixels, or nearly so.",
            "The measures look better than they are: leave out one of each pair, or name the patients so that they "
            "stay together.",
            _keys(dataset, apart),
        )


def _disagreeing(dataset: DataSet, twins: Iterable[Twins]) -> Iterator[DataWarning]:
    def label(index: int) -> object:
        sample = dataset.samples[index]
        return sample.label if sample.label is not None else sample.numbers or sample.number

    torn = [twin for twin in twins if label(twin.first) != label(twin.second)]
    if torn:
        pairs = "1 pair of images shows" if len(torn) == 1 else f"{len(torn)} pairs of images show"
        yield DataWarning(
            "copies_disagree",
            f"{pairs} the same pixels under different labels.",
            "One of the labels is wrong: mend it by hand, or leave the image out.",
            _keys(dataset, torn),
        )


def _keys(dataset: DataSet, twins: Iterable[Twins]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(dataset.samples[index].key for twin in twins for index in (twin.first, twin.second)))


def _with_text(dataset: DataSet, looks: Looks) -> Iterator[DataWarning]:
    if looks.text and len(looks.text) >= min(_TEXTS, looks.searched):
        yield DataWarning(
            "burned_in_text",
            f"Text is likely burned into the pixels of {len(looks.text)} of {looks.searched} images looked at.",
            "Look at them: such text may name the patient, and a network may read it. Cut or black it out, and never "
            "take images without this warning for clean.",
            tuple(dataset.samples[index].key for index in looks.text),
        )


def by_code(findings: Iterable[DataWarning]) -> Mapping[str, tuple[DataWarning, ...]]:
    """Findings under their codes."""
    found: dict[str, tuple[DataWarning, ...]] = {}
    for finding in findings:
        found[finding.code] = (*found.get(finding.code, ()), finding)
    return found
