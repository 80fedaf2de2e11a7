"""The folder of a queue of folds, as a window or a script follows it from outside: what was asked, who works, how far.

It holds the frozen project, `queue.json` (what was asked), and the plan, the runs and the pooled results that
`runtime.evaluation.folds` describes. No torch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from runtime.errors import RunError, file_error
from runtime.evaluation.folds import PLAN, POOLED, Fold, Folds, kept_plan
from runtime.evaluation.record import Evaluation, load_record, record_file
from runtime.events import Epoch, Started
from runtime.files import save_graph
from runtime.graph import Graph
from runtime.owner import owner_in, this_process
from runtime.run_facts import epoch_events
from runtime.runs import Run, free_folder
from runtime.store import write_safely

State = Literal["waiting", "training", "trained", "measuring", "done", "stopped", "failed", "broke off"]
_ASKED, _WORKER, _STOP = "queue.json", "worker.json", "stop"
_ENDED: dict[str, State] = {"stopped": "stopped", "failed": "failed", "died": "broke off"}


@dataclass(frozen=True, slots=True)
class Asked:
    """So many folds, or a column of which one value after the other is left out ("" for folds)."""

    k: int = 0
    column: str = ""


@dataclass(frozen=True, slots=True)
class FoldStanding:
    """How one run stands. `held_out` is the value that is left out, "" for one of k folds; `record` is of its test."""

    run: Path
    held_out: str
    state: State
    epoch: int = 0  # the last one that is done
    epochs: int = 0  # that are to be trained, 0 until that is known
    epoch_s: float = 0.0  # seconds that the last one took
    reason: str = ""
    record: Evaluation | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a queue stands. There are no runs until the data were read; `problem` says what could not be read."""

    asked: Asked = field(default_factory=Asked)
    working: bool = False
    runs: tuple[FoldStanding, ...] = ()
    pooled: Evaluation | None = None
    problem: str = ""


class FoldQueue:
    """The folder; every property is read from its files anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    @property
    def project(self) -> Path:
        """The frozen project that all runs train."""
        return self.folder / "project.netloom"

    @property
    def log(self) -> Path:
        """What the process says that works off the queue."""
        return self.folder / "log.txt"

    @property
    def asked(self) -> Asked:
        """What the queue was begun for. Raises RunError when that cannot be read."""
        path = self.folder / _ASKED
        try:
            read = json.loads(path.read_text(encoding="utf-8"))
            return Asked(int(read["k"]), str(read["column"]))
        except FileNotFoundError as error:
            plan = kept_plan(self.folder)
            if plan is None:
                raise RunError(f"{self.folder} holds no folds; choose a folder that “netloom folds” wrote.") from error
            return Asked(0 if plan.column else len(plan.runs), plan.column)
        except OSError as error:
            raise RunError(file_error(error)) from error
        except (ValueError, KeyError, TypeError) as error:
            raise RunError(f"{path} is damaged: it does not say which folds were asked for.") from error

    @property
    def working(self) -> bool:
        """Whether a process works the queue off; one on another machine is believed."""
        try:
            owner = owner_in(json.loads((self.folder / _WORKER).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return False
        return owner.alive

    def keep(self, graph: Graph, asked: Asked) -> None:
        """Freeze the graph here, and what is asked, unless that was done before. Raises RunError and ProjectError."""
        if self.project.exists():
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            save_graph(graph, self.project, private=True)
            content = json.dumps({"format": 1, **asdict(asked)}, ensure_ascii=False, indent=1)
            write_safely(self.folder / _ASKED, (content + "\n").encode("utf-8"))
        except OSError as error:
            raise RunError(f"The folder {self.folder} cannot be made ({error.strerror or error}).") from error

    @contextmanager
    def work(self) -> Iterator[None]:
        """Work the queue off as this process; an earlier wish to stop is forgotten.

        Raises RunError when another process does already.
        """
        if self.working:
            raise RunError(f"The folds in {self.folder} are being trained already; stop that first.")
        self.go_on()
        note = self.folder / _WORKER
        write_safely(note, json.dumps(asdict(this_process())).encode("utf-8"))
        try:
            yield
        finally:
            note.unlink(missing_ok=True)

    @property
    def asked_to_stop(self) -> bool:
        """Whether the queue is to stop."""
        return (self.folder / _STOP).exists()

    def ask_to_stop(self) -> None:
        """Ask the queue to stop, and the run that is trained now; what it has learned is kept."""
        (self.folder / _STOP).touch()
        plan = kept_plan(self.folder)
        for fold in plan.runs if plan is not None else ():
            run = Run(self.folder / fold.name)
            if run.folder.exists() and run.status == "running":
                run.ask_to_stop()

    def go_on(self) -> None:
        """Take back the wish to stop."""
        (self.folder / _STOP).unlink(missing_ok=True)

    def standing(self) -> Standing:
        """How far the queue is. Raises nothing: what cannot be read is told in `problem`."""
        try:
            asked, plan = self.asked, kept_plan(self.folder)
            working = self.working
            runs = tuple(_standing_of(plan, fold, working) for fold in plan.runs) if plan is not None else ()
            return Standing(asked, working, runs, load_record(self.folder, POOLED))
        except (RunError, OSError) as error:
            return Standing(problem=file_error(error) if isinstance(error, OSError) else str(error))


def begin_queue(graph: Graph, project: Path, asked: Asked) -> FoldQueue:
    """Freeze the graph in a folder of its own beside the project: PROJECT-folds/YYYYMMDD-HHMMSS.

    Raises RunError when it cannot be made.
    """
    queue = FoldQueue(free_folder(_beside(project)))
    queue.keep(graph, asked)
    return queue


def find_queues(project: Path) -> list[FoldQueue]:
    """The queues of a project, oldest first."""
    found = {file.parent for name in (_ASKED, PLAN) for file in _beside(project).glob(f"*/{name}")}
    return [FoldQueue(folder) for folder in sorted(found)]


def _beside(project: Path) -> Path:
    return project.absolute().parent / f"{project.stem}-folds"


def _standing_of(plan: Folds, fold: Fold, working: bool) -> FoldStanding:
    run = Run(plan.folder / fold.name)
    held_out = str(fold.division.get("held_out", ""))
    if not (run.folder / "job.json").exists():
        return FoldStanding(run.folder, held_out, "waiting")
    record = load_record(run.folder, "test") if record_file(run.folder, "test").exists() else None
    started, epochs = 0, [Epoch(0, {}, 0.0)]
    for event, _ in epoch_events(run):
        if isinstance(event, Started):
            started = event.epochs
        elif isinstance(event, Epoch):
            epochs.append(event)
    status = run.status
    finished: State = "measuring" if working else "trained"
    state: State = "done" if record else finished if status == "finished" else _ENDED.get(status, "training")
    reason = run.reason if state in _ENDED.values() else ""
    return FoldStanding(run.folder, held_out, state, epochs[-1].epoch, started, epochs[-1].seconds, reason, record)
