"""One training by several processes: the first is the worker of the run, the others follow it and write nothing."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from runtime.breakdowns import breakdown
from runtime.checkpoint import State, save_checkpoint
from runtime.device import mixed, seed_epoch
from runtime.errors import RunError
from runtime.events import Event
from runtime.job import Job
from runtime.lifeline import end_if_let_go
from runtime.ranks import Ranks
from runtime.shared_learner import SharedLearner, SharedPart, SharedStepping, shared_spans
from runtime.signals import polite
from runtime.together import LOST
from runtime.train import train
from runtime.ways import Ways


def lead(job: Job, ranks: Ranks) -> Iterator[Event]:
    """Train as the first process. Raises RunError as `train`, also when another process failed, with its reason."""
    for note in job.folder.glob("rank-*.txt"):
        note.unlink()
    begun: list[bool] = []
    try:
        yield from train(job, _ways(job, ranks, begun))
        if not begun:
            ranks.decide(False)  # it was stopped before
    except RuntimeError as error:
        if not _is_of_the_others(error):
            raise
        end_if_let_go()  # they were killed together, and this one with them
        raise RunError(f"{_reason_of(job.folder)} The last checkpoint is kept; resume the run.") from error


def follow(job: Job, ranks: Ranks) -> None:
    """Train as another process than the first, when that has divided the data; what it writes is thrown away.

    Raises RunError when it failed; the first process finds the reason in RUN/rank-N.txt.
    """
    for number in polite():
        signal.signal(number, signal.SIG_IGN)  # the first process is asked as well, and all stop with it
    try:
        if not ranks.decide(True):
            return
        with tempfile.TemporaryDirectory(prefix="netloom-rank-") as name:
            folder = Path(name)
            (folder / "checkpoints").mkdir()
            kept = ("split.json", "weights.json", "step.json", "checkpoints/last*.safetensors")
            for path in (path for pattern in kept for path in job.folder.glob(pattern)):
                shutil.copyfile(path, folder / path.relative_to(job.folder))
            own = replace(job, folder=folder, repeats=job.repeats or job.folder.name)
            for _ in train(own, _ways(job, ranks, [])):
                pass
    except Exception as error:
        said = error if isinstance(error, RunError) else breakdown(error, job)
        if said is not None:
            (job.folder / f"rank-{ranks.rank}.txt").write_text(str(said), encoding="utf-8")
        raise


def _ways(job: Job, ranks: Ranks, begun: list[bool]) -> Ways:
    """`begun` gets an entry when the first process has told the others to begin."""

    def seed(seed: int, epoch: int) -> None:
        seed_epoch(seed, epoch)
        if not ranks.first:  # other noise and other dropout for other cases
            torch.manual_seed(mixed(seed, "epoch", epoch, "rank", ranks.rank))

    def divided() -> None:
        if ranks.first:
            begun.append(ranks.decide(True))

    return Ways(
        world=ranks.world,
        device=lambda _wanted: ranks.device,
        seed_epoch=seed,
        part=partial(SharedPart, ranks, job.training.batch * ranks.world),
        spans=partial(shared_spans, world=ranks.world),
        stepping=partial(SharedStepping, ranks),
        learner=partial(SharedLearner, ranks),
        save=save_checkpoint if ranks.first else _saves_nothing,
        agree=ranks.decide,
        total=ranks.total,
        divided=divided,
    )


def _saves_nothing(_folder: Path, _name: str, _state: State) -> None:
    pass


def _is_of_the_others(error: RuntimeError) -> bool:
    return "gloo" in str(error) or "NCCL" in str(error) or "Connection" in str(error) or "DistBackend" in str(error)


def _reason_of(folder: Path) -> str:
    """What another process wrote down before it ended."""
    for note in sorted(folder.glob("rank-*.txt")):
        return note.read_text(encoding="utf-8").strip() + f" (process {int(note.stem[5:]) + 1})"
    return LOST
