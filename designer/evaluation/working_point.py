"""The threshold that the slider moves: what follows from it is told at most twenty times a second."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from designer.evaluation.measured import Measured
from runtime.evaluation.intervals import Interval
from runtime.evaluation.operating_point import OperatingPoint
from runtime.evaluation.predictive import predictive_intervals, predictive_values
from runtime.evaluation.rates import Counts
from runtime.evaluation.thresholds import Ranked

_EVERY_MS = 50
_USUAL = 0.5


class WorkingPoint(QObject):
    """One class and a threshold of its probability. Numbers, points on curves and flipped cases follow `moved`."""

    shown = Signal()  # another evaluation, or another class of it
    moved = Signal()  # the threshold

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.measured: Measured | None = None
        self.stored: OperatingPoint | None = None
        self.place = 0  # of the class
        self.threshold = _USUAL
        self.ranked: Ranked | None = None
        self._pause = QTimer(self, interval=_EVERY_MS, singleShot=True)
        self._pause.timeout.connect(self._tell_late)
        self._late = False

    def show(self, measured: Measured | None, stored: OperatingPoint | None) -> None:
        """Another evaluation; the class stays where it has one of that name."""
        usable = measured is not None and measured.has_classes
        before = self.name
        self.measured, self.stored = (measured, stored) if usable else (None, None)
        classes = self.measured.record.classes if self.measured is not None else ()
        positive = self.measured.record.positive_place if self.measured is not None else None
        self.choose(classes.index(before) if before in classes else positive or 0)

    def choose(self, place: int) -> None:
        """Another class, at its stored threshold, else 0.5."""
        self.place = place
        self.ranked = self.measured.ranked(place) if self.measured is not None else None
        self.threshold = self.baseline
        self.shown.emit()
        self.moved.emit()

    def store(self, stored: OperatingPoint | None) -> None:
        """Another threshold is the stored one."""
        self.stored = stored
        self.moved.emit()

    def move(self, threshold: float) -> None:
        """Another threshold; told now, or soon when it was told just before."""
        threshold = min(max(threshold, 0.0), 1.0)
        if threshold == self.threshold:
            return
        self.threshold = threshold
        if self._pause.isActive():
            self._late = True
            return
        self._pause.start()
        self.moved.emit()

    @property
    def name(self) -> str:
        """The class; "" when there is none."""
        classes = self.measured.record.classes if self.measured is not None else ()
        return classes[self.place] if self.place < len(classes) else ""

    @property
    def other(self) -> str:
        """What a case is that is not of the class: the other one of two, else "not CLASS"."""
        record = self.measured.record if self.measured is not None else None
        if record is not None and record.task == "classification" and len(record.classes) == 2:
            return record.classes[1 - self.place]
        return self.tr("not %s") % self.name

    @property
    def baseline(self) -> float:
        """The threshold that counts without the slider: the stored one, else 0.5."""
        return self.stored.thresholds.get(self.name, _USUAL) if self.stored is not None else _USUAL

    @property
    def counts(self) -> Counts:
        """Cases by truth and decision at the threshold."""
        return self.ranked.counts(self.threshold) if self.ranked is not None else Counts(0, 0, 0, 0)

    def flipped(self) -> list[int]:
        """The cases that are called otherwise than without the slider, the most probable first."""
        return [] if self.ranked is None else self.ranked.flips(self.baseline, self.threshold).tolist()

    def predicted_at(self, prevalence: float) -> tuple[float, float]:
        """The positive and the negative predictive value where so many patients have it."""
        counts = self.counts
        return predictive_values(counts.sensitivity, counts.specificity, prevalence)

    def predicted_within(self, prevalence: float) -> dict[str, Interval]:
        """The intervals of these two, "ppv" and "npv"."""
        if self.ranked is None:
            return {}
        counts, known = self.counts, self.ranked.intervals(self.threshold)
        return predictive_intervals(counts.sensitivity, counts.specificity, known, prevalence)

    def _tell_late(self) -> None:
        if self._late:
            self._late = False
            self._pause.start()
            self.moved.emit()
