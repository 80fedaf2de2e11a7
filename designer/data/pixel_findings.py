"""What the pixels tell of the cases as they are labelled and divided now: judged again beside the window, from what
the survey saw; no image is read for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal, SignalInstance

from designer.data.cases import CaseBook
from runtime.data.catalogue import DataError, DataSet
from runtime.data.corrections import Corrections, corrected
from runtime.data.split_how import PartCounts
from runtime.data.warning_record import DataWarning
from runtime.data.warnings_looks import Looks, Twins
from runtime.data.warnings_pixels import warnings_of_looks

_WAIT_MS = 60


@dataclass(frozen=True, slots=True)
class _Asked:
    number: int
    base: DataSet
    corrections: Corrections
    looks: Looks
    counts: PartCounts | None


class PixelFindings(QObject):
    """Follows the cases and their division; `found` brings the newest findings on the window's thread."""

    found = Signal(object)  # Sequence[DataWarning]
    _done = Signal(int, object)

    def __init__(self, book: CaseBook, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self._counts: PartCounts | None = None
        self._number = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._wait = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._wait.timeout.connect(self._start)
        self._done.connect(self._on_done)
        book.changed.connect(self._wait.start)

    def divide(self, counts: PartCounts) -> None:
        """The cases are divided otherwise."""
        self._counts = counts
        self._wait.start()

    def close_down(self) -> None:
        """The window is closing; nobody is told any more."""
        self._number += 1
        self._wait.stop()
        self._pool.waitForDone()

    def _start(self) -> None:
        book, self._number = self._book, self._number + 1
        looks = book.found.looks if book.found is not None else None
        if looks is None or book.base is None:
            self.found.emit(())
            return
        self._pool.start(_Judge(_Asked(self._number, book.base, book.corrections, looks, self._counts), self._done))

    def _on_done(self, number: int, findings: Sequence[DataWarning] | None) -> None:
        if number == self._number and findings is not None:
            self.found.emit(findings)


class _Judge(QRunnable):
    def __init__(self, asked: _Asked, done: SignalInstance) -> None:
        super().__init__()
        self._asked = asked
        self._done = done

    def run(self) -> None:
        """On a thread of the pool; no file is read."""
        self._done.emit(self._asked.number, judged(self._asked))


def judged(asked: _Asked) -> tuple[DataWarning, ...] | None:
    """The findings of the cases that are not left out; None while their division is still to be counted."""
    try:
        now = corrected(asked.base, asked.corrections)
    except DataError:
        return ()  # nothing is left, or a label is no number: the other pages say so
    counts = asked.counts
    if counts is not None and counts.fingerprint not in ("", now.fingerprint):
        return None  # what was found for the cases before stays for this moment
    return warnings_of_looks(now, _moved(asked.looks, asked.base, now), counts.parts if counts is not None else None)


def _moved(looks: Looks, base: DataSet, now: DataSet) -> Looks:
    """The looks by the places of the cases in the data set as it is now."""
    if len(now.samples) == len(base.samples):
        return looks
    places = {sample.key: place for place, sample in enumerate(now.samples)}
    new = {old: places[sample.key] for old, sample in enumerate(base.samples) if sample.key in places}
    twins = (Twins(new[one.first], new[one.second]) for one in looks.twins if {one.first, one.second} <= new.keys())
    return Looks(tuple(twins), tuple(new[place] for place in looks.text if place in new), looks.searched)
