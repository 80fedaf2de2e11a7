"""Files that hold a signal over time: what they say of it, and its values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runtime.data.catalogue import Found
from runtime.data.signal_dicom import read_waveform
from runtime.data.signal_text import Signal, read_text
from runtime.data.signal_wfdb import ENDING, read_header, read_wfdb, sides_of
from runtime.data.sniff import content_of


def found_text(path: Path, name: str) -> Found:
    """A text file with a signal, or the header of a WFDB record, for the catalogue. Raises FileFault."""
    if path.suffix.casefold() == ENDING:
        record = read_header(path)
        channels, samples = sides_of(path, record)
        return Found(name, "signal", channels, (samples,), rate_hz=record.rate_hz, leads=record.names)
    signal = read_text(path)
    leads, samples = signal.values.shape
    return Found(name, "signal", leads, (samples,), rate_hz=signal.rate_hz, leads=signal.leads)


def read_signal(path: Path) -> NDArray[np.float32]:
    """(1, leads, samples): millivolts where the file is in volts (DICOM, WFDB), else as stored. Raises FileFault."""
    return signal_of(path).values[None]


def signal_of(path: Path) -> Signal:
    """The signal with its leads and its rate. Raises FileFault."""
    if content_of(path).kind == "dicom":
        return read_waveform(path)
    return read_wfdb(path) if path.suffix.casefold() == ENDING else read_text(path)
