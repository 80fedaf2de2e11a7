"""What was observed beside the metrics of a run: its pace, the device, its layers. Plain data, no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.amounts import memory, thousands
from runtime.coach.health import Health, health_of
from runtime.events import Epoch, Observed, Started

Points = list[tuple[float, float]]
RATE, PACE = "learning_rate", "images_per_s"


@dataclass
class Observations:
    """Gathers events; the mappings of layers go from node id to (epoch, value)."""

    pace: dict[str, Points] = field(default_factory=dict)
    weights: dict[str, Points] = field(default_factory=dict)
    gradients: dict[str, Points] = field(default_factory=dict)
    still: dict[str, Points] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)  # by epoch
    last: Observed | None = None

    def start(self, event: Started) -> None:
        """Forget the epochs that a resumed run trains again."""
        for series in (self.pace, self.weights, self.gradients, self.still):
            for points in series.values():
                points[:] = [point for point in points if point[0] <= event.resumed_after]
        self.seconds = {epoch: took for epoch, took in self.seconds.items() if epoch <= event.resumed_after}

    def take(self, event: Observed) -> None:
        """Learn what was seen of an epoch."""
        self.last = event
        if event.images_per_s is not None:
            _add(self.pace, PACE, event.epoch, event.images_per_s)
        told = ((self.weights, event.weights), (self.gradients, event.gradients), (self.still, event.still))
        for series, values in told:
            for node, value in values.items():
                if value is not None:
                    _add(series, node, event.epoch, value)

    def take_epoch(self, event: Epoch) -> None:
        """Learn how long an epoch took, and its learning rate."""
        self.seconds[event.epoch] = event.seconds
        if event.rate is not None:
            _add(self.pace, RATE, event.epoch, event.rate)

    def health(self) -> Mapping[str, Health]:
        """How each layer does, by node id."""
        return health_of(self.weights, self.gradients, self.still)

    def told(self) -> str:
        """Pace, rate, time used and device in one line."""
        pace, rate = self._now(PACE), self._now(RATE)
        parts = ["" if pace is None else f"{_number(pace)} cases/s"]
        parts.append("" if rate is None else f"learning rate {rate:.3g}")
        used = sum(self.seconds.values())
        parts.append(f"trained for {spoken_time(used)}" if used else "")
        if self.last is not None:
            parts += [_load(self.last), _memory(self.last)]
        return "  ·  ".join(part for part in parts if part)

    def _now(self, name: str) -> float | None:
        points = self.pace.get(name)
        return points[-1][1] if points else None


def spoken_time(seconds: float) -> str:
    """A time that has passed: "42 s", "3 min 20 s", "2 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{max(whole, 1)} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _number(value: float) -> str:
    return thousands(round(value)) if value >= 100 else f"{value:.3g}"


def _load(seen: Observed) -> str:
    return "" if seen.load is None else f"device {100 * seen.load:.0f} % busy"


def _memory(seen: Observed) -> str:
    if seen.memory is None:
        return ""
    whole = f" of {memory(seen.memory_whole)}" if seen.memory_whole else ""
    return f"memory {memory(seen.memory)}{whole}"


def _add(series: dict[str, Points], name: str, epoch: int, value: float) -> None:
    """An epoch that is told twice counts once."""
    points = series.setdefault(name, [])
    while points and points[-1][0] >= epoch:
        points.pop()
    points.append((float(epoch), float(value)))
