"""The course of one run in numbers: what the curves and the progress line show. Plain data, no Qt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from designer.training.observations import Observations
from runtime.events import Batch, Epoch, Event, Failed, Finished, Noted, Observed, Paused, Preparing, Started, Warned

Points = Sequence[tuple[float, float]]
_CAPITALS = {"auc": "AUC", "iou": "IoU", "f1": "F1", "dice": "Dice", "giou": "GIoU", "map": "mAP"}
LOSSES = ("train_loss", "validation_loss")


@dataclass
class History:
    """Gathers events; `series` holds (epoch, value) for each metric."""

    series: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    best_epoch: int = 0
    best: Mapping[str, float | None] = field(default_factory=dict)
    epochs: int = 0
    done: int = 0
    device: str = ""
    split: str = ""
    cases: Mapping[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    state: str = ""
    share: float | None = None  # how much of the training is done, 0-1; None when that is not known
    remaining_s: float | None = None
    end: Finished | Failed | None = None
    seen: Observations = field(default_factory=Observations)
    course: list[Event] = field(default_factory=list)  # what the coach reads

    @staticmethod
    def of(events: Iterable[Event]) -> History:
        """The history that these events tell."""
        made = History()
        for event in events:
            made.take(event)
        return made

    def take(self, event: Event) -> None:
        """Learn of one more event."""
        aside = isinstance(event, Preparing | Warned | Noted | Paused)
        if not aside and not (isinstance(event, Batch) and event.epoch > 1):
            self.course.append(event)
        match event:
            case Started():
                self._start(event)
            case Preparing():
                self._prepare(event)
            case Batch():
                self._batch(event)
            case Observed():
                self.seen.take(event)
            case Epoch():
                self._epoch(event)
            case Warned():
                if event.message not in self.warnings:
                    self.warnings.append(event.message)
            case Paused():
                self.state, self.remaining_s = event.message, None
            case Finished() | Failed():
                self._finish(event)

    @property
    def metric_names(self) -> list[str]:
        """The names of all series but the losses, sorted so that train stands beside validation."""
        names = [name for name in self.series if name not in LOSSES]
        return sorted(names, key=lambda name: (plain(name), name))

    def _start(self, event: Started) -> None:
        self.epochs, self.device, self.split, self.cases = event.epochs, event.device, event.split, event.cases
        self.done = event.resumed_after
        self.end = None
        self.seen.start(event)
        self.series = {name: [one for one in points if one[0] <= self.done] for name, points in self.series.items()}
        self.state = "Beginning"

    def _prepare(self, event: Preparing) -> None:
        whole = event.done >= event.total
        self.state = f"{event.what}: {event.done} / {event.total}"
        self.share = None if whole else event.done / event.total
        if whole:
            self.state = f"Epoch {self.done + 1} …" if self.done else "First epoch …"

    def _batch(self, event: Batch) -> None:
        self.state = f"Epoch {event.epoch} of {self.epochs}, batch {event.batch} of {event.batches}"
        within = event.batch / event.batches if event.batches else 0.0
        self.share = (event.epoch - 1 + within) / self.epochs if self.epochs else None
        self.remaining_s = event.remaining_s

    def _epoch(self, event: Epoch) -> None:
        self.done = event.epoch
        self.seen.take_epoch(event)
        for name, value in event.metrics.items():
            if value is not None:
                points = self.series.setdefault(name, [])
                # An epoch that is told twice (a resumed run, a file read again) counts once.
                points[:] = [one for one in points if one[0] < event.epoch]
                points.append((float(event.epoch), float(value)))
        if event.best:
            self.best_epoch, self.best = event.epoch, event.metrics
        self.state = f"Epoch {event.epoch} of {self.epochs}"
        self.share = event.epoch / self.epochs if self.epochs else None
        self.remaining_s = event.remaining_s

    def _finish(self, event: Finished | Failed) -> None:
        self.end, self.remaining_s = event, None
        if isinstance(event, Failed):
            self.state = event.message
            return
        self.best_epoch = event.best_epoch
        self.share = 1.0 if not event.stopped else self.share
        best = f"; epoch {event.best_epoch} was the best" if event.best_epoch else ""
        self.state = f"{_end_of(event)}{best}."


def _end_of(event: Finished) -> str:
    done = f"{event.epochs} epoch{'' if event.epochs == 1 else 's'}"
    if event.stopped:
        return f"Stopped after {done}" if event.epochs else "Stopped before the first epoch was done"
    why = f", because {event.reason.rstrip('.')}" if event.reason else ""
    return f"Finished after {done}{why.replace('_', ' ')}"


def smoothed(points: Points, amount: float) -> list[tuple[float, float]]:
    """The exponential moving average of a curve, corrected for its start; `amount` 0 leaves it as it is, below 1."""
    if not amount:
        return list(points)
    kept, weight, made = 0.0, 0.0, []
    for x, y in points:
        kept = kept * amount + y * (1 - amount)
        weight = weight * amount + (1 - amount)
        made.append((x, kept / weight))
    return made


def plain(name: str) -> str:
    """A metric's name without the part of the data."""
    return name.removeprefix("train_").removeprefix("validation_").removeprefix("test_")


def spoken_name(name: str) -> str:
    """A metric's name for people: "validation accuracy", "AUC", "mAP 0.5 to 0.95"."""
    words = re.sub(r"(?<![^_ ])0_(?=\d)", "0.", name).replace("_", " ").split(" ")
    return " ".join(_CAPITALS.get(word, word) for word in words)
