"""What a table of runs shows of each: how it stands, its best epoch, what it cost. Read from its files; no torch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import nodes  # noqa: F401 (fills the registry)
from nodes.roles import Loss, Metric
from runtime.analysis import Analysis, analyse
from runtime.case_noun import case_noun
from runtime.errors import RunError
from runtime.events import Epoch, Event, Finished, Started, parse
from runtime.files import ProjectError
from runtime.graph import Graph
from runtime.names import identifiers, measure_name
from runtime.run_notes import read_notes
from runtime.runs import Run, Status

LOSS = "validation_loss"
_UNREAD = b'{"event": "batch"'
Points = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One row of the table. `metrics` are those of the best epoch; `metric` is the one that people look at first."""

    run: str
    name: str
    began: str  # as 2026-03-04T05:06:07
    status: Status
    reason: str = ""
    epochs: int = 0
    planned: int = 0
    best_epoch: int = 0
    metric: str = ""
    value: float | None = None
    higher: bool = True
    loss: float | None = None
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    parameters: int | None = None
    multiply_adds: int | None = None
    one_case: str = "case"  # what the multiply-adds are of, as in `runtime.case_noun`
    seconds: float = 0.0
    device: str = ""
    bytes: int = 0
    tags: tuple[str, ...] = ()
    note: str = ""
    problem: str = ""  # why its graph cannot be read

    @property
    def error(self) -> float | None:
        """How wrong the best epoch is, where less is better: 1 - accuracy and the like, else the loss."""
        if self.value is None:
            return None
        if not self.higher:
            return self.value
        return 1 - self.value if 0 <= self.value <= 1 else None


def facts_of(run: Run) -> RunFacts:
    """What is known of a run, whatever state its folder is in."""
    analysis, problem = _analysis(run)
    events = list(epoch_events(run))
    told = [event for event, _ in events]
    best = _best(told)
    metric, higher = _main_metric(best, analysis)
    started = next((event for event in reversed(told) if isinstance(event, Started)), None)
    notes = read_notes(run.folder)
    return RunFacts(
        run=str(run.folder),
        name=run.folder.name,
        began=began_at(run).isoformat(timespec="seconds"),
        status=run.status,
        reason=run.reason,
        epochs=max((event.epoch for event in told if isinstance(event, Epoch)), default=0),
        planned=started.epochs if started else 0,
        best_epoch=best.epoch if best else 0,
        metric=metric,
        value=best.metrics.get(metric) if best else None,
        higher=higher,
        loss=best.metrics.get(LOSS) if best else None,
        metrics=best.metrics if best else {},
        parameters=analysis.parameters if analysis else started.parameters if started else None,
        multiply_adds=analysis.multiply_adds if analysis else None,
        one_case=case_noun(analysis) if analysis else "case",
        seconds=max((moment for _, moment in events), default=0.0),
        device=started.device if started else "",
        bytes=size_of(run.folder),
        tags=notes.tags,
        note=notes.note,
        problem=problem,
    )


def record_of(facts: RunFacts) -> dict[str, Any]:
    """The facts as JSON gives them, with the error."""
    return {**asdict(facts), "tags": list(facts.tags), "error": facts.error}


def from_record(record: Mapping[str, Any]) -> RunFacts:
    """The facts of a record; raises TypeError for one that is none."""
    known = {entry.name for entry in fields(RunFacts)}
    read = {name: value for name, value in record.items() if name in known}
    return RunFacts(**{**read, "tags": tuple(read.get("tags", ()))})


def epoch_events(run: Run) -> Iterator[tuple[Event, float]]:
    """All whole events of a run but those of single batches, which are most of a long run's file."""
    return Followed(run).fresh()


class Followed:
    """The events of a run, without those of single batches, as they are written: each is given once."""

    def __init__(self, run: Run) -> None:
        self._file = run.events_file
        self._at = 0  # what lies before was given

    def fresh(self) -> Iterator[tuple[Event, float]]:
        """The whole events since the last time."""
        try:
            with self._file.open("rb") as file:
                file.seek(self._at)
                for raw in file:
                    if not raw.endswith(b"\n"):
                        return
                    self._at += len(raw)
                    if raw.startswith(_UNREAD):
                        continue
                    try:
                        yield parse(raw.decode("utf-8", "replace"))
                    except ValueError:
                        continue
        except OSError:
            return


def curves_of(run: Run) -> dict[str, Points]:
    """The values of every metric by epoch; of an epoch that is told twice (after a resume) the later one."""
    curves: dict[str, dict[int, float]] = {}
    for event, _ in epoch_events(run):
        if isinstance(event, Started):
            for points in curves.values():
                for epoch in [one for one in points if one > event.resumed_after]:
                    del points[epoch]
        if isinstance(event, Epoch):
            for name, value in event.metrics.items():
                if value is not None:
                    curves.setdefault(name, {})[event.epoch] = value
    return {name: sorted(points.items()) for name, points in curves.items() if points}


def began_at(run: Run) -> datetime:
    """When the run was begun: by its folder's name, or else by the age of its job."""
    try:
        return datetime.strptime(run.folder.name[:15], "%Y%m%d-%H%M%S")
    except ValueError:
        pass
    try:
        return datetime.fromtimestamp((run.folder / "job.json").stat().st_mtime)
    except OSError:
        return datetime.fromtimestamp(0)


def size_of(folder: Path) -> int:
    """How many bytes the files below a folder hold; links count as nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                facts = os.lstat(os.path.join(place, name))
            except OSError:
                continue  # gone meanwhile
            total += facts.st_size
    return total


def front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Which points (cost, error) no other point beats in one without being worse in the other; by rising cost."""
    best, kept = float("inf"), []
    for index in sorted(range(len(points)), key=lambda index: points[index]):
        if points[index][1] < best:
            best = points[index][1]
            kept.append(index)
    return kept


def _analysis(run: Run) -> tuple[Analysis | None, str]:
    try:
        return analyse(run.job.graph), ""
    except (RunError, ProjectError) as error:
        return None, str(error)


def _best(events: Iterable[Event]) -> Epoch | None:
    """The epoch that was the best one; the end of the run says it, where the run has one."""
    epochs = {event.epoch: event for event in events if isinstance(event, Epoch)}
    marked = [event for event in events if isinstance(event, Epoch) and event.best]
    end = next((event for event in reversed(list(events)) if isinstance(event, Finished)), None)
    if end is not None and end.best_epoch in epochs:
        return epochs[end.best_epoch]
    return marked[-1] if marked else None


def _main_metric(best: Epoch | None, analysis: Analysis | None) -> tuple[str, bool]:
    """The metric that tells the best epoch if that was chosen, else the first one of validation, else the loss."""
    known = {name for name, value in best.metrics.items() if value is not None} if best else set()
    metrics = _metrics(analysis) if analysis is not None else {}
    watched = analysis.drawn.training.watch if analysis is not None else ""
    order = sorted(metrics, key=lambda node_id: node_id != watched)
    for name, higher in (metrics[node_id] for node_id in order):
        if name in known:
            return name, higher
    if analysis is None and best is not None:
        first = next((name for name in best.metrics if name.startswith("validation_") and name != LOSS), LOSS)
        return first, first != LOSS
    return LOSS, False


def names_of_losses(graph: Graph) -> frozenset[str]:
    """What the values of the single losses of a drawing on the validation part are called."""
    names = identifiers(graph)
    kinds = {node.id: graph.find(node.type) for node in graph.nodes.values()}
    losses = [node_id for node_id, kind in kinds.items() if kind is not None and issubclass(kind, Loss)]
    return frozenset(f"validation_{measure_name(names[node_id], node_id)}" for node_id in losses)


def _metrics(analysis: Analysis) -> dict[str, tuple[str, bool]]:
    """For each metric node the name of its value on the validation part, and whether more is better."""
    names = identifiers(analysis.graph)
    found = {}
    for node_id in analysis.of_type(Metric):
        kind = analysis.facts[node_id].type
        name = f"validation_{measure_name(names[node_id], node_id)}"
        found[node_id] = (name, kind.higher_is_better if isinstance(kind, Metric) else True)
    return found
