"""Which checkpoints are written when: the best epoch and the last, without slowing the training down."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runtime.checkpoint import State, save_checkpoint
from runtime.errors import RunError
from runtime.events import Checkpoint, Event, Paused, Warned
from runtime.room import Room, is_full, megabytes

_RATIO = 100  # a checkpoint is written when the last writing lies this many times its own duration back
_GENERATIONS = 4
Save = Callable[[Path, str, State], None]


@dataclass(frozen=True, slots=True)
class Best:
    """The best epoch so far; 0 when there is none."""

    epoch: int = 0
    value: float = math.nan
    metrics: Mapping[str, float] | None = None


class Keeper:
    """Holds the best weights in memory until they are due on disk; `flush` writes what is not there yet."""

    def __init__(
        self,
        folder: Path,
        watched: str,
        higher: bool,
        save: Save = save_checkpoint,
        ratio: float = _RATIO,
        room: Room | None = None,
    ) -> None:
        self.watched = watched
        self._higher = higher
        self._ratio = ratio
        self._folder = folder / "checkpoints"
        self._save = save
        self._room = room or Room(folder)
        self._last_written = -math.inf
        self._took = 0.0
        self._pending_best: State | None = None
        self._pending_last: State | None = None
        self._failed = False  # the last writing failed, and it was told
        self._paused = False  # the last writing waited for room, and it was told
        self._given_up = False  # it waited until the run was asked to stop
        self._written_epoch = 0
        self.best = Best()

    def is_better(self, metrics: Mapping[str, float]) -> bool:
        """Whether these are the best metrics so far. What is not a number is never the best."""
        value = metrics.get(self.watched, math.nan)
        if not math.isfinite(value):
            return False
        if not math.isfinite(self.best.value):
            return True
        return value > self.best.value if self._higher else value < self.best.value

    def note_best(self, epoch: int, metrics: Mapping[str, float], weights: State) -> None:
        """Remember an epoch as the best one."""
        self.best = Best(epoch, metrics[self.watched], dict(metrics))
        self._pending_best = replace(weights, facts={"epoch": epoch, "metrics": dict(metrics), "watched": self.watched})

    def note_epoch(self, epoch: int, state: Callable[[], State]) -> Iterator[Event]:
        """An epoch is done: write the checkpoints if that is due. `state` is asked for only then."""
        self._pending_last = None
        if time.monotonic() - self._last_written < self._ratio * self._took:
            return
        self._keep(epoch, state())
        yield from self.flush()

    def finish(self, epoch: int, state: Callable[[], State]) -> Iterator[Event]:
        """Training ends after this whole epoch: write all that is not on disk, and wait for room where there is none.

        Raises RunError when that fails; a wait that was ended by asking the run to stop shows in `unwritten`.
        """
        if epoch > self._written_epoch:
            self._keep(epoch, state())
        yield from self.flush()
        if not self.unwritten and (self._pending_best is not None or self._written_epoch < epoch):
            raise RunError(f"The trained network could not be written to {self._folder}; see to the disk and resume.")

    @property
    def unwritten(self) -> str:
        """What a run that stopped while its disk was full has lost, in words; "" when nothing."""
        if not self._given_up:
            return ""
        after = f"after epoch {self._written_epoch}" if self._written_epoch else "from the beginning"
        return f"The disk is full: what was learned last is not on it, and the run goes on {after} when it is resumed."

    def prepare(self, state: Callable[[], State]) -> Iterator[Event]:
        """Before the first epoch: wait until there is room for the checkpoints, which are best and last, and one
        generation more of each while it is written."""
        yield from self._wait_for(_GENERATIONS * state().bytes)

    def flush(self, wait: bool = True) -> Iterator[Event]:
        """Write what is held in memory: the best before the last, which must not know of a best that is lost.

        With `wait`, a full disk is waited for until there is room or the run is asked to stop.
        """
        began = time.monotonic()
        waited = 0.0
        for name, state in (("best", self._pending_best), ("last", self._pending_last)):
            if state is None:
                continue
            while (error := self._tried(name, state)) is not None and wait and is_full(error):
                paused = time.monotonic()
                yield from self._wait_for(state.bytes, found_full=True)
                waited += time.monotonic() - paused
                if self._room.asked_to_stop:
                    break
            if error is not None:
                yield from self._told_failure(error)
                break
            self._note_written(name, state)
            yield Checkpoint(int(state.facts["epoch"]), f"checkpoints/{name}.safetensors", best=name == "best")
        self._last_written = time.monotonic()
        self._took = self._last_written - began - waited

    def _tried(self, name: str, state: State) -> OSError | None:
        """Write one checkpoint; gives what went wrong."""
        try:
            self._save(self._folder, name, state)
        except OSError as error:
            return error
        return None

    def _wait_for(self, needed: int, found_full: bool = False) -> Iterator[Event]:
        """Wait until there is room for so many bytes; `found_full`: a writing just failed, whatever the disk says."""
        told = self._paused
        while (found_full or self._room.free < needed) and not self._room.asked_to_stop:
            if not told:
                missing = max(needed - self._room.free, 0)
                yield Paused(
                    f"Paused: the disk is full; {megabytes(missing or needed)} are needed for the next checkpoint. "
                    "Training goes on by itself when there is room.", needed
                )  # fmt: skip
            told = self._paused = True
            self._room.wait(needed)
            found_full = False

    def _told_failure(self, error: OSError) -> Iterator[Event]:
        self._given_up = is_full(error)
        self._pending_last = None  # its tensors are the live ones, which go on changing
        if not self._failed and not self._paused:
            yield Warned(
                f"A checkpoint could not be written ({error.strerror or error}); the one before is kept. Make room."
            )
        self._failed = True

    def _note_written(self, name: str, state: State) -> None:
        self._failed = self._paused = self._given_up = False
        if name == "best":
            self._pending_best = None
        else:
            self._pending_last = None
            self._written_epoch = int(state.facts["epoch"])

    def _keep(self, epoch: int, state: State) -> None:
        best: dict[str, Any] = {"epoch": self.best.epoch, "metrics": dict(self.best.metrics or {})}
        if math.isfinite(self.best.value):
            best["value"] = self.best.value
        facts = {**state.facts, "epoch": epoch, "best": best, "watched": self.watched}
        self._pending_last = replace(state, facts=facts)

    def restore(self, state: State) -> None:
        """Go on from a `last` checkpoint."""
        self.best = best_of(state)
        self._written_epoch = int(state.facts["epoch"])


def best_of(state: State) -> Best:
    """The best epoch that a `last` checkpoint knows of."""
    best = state.facts["best"]
    return Best(int(best["epoch"]), float(best.get("value", math.nan)), best["metrics"])
