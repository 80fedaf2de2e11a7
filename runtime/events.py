"""What a run tells, one frozen record each; a run folder's events.jsonl holds them as JSON lines."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Started:
    """The first event: what is about to happen."""

    epochs: int
    batches: int  # in one epoch
    device: str
    parameters: int
    cases: Mapping[str, int] = field(default_factory=dict)  # part -> number of cases
    split: str = ""  # how the parts were made, in words
    resumed_after: int = 0  # epochs already done by an earlier start of the same run


@dataclass(frozen=True, slots=True)
class Batch:
    """Sent now and then within an epoch (at most a few times a second)."""

    epoch: int
    batch: int
    batches: int
    loss: float
    remaining_s: float | None = None


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch (counted from 1) is done; metric names begin with train_ or validation_."""

    epoch: int
    metrics: Mapping[str, float | None]
    seconds: float
    remaining_s: float | None = None
    best: bool = False
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of an epoch beside its metrics, told just before it. Losses and layers are named by node id.

    `predicted` and `true` describe the validation part for each loss with labels: the share of each class (of the
    pixels, for masks), or mean and spread of numbers. `weights` and `gradients` are the norms (L2) of a layer's trained
    numbers and of their gradients on one batch; `still` is the share of those gradients that are 0, `moved` by how much
    of their own size the numbers changed since the training process began. Gradients are looked at now and then only.
    """

    epoch: int
    images_per_s: float | None = None
    memory: int | None = None  # bytes in use: on the GPU by all programs, else of the computer by this process
    memory_whole: int | None = None  # bytes that there are
    load: float | None = None  # of the device, 0-1
    predicted: Mapping[str, Sequence[float]] = field(default_factory=dict)
    true: Mapping[str, Sequence[float]] = field(default_factory=dict)
    weights: Mapping[str, float | None] = field(default_factory=dict)
    gradients: Mapping[str, float | None] = field(default_factory=dict)
    still: Mapping[str, float | None] = field(default_factory=dict)
    moved: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint is safely on disk; the path is relative to the run folder."""

    epoch: int
    path: str
    best: bool


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the user should know; training goes on."""

    message: str
    node: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that the program measured and decided, as one sentence; nothing is to be done about it."""

    message: str


@dataclass(frozen=True, slots=True)
class Paused:
    """Training waits, for room on the disk; whatever event comes next says that it goes on."""

    message: str
    needed: int = 0  # bytes


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of a run that ended as it should, or was stopped by the user."""

    epochs: int
    best_epoch: int
    metrics: Mapping[str, float | None]
    stopped: bool = False
    reason: str = ""  # why it ended before the last epoch, in words


@dataclass(frozen=True, slots=True)
class Failed:
    """The last event of a run that could not go on: one plain sentence, the node if one is to blame, and the log."""

    message: str
    node: str = ""
    log: str = ""
    code: str = ""  # the class of the failure for the program, which reads no message; "" for most


@dataclass(frozen=True, slots=True)
class Preparing:
    """Work before the first epoch, such as decoding the images."""

    what: str
    done: int
    total: int


Event = Started | Preparing | Batch | Observed | Epoch | Checkpoint | Warned | Noted | Paused | Finished | Failed

_NAMES: dict[type[Any], str] = {
    Started: "started",
    Preparing: "preparing",
    Batch: "batch",
    Observed: "observed",
    Epoch: "epoch",
    Checkpoint: "checkpoint",
    Warned: "warning",
    Noted: "noted",
    Paused: "paused",
    Finished: "finished",
    Failed: "failed",
}
_TYPES = {name: kind for kind, name in _NAMES.items()}


def line(event: Event, time: float) -> str:
    """The event as one JSON line without its end; `time` is seconds since the run began."""
    record = {"event": _NAMES[type(event)], "time": round(time, 3), **dataclasses.asdict(event)}
    return json.dumps(_plain(record), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """JSON has no word for a number that is none: a metric that could not be computed becomes null."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def parse(text: str) -> tuple[Event, float]:
    """The event of one line, and its time; raises ValueError for what is none."""
    try:
        record = json.loads(text)
        kind = _TYPES[record.pop("event")]
        time = float(record.pop("time"))
        known = {entry.name for entry in dataclasses.fields(kind)}
        return kind(**{name: value for name, value in record.items() if name in known}), time
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"not an event: {text[:80]}") from error
