"""`torchrun … -m runtime.worker RUN`: several processes train one run; also a single one, without torchrun."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import typer

from runtime.data.catalogue import DataError
from runtime.devices import gpus_of
from runtime.errors import RunError
from runtime.files import ProjectError, load_graph
from runtime.job import Job, load_job, make_job
from runtime.lifeline import hold_on
from runtime.ranks import Ranks, started_together
from runtime.runs import create_run
from runtime.worker import run_worker

_FAILED, _WRONG_CALL = 3, 2
_CALL = (
    "torchrun --nproc-per-node N -m runtime.worker RUN [--resume], with a run folder that is there, or "
    "torchrun --nproc-per-node N -m runtime.worker PROJECT.netloom RUN, which makes it."
)
_log = logging.getLogger("netloom.worker")


def main(words: Sequence[str]) -> int:
    """Train the run that the words name; gives the exit status, as `netloom train`."""
    hold_on()
    names = [word for word in words if word != "--resume"]
    if not 1 <= len(names) <= 2 or any(name.startswith("-") for name in names):
        typer.echo(f"The call is {_CALL}", err=True)
        return _WRONG_CALL
    try:
        if not started_together():
            return run_worker(_job(names, "--resume" in words, first=True), _echo)
        return _together(names, "--resume" in words)
    except (RunError, ProjectError, DataError) as error:
        typer.echo(str(error), err=True)
        return _FAILED


def _together(names: list[str], resume: bool) -> int:
    from runtime.shared_training import follow, lead

    wanted = load_graph(Path(names[0])) if len(names) == 2 else None
    device = wanted.graph.training.device if wanted else load_job(Path(names[0])).training.device
    ranks = Ranks(_on_gpu(device), gpus_of(device))
    if ranks.first:
        job = _job(names, resume, first=True)
        ranks.decide(True)  # the run folder is there
        status = run_worker(job, _echo, lambda one: lead(one, ranks))
        if not status:
            ranks.leave()
        return status
    ranks.decide(True)
    follow(_job(names, resume, first=False), ranks)
    ranks.leave()
    return 0


def _echo(text: str) -> None:
    """An event line on stdout; nobody has to listen."""
    with suppress(BrokenPipeError):
        typer.echo(text)


def _on_gpu(wanted: str) -> bool:
    import torch

    return wanted != "cpu" and torch.cuda.is_available()


def _job(names: list[str], resume: bool, first: bool) -> Job:
    """The job of the call; the first process makes its run folder."""
    folder = Path(names[-1])
    if len(names) == 1 and not resume:
        return load_job(folder)
    if resume:
        job = make_job(load_graph(folder / "project.netloom").graph, folder, resume=True)
    else:
        job = make_job(load_graph(Path(names[0])).graph, folder)
    if first:
        create_run(job)
    return job
