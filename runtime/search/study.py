"""The study of a search: what was tried and what came of it, kept by Optuna in a file that several workers share."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runtime.errors import RunError
from runtime.ranges import Choice, Range
from runtime.search.folder import Plan, Search

if TYPE_CHECKING:
    import optuna

REASON, RUN, WORKER = "reason", "run", "worker"
_NAME = "search"
_STARTUP = 5  # trials that are drawn by chance, and whose curves are seen whole, before TPE and pruning begin


@dataclass(frozen=True, slots=True)
class TrialFacts:
    """One row of the table. `state` is running, complete, pruned, refused, failed or stopped."""

    number: int
    state: str
    value: float | None
    values: Mapping[str, Choice]
    run: str = ""
    reason: str = ""
    epochs: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """Where a search stands."""

    plan: Plan
    ranges: tuple[Range, ...]
    trials: tuple[TrialFacts, ...] = ()
    best: int | None = None
    importances: Mapping[str, float] = field(default_factory=dict)

    @property
    def counted(self) -> int:
        """How many trials count towards the number wanted: those that were stopped are begun again."""
        return sum(trial.state != "stopped" for trial in self.trials)


def open_study(search: Search) -> optuna.Study:
    """The study, made when there is none. Raises RunError when Optuna is missing or the study cannot be read."""
    try:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
    except ImportError as error:
        raise RunError("Searching needs the package optuna, which is not installed here.") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    plan = search.plan
    file = str(search.journal)
    lock = JournalFileOpenLock(file) if sys.platform == "win32" else None
    try:
        return optuna.create_study(
            storage=JournalStorage(JournalFileBackend(file, lock_obj=lock)),
            study_name=_NAME,
            load_if_exists=True,
            direction="maximize" if plan.higher else "minimize",
            sampler=sampler_of(plan),
            pruner=_pruner(plan),
        )
    except (OSError, ValueError) as error:
        raise RunError(f"The study {file} cannot be read: {error}.") from error


def sampler_of(plan: Plan, trial: int = 0) -> optuna.samplers.BaseSampler:
    """What draws the values of a trial. It is seeded by the trial's number: workers that share a study never draw
    alike, and a search with one worker repeats.
    """
    import optuna

    seed = (plan.seed + trial) % 2**32
    if plan.sampler == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=_STARTUP)


def _pruner(plan: Plan) -> optuna.pruners.BasePruner:
    import optuna

    return optuna.pruners.MedianPruner(_STARTUP, n_warmup_steps=1) if plan.pruning else optuna.pruners.NopPruner()


def suggested(trial: optuna.Trial, one: Range) -> Choice:
    """The value of a range in a trial."""
    if one.kind == "choice":
        picked = trial.suggest_categorical(one.key, list(one.choices))
        return one.choices[0] if picked is None else picked
    if one.kind == "whole number":
        return trial.suggest_int(one.key, int(one.low), int(one.high), log=one.log)
    return trial.suggest_float(one.key, one.low, one.high, log=one.log)


def state_of(search: Search) -> State:
    """Where the search stands. Raises RunError and ProjectError."""
    plan, ranges = search.plan, search.graph.training.search
    if not search.journal.exists():
        return State(plan, ranges)
    study = open_study(search)
    found = tuple(map(_facts, study.get_trials(deepcopy=False)))
    trials = tuple(trial for trial in found if trial.state != "waiting")
    done = [trial for trial in trials if trial.state == "complete" and trial.value is not None]
    sign = -1 if plan.higher else 1
    best = min(done, key=lambda trial: sign * (trial.value or 0.0)).number if done else None
    return State(plan, ranges, trials, best, _importances(study, len(done)))


def _facts(trial: optuna.trial.FrozenTrial) -> TrialFacts:
    told: dict[str, Any] = trial.user_attrs
    reason = str(told.get(REASON, ""))
    state = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed", "WAITING": "waiting"}.get(
        trial.state.name, "running"
    )
    seen = trial.intermediate_values
    value = trial.value if state == "complete" else seen[max(seen)] if seen else None
    if told.get("refused"):
        state, value = "refused", None
    elif told.get("stopped"):
        state = "stopped"
    epochs = max(seen, default=0)
    return TrialFacts(trial.number, state, value, dict(trial.params), str(told.get(RUN, "")), reason, epochs)


def _importances(study: optuna.Study, done: int) -> dict[str, float]:
    """How much of the differences between trials each setting explains; nothing before there is enough to tell."""
    import optuna

    if done < _STARTUP:
        return {}
    try:
        return dict(optuna.importance.get_param_importances(study))
    except (ValueError, RuntimeError):  # all trials alike
        return {}
