"""Signals as text (CSV, TSV): a column for each lead, a row for each sample; a column of time tells the rate."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runtime.data.faults import FileFault, check_budget

_SEPARATORS = ("\t", ";", ",")
_SEVERAL = 4  # whole lines of numbers in the first bytes of a file, from which on it is a signal
_LEAST = 16  # samples
_SECONDS = {"time": 1.0, "time_s": 1.0, "t": 1.0, "seconds": 1.0, "time_ms": 1e-3, "ms": 1e-3}
_UNEVEN = 0.3  # of a step, by which times may differ from even ones: they may be rounded to milliseconds
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")


@dataclass(frozen=True, slots=True)
class Signal:
    """`values` (leads, samples) in real units; () and 0 where the file does not say the leads or the rate."""

    values: NDArray[np.float32]
    leads: tuple[str, ...] = ()
    rate_hz: float = 0.0


def is_signal_text(head: bytes) -> bool:
    """Whether the first bytes of a file are lines with as many numbers each, but for a header."""
    lines = _decoded(head).split("\n")[:-1]  # the last one may be cut off
    lines = [line for line in (line.strip() for line in lines) if line]
    rows = lines[0 if lines and _numbers(lines[0]) else 1 :]
    counts = {_numbers(line) for line in rows}
    return len(rows) >= _SEVERAL and len(counts) == 1 and counts != {0}


def read_text(path: Path) -> Signal:
    """The signal of a text file. Raises FileFault, with the line where that helps."""
    lines = [line for line in _decoded(path.read_bytes()).splitlines() if line.strip()]
    names = () if not lines or _numbers(lines[0]) else tuple(map(_bare, _cells(lines[0])))
    rows = lines[1:] if names else lines
    if len(rows) < _LEAST:
        raise FileFault(f"has {len(rows)} rows of numbers; a signal has a row for each sample, {_LEAST} at least")
    wide = len(_cells(rows[0]))
    check_budget(f"{len(rows)} samples × {wide} leads", len(rows), wide)
    values = _table(rows, wide, 1 + bool(names))
    if names and len(names) != wide:
        raise FileFault(f"names {len(names)} columns in its header, and has {wide}")
    return _timed(values, names)


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _cells(line: str) -> list[str]:
    separator = next((one for one in _SEPARATORS if one in line), None)
    return line.strip().rstrip(separator).split(separator)


def _plain(line: str) -> str:
    """The line with decimal points, where commas cannot be what separates its cells."""
    return _DECIMAL_COMMA.sub(".", line) if "\t" in line or ";" in line else line


def _numbers(line: str) -> int:
    """How many numbers the line has; 0 where one of its cells is none."""
    try:
        return len([float(cell) for cell in _cells(_plain(line))])
    except ValueError:
        return 0


def _table(rows: list[str], wide: int, first: int) -> NDArray[np.float64]:
    separator = next((one for one in _SEPARATORS if one in rows[0]), None)
    text = StringIO("\n".join(_plain(row.rstrip(separator) if separator else row) for row in rows))
    try:
        return np.loadtxt(text, np.float64, delimiter=separator, ndmin=2, comments=None)
    except ValueError as error:
        bad = next((at for at, row in enumerate(rows) if _numbers(row) != wide), 0)
        raise FileFault(
            f"has {wide} numbers in its first row, and in row {bad + first} something else; every row is a sample with "
            "a number for each lead"
        ) from error


def _timed(values: NDArray[np.float64], names: tuple[str, ...]) -> Signal:
    """The leads without the column of time, and the rate that it tells. Raises FileFault where time is uneven."""
    places = [place for place, name in enumerate(names) if name.casefold() in _SECONDS]
    if not places or values.shape[1] == 1:
        return Signal(np.ascontiguousarray(values.T, np.float32), names)
    place = places[0]
    times = values[:, place]
    step = float(times[-1] - times[0]) / (len(times) - 1)
    even = np.linspace(times[0], times[-1], len(times))
    if step <= 0 or np.abs(times - even).max() > _UNEVEN * step:
        raise FileFault(f"has samples at uneven times (column “{names[place]}”); bring them to one sampling rate first")
    rate = 1 / (step * _SECONDS[names[place].casefold()])
    rest = np.delete(values, place, axis=1).T
    leads = tuple(name for at, name in enumerate(names) if at != place)
    return Signal(np.ascontiguousarray(rest, np.float32), leads, float(f"{rate:.4g}"))


def _bare(cell: str) -> str:
    """The name in a header without quotes and unit: "I [mV]" is I."""
    return re.sub(r"\s*[\[(].*?[\])]\s*$", "", cell.strip().strip("\"'")).strip()
