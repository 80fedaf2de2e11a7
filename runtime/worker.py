"""The worker: trains one job in its run folder and writes down all that happens, whatever happens."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from runtime.bad_cases import TRYING, bad_case, may_be_a_case
from runtime.breakdowns import breakdown
from runtime.data.catalogue import DataError
from runtime.errors import GraphError, RunError, file_error
from runtime.event_file import EventFile
from runtime.events import Checkpoint, Event, Failed, Finished, Noted, Paused, Preparing, Started, Warned, line
from runtime.job import Job
from runtime.locks import Locked, held
from runtime.repeating import environment_before, environment_of, environment_warnings
from runtime.room import Room
from runtime.runs import Run, begin_a_line
from runtime.signals import asked_to_stop
from runtime.store import write_safely
from runtime.wakefulness import awake

Echo = Callable[[str], None]
Training = Callable[[Job], Iterator[Event]]
_log = logging.getLogger("netloom.worker")


def run_worker(job: Job, echo: Echo | None = None, training: Training | None = None) -> int:
    """Train the job in this process; its events go to events.jsonl, and as lines to `echo`.

    `training` gives the events instead of `runtime.train.train`: for a training that several processes share.

    Gives the exit status: 0 when it finished or was stopped, 1 when the graph or its data have problems, 3 when it
    failed while running. Raises RunError, and writes nothing, when another worker has the run.
    """
    run = Run(job.folder)
    try:
        with held(job.folder / "lock"):
            return _Worker(run, job, echo, training).work()
    except Locked as error:
        raise RunError(f"The run {job.folder.name} is being trained by another process; stop it first.") from error


class _Worker:
    def __init__(self, run: Run, job: Job, echo: Echo | None, training: Training | None) -> None:
        self.training = training
        self.run = run
        self.job = job
        self.echo = echo
        self.began = time.monotonic()

    def work(self) -> int:
        begin_a_line(self.run.events_file)
        earlier = [moment for _, moment in self.run.events()]
        self.began = time.monotonic() - (earlier[-1] if earlier else 0.0)
        try:
            self.run.register_worker()
            self.file = EventFile(self.run.events_file, Room(self.run.folder))
        except OSError as error:  # nothing can be written down: it is told to the caller
            raise RunError(file_error(error)) from error
        try:
            with _logging(self.job.folder / "log.txt"), asked_to_stop(self.run.ask_to_stop), awake():
                return self._train()
        finally:
            self.file.close()

    def _train(self) -> int:
        try:
            # Torch takes seconds to import; the run folder shows a live worker before that.
            from runtime.environment import compute_as, environment_text
            from runtime.train import train

            compute_as(environment_of(self.job.folder) or environment_before(self.job.folder))
            write_safely(self.job.folder / "environment.json", environment_text().encode("utf-8"))
            for event in (self.training or train)(self.job):
                self._write(event)
                if isinstance(event, Started) and self.job.repeats:
                    for text in environment_warnings(self.job.folder):
                        self._write(Warned(text))
        except Exception as error:  # noqa: BLE001 (the boundary of the worker: whatever it is, the run must say so)
            _log.error("%s", traceback.format_exc())
            failure = self._case(error) or self._failure(error)
            self._write(Failed(str(failure), failure.node, "log.txt", failure.code))
            return 1 if _of_the_input(failure) else 3
        return 0

    def _case(self, error: Exception) -> RunError | None:
        """The case of the data that the training failed at, where there is one."""
        if not may_be_a_case(error):
            return None
        try:
            self._write(Warned(TRYING))
            return bad_case(self.run)
        except OSError:  # the events cannot be written: the first failure is told
            return None

    def _failure(self, error: Exception) -> RunError:
        """What went wrong, in a sentence."""
        found = breakdown(error, self.job)
        if found is not None:
            return found
        match error:
            case RunError():
                return error
            case OSError():
                return RunError(file_error(error))
        return RunError(f"The training failed unexpectedly ({type(error).__name__}).")

    def _write(self, event: Event) -> None:
        text = line(event, time.monotonic() - self.began)
        # A checkpoint that outlives a power failure would be of little use without the curve that led to it.
        self.file.append(text, durable=isinstance(event, Checkpoint | Failed | Finished))
        if isinstance(event, Warned | Noted | Paused | Failed | Finished):
            _log.info("%s", text)
        elif not isinstance(event, Preparing):
            _log.debug("%s", text)
        if self.echo is not None:
            self.echo(text)


def _of_the_input(error: RunError) -> bool:
    """Whether the graph or the data have to be mended, rather than something having failed on the way."""
    return isinstance(error, GraphError) or isinstance(error.__cause__, DataError)


class _Log(logging.FileHandler):
    """The log of a run: a full disk costs lines of it, and shows nobody a traceback."""

    def handleError(self, record: logging.LogRecord) -> None:
        pass

    def close(self) -> None:
        with suppress(OSError):
            super().close()


@contextmanager
def _logging(path: Path) -> Iterator[None]:
    """Everything that is logged goes to the run's log."""
    handler = _Log(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(min(level, logging.INFO) if level else logging.INFO)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()


if __name__ == "__main__":
    from runtime.shared_worker import main

    sys.exit(main(sys.argv[1:]))
