"""From signals as found to cases that are alike: the same leads in the same order, and one sampling rate."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from runtime.data.catalogue import Catalogue, DataError, DataSet, Found, Sample, Skipped
from runtime.data.faults import FileFault, check_budget
from runtime.data.taken import Taken
from runtime.data.wording import counted, tally

T = TypeVar("T", int, float, tuple[str, ...], tuple[int, ...])


def formed_signals(dataset: DataSet, catalogue: Catalogue, taken: Taken) -> DataSet:
    """The data set with the leads and the rate that `taken` asks for, else those of most files; what fits neither is
    listed with its reason. Raises DataError where nothing is left."""
    if taken.take != "as found" or taken.spacing:
        raise DataError("Signals have no slices and no spacing in millimetres; take them as found.")
    files = {item.path: item for item in catalogue.found}
    own = [files[sample.path] for sample in dataset.samples]
    named = [item.leads for item in own if item.leads]
    leads = taken.leads or (_commonest(named) if named else ())
    channels = len(leads) or _commonest(item.channels for item in own)
    rates = [rate for item in own if (rate := item.rate_hz or taken.stored_rate_hz)]
    rate = taken.rate_hz or (_commonest(rates) if rates else 0.0)
    kept: list[Sample] = []
    skipped: list[Skipped] = []
    for sample in dataset.samples:
        try:
            kept.append(_case(sample, files[sample.path], leads, channels, rate, taken.stored_rate_hz))
        except FileFault as fault:
            skipped.append(Skipped(sample.path, str(fault)))
    if not kept:
        raise DataError(f"No signal in {dataset.folder} can be used: {'; '.join(tally(skipped)[:5])}.")
    return _whole(dataset, taken, kept, skipped, leads, rate, _said(own, leads, channels, rate))


def _case(sample: Sample, item: Found, leads: tuple[str, ...], channels: int, rate: float, stored: float) -> Sample:
    """The sample with its channels and its length at the rate. Raises FileFault where it cannot have them."""
    sample = replace(sample, channels=channels, leads=_places(item, leads, channels))
    own = item.rate_hz or stored
    if not rate or own == rate:
        return sample
    if not own:
        raise FileFault("does not say its sampling rate; give it as “Rate of files without one”")
    samples = max(1, round(sample.size[0] * rate / own))
    check_budget(f"{samples} samples × {channels} leads", samples, channels)
    return replace(sample, resampled=(samples,)) if samples != sample.size[0] else sample


def _places(item: Found, leads: tuple[str, ...], channels: int) -> tuple[int, ...]:
    """Where the wanted leads lie in the file; () where it has just these. Unnamed leads are taken in order."""
    if leads and item.leads:
        places = {name.casefold(): place for place, name in enumerate(item.leads)}
        missing = [name for name in leads if name.casefold() not in places]
        if missing:
            raise FileFault(f"has no lead {', '.join(missing)}; it has {', '.join(item.leads)}")
        found = tuple(places[name.casefold()] for name in leads)
        return () if found == tuple(range(item.channels)) else found
    if item.channels != channels:
        raise FileFault(f"has {counted(item.channels, 'lead')}, and {channels} are wanted")
    return ()


def _said(own: list[Found], leads: tuple[str, ...], channels: int, rate: float) -> list[str]:
    names = f" ({', '.join(leads)})" if leads else ""
    said = [f"Each signal has {counted(channels, 'lead')}{names}" + (f" at {rate:g} Hz." if rate else ".")]
    others = Counter(item.rate_hz for item in own if item.rate_hz and item.rate_hz != rate)
    listed = ", ".join(f"{count} of {other:g} Hz" for other, count in sorted(others.items()))
    return [*said, f"Resampled to {rate:g} Hz: {listed}."] if others and rate else said


def _whole(
    dataset: DataSet, taken: Taken, kept: list[Sample], skipped: list[Skipped], leads: tuple[str, ...], rate: float,
    said: list[str],
) -> DataSet:  # fmt: skip
    digest = hashlib.sha256(f"{dataset.fingerprint} {leads} {rate}".encode())
    for sample in kept:
        digest.update(repr(sample).encode("utf-8", "surrogateescape"))
    classes = _left(dataset, kept)
    unlike = f"{counted(len(skipped), 'signal')} cannot be made like the others: {'; '.join(tally(skipped)[:3])}."
    return replace(
        dataset, samples=tuple(kept), classes=classes, channels=kept[0].channels,
        size=_commonest(sample.resampled or sample.size for sample in kept), fingerprint=digest.hexdigest(),
        said=(*dataset.said, *said), warnings=(*dataset.warnings, unlike) if skipped else dataset.warnings,
        skipped=(*dataset.skipped, *skipped), taken=taken, leads=leads, rate_hz=rate,
    )  # fmt: skip


def _left(dataset: DataSet, kept: Iterable[Sample]) -> tuple[str, ...]:
    """The classes that signals are left of."""
    if dataset.label != "class":
        return dataset.classes
    there = {sample.label for sample in kept}
    return tuple(name for name in dataset.classes if name in there)


def _commonest(values: Iterable[T]) -> T:
    """The commonest value; of equally common ones the smallest, so that the order of files does not matter."""
    counts: Mapping[T, int] = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value))
