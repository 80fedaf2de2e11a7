"""The folder of a search: the frozen graph with its ranges, how trials are judged, the study, and a sign to stop."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from nodes.roles import Metric
from runtime.analysis import Analysis, analyse
from runtime.errors import RunError
from runtime.files import load_graph, save_graph
from runtime.graph import Graph
from runtime.names import identifiers, measure_name
from runtime.processes import started_at
from runtime.runs import free_folder
from runtime.search.space import faults
from runtime.store import write_safely

Sampler = Literal["tpe", "random"]
SAMPLERS: tuple[str, ...] = get_args(Sampler)
_FACTS = "search.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a search goes on. `runs` is the folder of the trials' runs, relative to the search where the way is short."""

    metric: str
    higher: bool
    runs: str
    sampler: Sampler = "tpe"
    pruning: bool = True
    seed: int = 0
    trials: int = 20


class Search:
    """The folder of one search; several workers on several machines may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    @property
    def journal(self) -> Path:
        """The study, as Optuna writes it: one JSON object a line."""
        return self.folder / "study.journal"

    @property
    def plan(self) -> Plan:
        """How it goes on. Raises RunError when the folder holds no search."""
        try:
            read = json.loads((self.folder / _FACTS).read_text(encoding="utf-8"))
            return Plan(**{name: read[name] for name in Plan.__dataclass_fields__})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"{self.folder} is not the folder of a search: its {_FACTS} cannot be read.") from error

    @property
    def graph(self) -> Graph:
        """The frozen graph, with its ranges. Raises ProjectError."""
        return load_graph(self.folder / "project.netloom").graph

    def register(self) -> Path:
        """Note this process as a worker; gives the file, which goes when the worker ends."""
        mark = {"host": platform.node(), "pid": os.getpid(), "started": started_at(os.getpid())}
        place = self.folder / "workers"
        place.mkdir(exist_ok=True)
        note = place / f"{mark['host']}-{mark['pid']}.json"
        write_safely(note, json.dumps(mark).encode("utf-8"))
        return note

    def workers(self) -> int:
        """How many workers search now; those of other machines are believed."""
        alive = 0
        for note in (self.folder / "workers").glob("*.json"):
            try:
                mark = json.loads(note.read_text(encoding="utf-8"))
                alive += mark["host"] != platform.node() or started_at(int(mark["pid"])) == mark["started"]
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return alive

    def run_folder(self, number: int) -> Path:
        """The run of a trial."""
        return (self.folder / self.plan.runs / f"{self.folder.name}-t{number:03}").resolve()

    @property
    def asked_to_stop(self) -> bool:
        """Whether its workers were asked to stop."""
        return (self.folder / "stop").exists()

    def ask_to_stop(self) -> None:
        """Ask every worker to stop; what a trial has learned so far is kept, and the trial begun again later."""
        (self.folder / "stop").touch()

    def go_on(self) -> None:
        """Let workers begin again."""
        (self.folder / "stop").unlink(missing_ok=True)

    def extend(self, trials: int) -> None:
        """Search until there are so many trials."""
        _write(self.folder, Plan(**{**asdict(self.plan), "trials": trials}))


def begin_search(graph: Graph, project: Path, folder: Path | None = None, **how: object) -> Search:
    """Freeze the graph and its ranges in a folder of its own beside the project: PROJECT-searches/YYYYMMDD-HHMMSS.

    `how` are fields of Plan. Raises RunError for ranges that do not fit or a folder that is taken.
    """
    for fault in faults(graph):
        raise RunError(fault)
    folder = (folder or free_folder(project.absolute().parent / f"{project.stem}-searches")).absolute()
    if folder.exists() and any(folder.iterdir()):
        raise RunError(f"The folder {folder} holds something already; a search needs a folder of its own.")
    metric, higher = judged_by(analyse(graph))
    runs = project.absolute().parent / f"{project.stem}-runs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_graph(graph, folder / "project.netloom", private=True)
        way = runs.relative_to(folder.parent.parent) if folder.parent.parent in runs.parents else None
        plan = Plan(**{"metric": metric, "higher": higher, "runs": str(runs), **how})  # type: ignore[arg-type]
        _write(folder, plan if way is None else Plan(**{**asdict(plan), "runs": f"../../{way.as_posix()}"}))
    except OSError as error:
        raise RunError(f"The search folder {folder} cannot be made ({error.strerror or error}).") from error
    return Search(folder)


def find_searches(project: Path) -> list[Search]:
    """The searches of a project, oldest first."""
    beside = project.absolute().parent / f"{project.stem}-searches"
    return [Search(facts.parent) for facts in sorted(beside.glob(f"*/{_FACTS}"))]


def judged_by(analysis: Analysis) -> tuple[str, bool]:
    """The name of what tells the best epoch, and so the best trial, and whether more is better."""
    watched = analysis.drawn.training.watch
    for node_id in analysis.of_type(Metric):
        kind = analysis.facts[node_id].type
        if node_id == watched and isinstance(kind, Metric):
            return f"validation_{measure_name(identifiers(analysis.graph)[node_id], node_id)}", kind.higher_is_better
    return "validation_loss", False


def _write(folder: Path, plan: Plan) -> None:
    write_safely(folder / _FACTS, (json.dumps({"format": 1, **asdict(plan)}, indent=1) + "\n").encode("utf-8"))
