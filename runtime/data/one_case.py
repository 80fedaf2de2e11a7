"""One case of a data set, decoded and fitted to the size of its source, kept for the next call that wants it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.analysis import Analysis
from runtime.data.cache import CachedImages
from runtime.data.catalogue import DataSet, Sample
from runtime.data.several_numbers import spoken
from runtime.errors import RunError
from runtime.material import decoded, read_data
from runtime.other_folder import other_dataset

Wanted = int | str
"""Which case: its place among the cases, from 0 and anew after the last; or its file, named as predictions name it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case fitted to the source's size: image (C, *size) float32, mask (*size) of class indexes or None."""

    image: NDArray[Any]
    mask: NDArray[Any] | None
    key: str
    number: int  # its place among the cases, from 0
    cases: int  # how many there are
    truth: str = ""  # its class, labels or number in words; "" where it has none, or a mask


class CaseReader:
    """Reads cases one by one, from the folders of the sources or from another one; each folder is looked through once.

    With `folder` set, it stands in the place of whichever source is read.
    """

    def __init__(self, analysis: Analysis, folder: Path | None = None) -> None:
        self._analysis = analysis
        self._folder = folder
        self._datasets: dict[str, DataSet] = {}

    def read(self, source: str, wanted: Wanted) -> Case:
        """The case. Raises RunError when there is none of this name, DataError when it cannot be read."""
        dataset = self._dataset(source)
        place = place_of(dataset, wanted)
        sample = dataset.samples[place]
        alone = replace(dataset, samples=(sample,), fingerprint=f"{dataset.fingerprint} {sample.key}")
        *_, cached = decoded(self._analysis, source, alone, lambda: False)
        if not isinstance(cached, CachedImages):
            raise RunError("The case was not read.", source)
        mask = None if cached.masks is None else np.array(cached.masks[0])
        return Case(np.array(cached.images[0]), mask, sample.key, place, len(dataset.samples), truth_of(sample))

    def _dataset(self, source: str) -> DataSet:
        if source not in self._datasets:
            found = read_data(self._analysis, source) if self._folder is None else (
                other_dataset(self._analysis, source, self._folder)
            )  # fmt: skip
            self._datasets[source] = found
        return self._datasets[source]


def read_case(analysis: Analysis, source: str, wanted: Wanted) -> Case:
    """The case from the source's own folder; raises as `CaseReader`."""
    return CaseReader(analysis).read(source, wanted)


def kept_case(analysis: Analysis, source: str, wanted: Wanted, keep: Path | None) -> Case:
    """The case from the folder in which the call before left it, or from the data; raises as `read_case`."""
    settings = analysis.graph.nodes[source].settings
    asked = json.dumps([dict(settings), wanted], sort_keys=True, default=str)
    name = hashlib.sha256(asked.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    file = None if keep is None else keep / f"{name}.npz"
    if file is not None and file.is_file():
        with np.load(file, allow_pickle=False) as held:
            facts = json.loads(str(held["facts"]))
            return Case(held["image"], held.get("mask"), *facts)
    case = read_case(analysis, source, wanted)
    if file is not None:
        facts = json.dumps([case.key, case.number, case.cases, case.truth])
        arrays: dict[str, Any] = {"image": case.image, "facts": facts}
        if case.mask is not None:
            arrays["mask"] = case.mask
        np.savez(file, **arrays)
    return case


def place_of(dataset: DataSet, wanted: Wanted) -> int:
    """The place of a case in its data set. Raises RunError when no case has this name."""
    if isinstance(wanted, int):
        return wanted % len(dataset.samples)
    folder = Path(dataset.folder)
    names = {wanted, Path(wanted).as_posix()}
    if Path(wanted).absolute().is_relative_to(folder):
        names.add(Path(wanted).absolute().relative_to(folder).as_posix())
    for place, sample in enumerate(dataset.samples):
        if sample.key in names:
            return place
    raise RunError(
        f"There is no case “{wanted}” in {dataset.folder}; name its file as the table of predictions does, such as "
        f"“{dataset.samples[0].key}”, or give its number from 0 to {len(dataset.samples) - 1}."
    )


def truth_of(sample: Sample) -> str:
    """What the data say of a case, in words; "" where they say nothing, or have a mask."""
    if sample.label is not None:
        return sample.label
    if sample.labels is not None:
        return "; ".join(sample.labels)
    if sample.numbers:
        return spoken(sample.numbers)
    return "" if sample.number is None else f"{sample.number:g}"
