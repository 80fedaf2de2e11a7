"""Files that hold a signal over time: what they say of it, and its values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runtime.data.catalogue import Found
from runtime.data.signal_dicom import read_waveform
from runtime.data.signal_text import read_text
from runtime.data.sniff import content_of


def found_text(path: Path, name: str) -> Found:
    """A text file with a signal for the catalogue, under this name. Raises FileFault."""
    signal = read_text(path)
    leads, samples = signal.values.shape
    return Found(name, "signal", leads, (samples,), rate_hz=signal.rate_hz, leads=signal.leads)


def read_signal(path: Path) -> NDArray[np.float32]:
    """(1, leads, samples): millivolts of DICOM waveforms in volts, else as stored. Raises FileFault."""
    signal = read_waveform(path) if content_of(path).kind == "dicom" else read_text(path)
    return signal.values[None]
