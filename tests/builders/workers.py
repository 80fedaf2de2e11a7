"""Workers as processes of their own, started fast: a process that has torch ready forks them."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["runtime.train", "runtime.worker", "runtime.environment"])


def work(folder: str, told: Connection, room: int) -> None:
    """Train the run in this folder; each event line goes through the pipe. `room`: so many bytes more, 0: no limit."""
    from runtime.runs import Run
    from runtime.worker import run_worker

    torch.set_num_threads(1)
    if room:
        import resource

        taken = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + room, taken + room))
    run_worker(Run(Path(folder)).job, told.send)


@contextmanager
def worker(folder: Path, room: int = 0) -> Iterator[tuple[Any, Iterator[str]]]:
    """A worker, and the lines that it tells until it ends."""
    hears, told = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=work, args=(str(folder), told, room))
    process.start()
    told.close()
    try:
        yield process, _lines(hears)
    finally:
        process.kill()
        process.join()
        hears.close()


def _lines(hears: Connection) -> Iterator[str]:
    while True:
        try:
            yield hears.recv()
        except EOFError:
            return
