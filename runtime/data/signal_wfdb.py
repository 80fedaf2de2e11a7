"""Signals in WFDB records, as PhysioNet has them: a header (.hea) that says where and how the samples lie (.dat).

Read as header(5) and signal(5) of the WFDB Applications Guide (https://physionet.org/physiotools/wag/) state, in the
formats 8-bit 80, 12-bit 212 and 16, 24 and 32 bits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runtime.data.faults import FileFault, check_budget
from runtime.data.signal_text import Signal

ENDING = ".hea"
IS_SAMPLES = "holds the samples of a WFDB record, which are read with its header (.hea)"
_RECORD = re.compile(r"([^\s/]+)(/\d+)?\s+(\d+)(?:\s+([\d.]+(?:[eE][+-]?\d+)?)(?:/\S+)?(?:\s+(\d+)(?:\s.*)?)?)?")
_FORMAT = re.compile(r"(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?")
_GAIN = re.compile(r"(-?[\d.]+(?:[eE][+-]?\d+)?)(?:\((-?\d+)\))?(?:/(\S+))?")
_USUAL_RATE, _USUAL_GAIN = 250.0, 200.0
_TO_MILLIVOLTS = {"uV": 1e-3, "µV": 1e-3, "mV": 1.0, "V": 1e3}
_BYTES = {80: 1.0, 212: 1.5, 16: 2.0, 61: 2.0, 24: 3.0, 32: 4.0}  # of a sample
_MISSING = {80: -128, 212: -2048, 16: -32768, 61: -32768, 24: -(2**23), 32: -(2**31)}


@dataclass(frozen=True, slots=True)
class _Lead:
    """A line of the header about one signal."""

    file: str
    format: int
    offset: int  # bytes before the samples
    gain: float
    baseline: int
    unit: str
    checksum: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """What a header says. `samples` is 0 where it does not say how many there are."""

    leads: tuple[_Lead, ...]
    rate_hz: float
    samples: int

    @property
    def names(self) -> tuple[str, ...]:
        """The leads; () where not all have a name, or two have the same."""
        names = tuple(lead.name for lead in self.leads)
        return names if all(names) and len(set(names)) == len(names) else ()


def is_wfdb_header(head: bytes, name: str) -> bool:
    """Whether the first bytes of a file are the first line of a header, which begins with the file's own name."""
    lines = _lines(head)
    found = _RECORD.fullmatch(lines[0]) if lines and name.casefold().endswith(ENDING) else None
    return found is not None and found[1] == name[: -len(ENDING)]


def belongs_to_header(path: Path) -> bool:
    """Whether the file holds samples of a record: a header of the same name, or that names it, lies beside it."""
    if path.suffix.casefold() == ENDING:
        return False
    own = path.with_suffix(ENDING)
    return own.is_file() and path.name.encode() in own.read_bytes()


def read_header(path: Path) -> Record:
    """The header of a record. Raises FileFault, with what is not read."""
    lines = _lines(path.read_bytes())
    found = _RECORD.fullmatch(lines[0]) if lines else None
    if found is None:
        raise FileFault("is no header of a WFDB record: its first line does not say the record and how many signals")
    if found[2]:
        raise FileFault("is a WFDB record of several segments; save it as one segment")
    count = int(found[3])
    if not 1 <= count < len(lines):
        raise FileFault(f"says that it has {count} signals, and describes {len(lines) - 1}")
    leads = tuple(_lead(line) for line in lines[1 : count + 1])
    return Record(leads, float(found[4] or _USUAL_RATE), int(found[5] or 0))


def sides_of(path: Path, record: Record) -> tuple[int, int]:
    """Leads and samples of a record, by its header and the sizes of its files. Raises FileFault."""
    counts = [_samples(path, record, own) for own in _by_file(record)]
    samples = min(counts)
    check_budget(f"{samples} samples × {len(record.leads)} leads", samples, len(record.leads))
    return len(record.leads), samples


def read_wfdb(path: Path) -> Signal:
    """The signal of a record, (leads, samples), in millivolts where the header says volts. Raises FileFault."""
    record = read_header(path)
    _, samples = sides_of(path, record)
    rows = []
    for own in _by_file(record):
        raw = _raw(path.parent / own[0].file, own, samples)
        for lead, stored in zip(own, raw.reshape(samples, len(own)).T, strict=True):
            _check(lead, stored)
            rows.append((stored - lead.baseline) / lead.gain * _TO_MILLIVOLTS.get(lead.unit, 1.0))
    return Signal(np.stack(rows).astype(np.float32), record.names, record.rate_hz)


def _lines(raw: bytes) -> list[str]:
    lines = (line.strip() for line in raw.decode("latin-1").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _lead(line: str) -> _Lead:
    """A line of header(5): file, format, gain(baseline)/unit, resolution, zero, first value, sum, block, name."""
    cells = line.split(maxsplit=8)
    told = _FORMAT.fullmatch(cells[1]) if len(cells) > 1 else None
    gain = _GAIN.fullmatch(cells[2]) if len(cells) > 2 else None
    if told is None or (len(cells) > 2 and gain is None):
        raise FileFault(f"has a line that describes no signal: {line[:60]}")
    kind, each, skew, offset = (int(part or 0) for part in told.groups())
    if kind not in _BYTES:
        known = ", ".join(map(str, sorted(_BYTES)))
        raise FileFault(f"keeps samples in the WFDB format {kind}, and {known} are read; convert it (xform)")
    if each > 1 or skew:
        raise FileFault("has signals at several rates or that begin late (skew); bring them to one rate (xform)")
    if Path(cells[0]).name != cells[0] or cells[0] == "~":
        raise FileFault(f"has its samples in “{cells[0][:60]}”, which is no file beside it")
    zero = int(cells[4]) if len(cells) > 4 else 0
    factor = float(gain[1]) if gain else 0.0
    baseline = int(gain[2]) if gain and gain[2] is not None else zero
    return _Lead(
        cells[0], kind, offset, factor or _USUAL_GAIN, baseline, (gain[3] if gain else "") or "mV",
        int(cells[6]) if len(cells) > 6 else None, cells[8].strip() if len(cells) > 8 else "",
    )  # fmt: skip


def _by_file(record: Record) -> list[tuple[_Lead, ...]]:
    """The leads whose samples lie between each other in one file. Raises FileFault for those of two formats."""
    groups = [tuple(own) for _, own in groupby(record.leads, key=lambda lead: lead.file)]
    if any(len({(lead.format, lead.offset) for lead in own}) > 1 for own in groups):
        raise FileFault("keeps samples in two formats in one file")
    return groups


def _samples(path: Path, record: Record, own: Sequence[_Lead]) -> int:
    """How many samples of each lead a file has. Raises FileFault where it is not there, or ends too early."""
    try:
        size = (path.parent / own[0].file).stat().st_size - own[0].offset
    except OSError as error:
        raise FileFault(f"has its samples in {own[0].file}, which is not beside it") from error
    there = int(size / (_BYTES[own[0].format] * len(own)))
    if there < max(1, record.samples):
        raise FileFault(f"is cut off: {own[0].file} holds {there} samples of each lead, and {record.samples} are told")
    return record.samples or there


def _raw(path: Path, own: Sequence[_Lead], samples: int) -> NDArray[np.int64]:
    """The stored numbers of a file, one after the other."""
    kind, count = own[0].format, samples * len(own)
    with path.open("rb") as file:
        file.seek(own[0].offset)
        raw = np.frombuffer(file.read(int(np.ceil(count * _BYTES[kind]))), np.uint8)
    match kind:
        case 80:
            return raw.astype(np.int64) - 128
        case 212:
            return _twelve_bits(raw, count)
        case 24:
            low, middle, high = raw.reshape(-1, 3).astype(np.int64).T
            return np.asarray(low + (middle << 8) + (((high ^ 128) - 128) << 16), np.int64)
    return np.asarray(raw.view({16: "<i2", 61: ">i2", 32: "<i4"}[kind]), np.int64)


def _twelve_bits(raw: NDArray[np.uint8], count: int) -> NDArray[np.int64]:
    """Two samples in three bytes: the middle one holds the four highest bits of the first, then of the second."""
    whole = np.zeros(-(-count // 2) * 3, np.int64)
    whole[: len(raw)] = raw
    first, shared, second = whole.reshape(-1, 3).T
    pairs = np.stack([first + ((shared & 15) << 8), second + ((shared >> 4) << 8)], axis=1).reshape(-1)[:count]
    return np.where(pairs > 2047, pairs - 4096, pairs)


def _check(lead: _Lead, stored: NDArray[np.int64]) -> None:
    """Raises FileFault for samples that are marked as missing, or that are not those of the header."""
    missing, name = int((stored == _MISSING[lead.format]).sum()), lead.name or lead.file
    if missing:
        raise FileFault(f"has {missing} samples without a value in lead {name}; cut out what is whole")
    if lead.checksum is not None and (int(stored.sum()) - lead.checksum) % 65536:
        raise FileFault(f"is damaged: the samples of lead {name} are not those that its header sums up")
