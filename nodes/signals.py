"""A folder of signals over time as a source: an ECG, an EEG, the pressure in an artery."""

from __future__ import annotations

from typing import ClassVar

from nodes.roles import Fitting
from nodes.settings import Form
from nodes.sources import FolderSource
from nodes.spec import Kind, Port, Shape, setting


class Signals(
    FolderSource, id="signals", title="Signals",
    words="ecg ekg eeg waveform 12-lead biosignal time series csv wfdb physionet data",
):  # fmt: skip
    """Reads a folder of signals, such as ECGs: DICOM waveforms and WFDB records, in millivolts, or text (CSV, TSV)
    with a column for each lead and a row for each sample, as stored. A column “time” in seconds tells the sampling
    rate.

    Labels are found by themselves: class folders, or a table. All signals get the same rate, leads and length.
    """

    fit: ClassVar[Fitting] = "keep"
    outputs = (
        Port("image", label="Signal", help="The signals: leads × samples."),
        Port("class", Kind.TARGET, help="The class of each signal."),
        Port("labels", Kind.TARGET, help="Which of several labels each signal has, each yes or no."),
        Port("number", Kind.TARGET, help="The number that belongs to each signal."),
    )

    folder: str = setting("", "The folder with the signals; its subfolders are read too.", form=Form.FOLDER)
    labels: str = setting("", "Where the labels come from: a table (CSV file). Empty finds them by itself.")
    leads: tuple[str, ...] = setting(
        (), "Which leads the network gets, in this order, such as I, II, V1. Empty takes those of most files."
    )
    rate: float = setting(
        0.0, "Samples per second to which all signals are brought, by a polyphase filter. 0 keeps the commonest rate.",
        label="Sampling rate", low=0.0, high=1e6, unit="Hz",
    )  # fmt: skip
    stored_rate: float = setting(
        0.0, "Samples per second of files that do not say theirs (CSV without a column of time). 0: not known.",
        label="Rate of files without one", low=0.0, high=1e6, unit="Hz",
    )  # fmt: skip
    length: int = setting(
        0, "Samples of every signal. A longer one is cut to its middle, a shorter one gets zeros at both ends; none is "
        "stretched. 0 keeps the commonest length found.", low=0, high=1 << 24,
    )  # fmt: skip
    found_leads: tuple[str, ...] = setting((), "The leads that are taken, in order; empty: unnamed.", learned=True)
    found_rate: float = setting(0.0, "Samples per second of all signals; 0: not known.", learned=True, low=0.0)

    def _sides(self) -> Shape:
        found = super()._sides()
        return (self.length,) if self.length else found

    def _asked(self) -> tuple[str, str]:
        return signals_text(self.leads, self.rate, self.stored_rate), "rate"


def signals_text(leads: tuple[str, ...], rate_hz: float, stored_rate_hz: float) -> str:
    """How signals become cases, in words; "" for as found. The same words are learned when a folder is read."""
    words = [f"leads {', '.join(leads)}"] if leads else []
    words += [f"{rate_hz:g} Hz"] if rate_hz else []
    return "; ".join([*words, f"{stored_rate_hz:g} Hz where no rate is said"] if stored_rate_hz else words)
