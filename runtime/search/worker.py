"""A worker of a search: asks the study what to try, trains that as an ordinary run in a process, tells how it went."""

from __future__ import annotations

import math
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.analysis import analyse
from runtime.errors import RunError
from runtime.events import Epoch
from runtime.graph import Graph
from runtime.job import make_job
from runtime.processes import started_at
from runtime.readiness import training_problems
from runtime.run_facts import Followed
from runtime.run_notes import Notes, write_notes
from runtime.runs import Run, create_run
from runtime.search.folder import Plan, Search
from runtime.search.space import with_values
from runtime.search.study import REASON, RUN, WORKER, open_study, sampler_of, suggested

if TYPE_CHECKING:
    import optuna

_LOOK_S = 0.25
_PROGRAM = Path(__file__).resolve().parent.parent.parent
Tell = Callable[[int, str], None]
"""Is told of each trial that ended: its number and how."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: str  # complete, pruned, stopped, failed
    value: float | None = None
    reason: str = ""


def work(search: Search, tell: Tell) -> int:
    """Try until there are as many trials as wanted, or until asked to stop; gives how many this worker tried.

    Raises RunError and ProjectError when the search cannot be read.
    """
    plan, graph = search.plan, search.graph
    study = open_study(search)
    _take_up(study, search)
    tried, note = 0, search.register()
    try:
        while not search.asked_to_stop and _counted(study) < search.plan.trials:
            trial = study.ask()
            study.sampler = sampler_of(plan, trial.number)
            tell(trial.number, _tried(study, trial, search, plan, graph))
            tried += 1
    finally:
        note.unlink(missing_ok=True)
    return tried


def _counted(study: optuna.Study) -> int:
    """Trials that are done or under way; those that were stopped are begun again and do not count."""
    trials = study.get_trials(deepcopy=False)
    return sum(one.state.name != "WAITING" and not one.user_attrs.get("stopped") for one in trials)


def _tried(study: optuna.Study, trial: optuna.Trial, search: Search, plan: Plan, graph: Graph) -> str:
    from optuna.trial import TrialState

    trial.set_user_attr(WORKER, {"host": platform.node(), "pid": os.getpid(), "started": started_at(os.getpid())})
    values = {one.key: suggested(trial, one) for one in graph.training.search}
    try:
        changed = with_values(graph, values)
        _refuse(changed)
        run = create_run(make_job(changed, search.run_folder(trial.number)))
    except RunError as error:
        trial.set_user_attr(REASON, str(error))
        trial.set_user_attr("refused", True)
        study.tell(trial, state=TrialState.PRUNED)
        return f"refused: {error}"
    trial.set_user_attr(RUN, str(run.folder))
    write_notes(run.folder, Notes(("search",), f"Trial {trial.number} of the search {search.folder.name}"))
    outcome = _trained(trial, run, search, plan)
    if outcome.reason:
        trial.set_user_attr(REASON, outcome.reason)
    if outcome.state == "complete":
        study.tell(trial, outcome.value)
        return f"{plan.metric} {outcome.value:.4g}"
    if outcome.state == "stopped":
        _again(study, trial.number, trial.params, trial.set_user_attr)
    study.tell(trial, state=TrialState.PRUNED if outcome.state == "pruned" else TrialState.FAIL)
    return f"{outcome.state}: {outcome.reason}" if outcome.reason else outcome.state


def _refuse(graph: Graph) -> None:
    """Raise RunError, with the first reason, for a graph that cannot be trained: no process is started for it."""
    analysis = analyse(graph)
    for problem in (*analysis.problems, *training_problems(analysis)):
        if problem.severity == "error":
            raise RunError(problem.message, problem.node)


def _trained(trial: optuna.Trial, run: Run, search: Search, plan: Plan) -> _Outcome:
    """Train the trial to its end, or until it is worse than the others, or until the search is asked to stop."""
    best, why, reported, followed = math.nan, "", 0, Followed(run)
    untold: tuple[float, int] | None = None
    words = [sys.executable, "-P", "-m", "runtime.cli", "train", str(run.folder / "project.netloom"), "--run",
             str(run.folder)]  # fmt: skip
    with (run.folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=_PROGRAM,
            env={**os.environ, "PYTHONSAFEPATH": "1", "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        ended = False
        while not ended:
            ended = _ends(process)
            for epoch in (event for event, _ in followed.fresh() if isinstance(event, Epoch)):
                reported = epoch.epoch
                value = epoch.metrics.get(plan.metric)
                if value is None:
                    continue
                best = _better(best, value, plan.higher)
                untold = (value, epoch.epoch)
                if not why and is_told(epoch.epoch):
                    trial.report(*untold)
                    untold = None
                    why = "pruned" if trial.should_prune() else ""
            if not why and search.asked_to_stop:
                why = "stopped"
            if why and not run.asked_to_stop:
                run.ask_to_stop()
    if untold is not None:
        trial.report(*untold)
    return _judged(run, best, why, reported)


def _ends(process: subprocess.Popen[bytes]) -> bool:
    """Wait a moment; whether the process has ended."""
    try:
        process.wait(_LOOK_S)
    except subprocess.TimeoutExpired:
        return False
    return True


def is_told(epoch: int) -> bool:
    """Whether the study is told of this epoch: of two digits, the rest 0 (1 to 99, 100, 110 … 1000, 1100 …).

    It keeps all values of a trial in one record, which it writes anew for each, so that the work grows with the square
    of their number; the epochs are the same for all trials, because they are compared epoch by epoch.
    """
    return set(str(epoch)[2:]) <= {"0"}


def _judged(run: Run, best: float, why: str, reported: int) -> _Outcome:
    status = run.status
    if status == "finished" and not math.isnan(best):
        return _Outcome("complete", best)
    if why == "pruned":
        return _Outcome("pruned", reason=f"Worse than half of the trials after epoch {reported}.")
    if why == "stopped":
        return _Outcome("stopped", reason="The search was stopped.")
    if status == "stopped":
        # A person stopped this run by itself: what it reached is what it is worth.
        return _Outcome("failed" if math.isnan(best) else "complete", best, "This run was stopped by hand.")
    run.mark_died()
    return _Outcome("failed", reason=run.reason or "It ended without a value.")


def _better(old: float, new: float, higher: bool) -> float:
    return new if math.isnan(old) or (new > old) == higher else old


def _take_up(study: optuna.Study, search: Search) -> None:
    """Trials whose worker is gone, by a kill or a power cut, are begun again."""
    from optuna.trial import TrialState

    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        mark = trial.user_attrs.get(WORKER, {})
        if mark.get("host") != platform.node() or started_at(int(mark.get("pid", 0))) == mark.get("started"):
            continue

        def note(name: str, value: Any, number: int = trial._trial_id) -> None:
            study._storage.set_trial_user_attr(number, name, value)

        note(REASON, "Its worker was gone.")
        _again(study, trial.number, trial.params, note)
        study.tell(trial.number, state=TrialState.FAIL)


def _again(study: optuna.Study, number: int, params: dict[str, Any], note: Callable[[str, Any], None]) -> None:
    """The same values are tried again when the search goes on."""
    note("stopped", True)
    if params:
        study.enqueue_trial(params, user_attrs={"again": number})
