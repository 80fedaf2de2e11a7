"""Signals in DICOM waveform objects, such as 12-lead ECGs (DICOM PS3.3, C.10.9)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from runtime.data.catalogue import Found
from runtime.data.faults import READ_ERRORS, FileFault, check_budget, in_words
from runtime.data.header import is_bare, items, open_dicom, quietly, text
from runtime.data.signal_text import Signal

_TO_MILLIVOLTS = {"uV": 1e-3, "mV": 1.0, "V": 1e3}


def found_waveform(path: Path, name: str, bare: bool) -> Found:
    """A waveform file for the catalogue, by its header. Raises FileFault."""
    dataset = _opened(path, bare)
    group, others = _chosen(dataset)
    count, samples = _sides(group)
    notes = [f"holds {others + 1} groups of waveforms, of which one is used"] if others else []
    units = {_unit(channel) for channel in items(group, "ChannelDefinitionSequence")}
    if not units <= set(_TO_MILLIVOLTS):
        notes.append(f"has values in {', '.join(sorted(units)) or 'no unit'}, not in volts; they are taken as stored")
    return Found(
        name, "signal", count, (samples,), patient=text(dataset, "PatientID"), study=text(dataset, "StudyInstanceUID"),
        series=text(dataset, "SeriesInstanceUID"), modality=text(dataset, "Modality"),
        scanner=" ".join(filter(None, (text(dataset, "Manufacturer"), text(dataset, "ManufacturerModelName")))),
        notes=tuple(notes), rate_hz=_rate(group), leads=_leads(group),
    )  # fmt: skip


def read_waveform(path: Path) -> Signal:
    """The signal, (leads, samples), in millivolts where the file says its unit. Raises FileFault."""
    dataset = _opened(path, is_bare(path))
    group, _ = _chosen(dataset)
    _sides(group)
    place = next(at for at, one in enumerate(items(dataset, "WaveformSequence")) if one is group)
    try:
        with quietly():
            stored = dataset.waveform_array(place).T
    except READ_ERRORS as error:
        raise FileFault(in_words(error)) from error
    factors = [_TO_MILLIVOLTS.get(_unit(channel), 1.0) for channel in items(group, "ChannelDefinitionSequence")]
    values = stored * np.array(factors)[:, None]
    return Signal(np.ascontiguousarray(values, np.float32), _leads(group), _rate(group))


def _opened(path: Path, bare: bool) -> Dataset:
    with quietly(), path.open("rb") as file:
        return open_dicom(file, bare, header_only=False)


def _chosen(dataset: Dataset) -> tuple[Dataset, int]:
    """The first original group, else the first one, and how many others there are. Raises FileFault without one."""
    groups = items(dataset, "WaveformSequence")
    if not groups:
        raise FileFault("is a DICOM waveform object without a waveform")
    original = [group for group in groups if text(group, "WaveformOriginality") != "DERIVED"]
    return (original or groups)[0], len(groups) - 1


def _sides(group: Dataset) -> tuple[int, int]:
    """Channels and samples. Raises FileFault for what cannot be a signal or is too large."""
    try:
        count, samples = int(group.NumberOfWaveformChannels), int(group.NumberOfWaveformSamples)
    except READ_ERRORS as error:
        raise FileFault("does not say how many channels and samples its waveform has") from error
    channels = len(items(group, "ChannelDefinitionSequence"))
    if count < 1 or samples < 1 or channels != count:
        raise FileFault(f"says it has {count} channels of {samples} samples, and describes {channels} channels")
    check_budget(f"{samples} samples × {count} leads", samples, count)
    return count, samples


def _rate(group: Dataset) -> float:
    try:
        rate = float(group.SamplingFrequency)
    except READ_ERRORS:
        return 0.0
    return rate if 0 < rate < 1e6 else 0.0


def _leads(group: Dataset) -> tuple[str, ...]:
    """The names of the channels, "Lead I (Einthoven)" as I; () where not all have one, or two have the same."""
    names = [_lead(channel) for channel in items(group, "ChannelDefinitionSequence")]
    return tuple(names) if all(names) and len(set(names)) == len(names) else ()


def _lead(channel: Dataset) -> str:
    codes = items(channel, "ChannelSourceSequence")
    name = (text(codes[0], "CodeMeaning") if codes else "") or text(channel, "ChannelLabel")
    return re.sub(r"\s*\(.*?\)\s*$", "", re.sub(r"^lead\s+", "", name.strip(), flags=re.IGNORECASE)).strip()


def _unit(channel: Dataset) -> str:
    codes = items(channel, "ChannelSensitivityUnitsSequence")
    return text(codes[0], "CodeValue") if codes else ""
