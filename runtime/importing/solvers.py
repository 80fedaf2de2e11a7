"""Foreign solvers as optimizer nodes."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.graph import Json
from runtime.importing.imported import Left
from runtime.importing.layers import Solver

_KINDS: Mapping[str, str] = {
    "adam": "adam", "adamw": "adamw", "adamax": "adamax", "amsgrad": "adam", "nadam": "nadam", "radam": "radam",
    "momentum": "sgd", "nesterov": "sgd", "sgd": "sgd", "adadelta": "adadelta", "adagrad": "adagrad",
    "rmsprop": "rmsprop",
}  # fmt: skip
_NAMES: Mapping[str, Mapping[str, str]] = {
    "adam": {"alpha": "rate", "beta1": "beta1", "beta2": "beta2", "epsilon": "epsilon", "eps": "epsilon"},
    "sgd": {"learningrate": "rate", "lr": "rate", "momentum": "momentum"},
    "adadelta": {"learningrate": "rate", "lr": "rate", "decay": "memory", "epsilon": "epsilon", "eps": "epsilon"},
    "adagrad": {"learningrate": "rate", "lr": "rate", "epsilon": "epsilon", "eps": "epsilon"},
    "rmsprop": {"learningrate": "rate", "lr": "rate", "decay": "memory", "epsilon": "epsilon", "eps": "epsilon"},
}
_LIKE_ADAM = frozenset({"adam", "adamw", "adamax", "nadam", "radam"})


def optimizer_of(solver: Solver, left: list[Left]) -> tuple[str, dict[str, Json]]:
    """The optimizer node of a solver and its settings; what it has beyond that is told in `left`."""
    called = solver.kind.casefold()
    kind = _KINDS.get(called)
    if kind is None:
        left.append(Left(f"the solver “{solver.kind}”", "it has no counterpart; Adam stands in its place."))
        kind = "adam"
    names = _NAMES["adam" if kind in _LIKE_ADAM else kind]
    settings: dict[str, Json] = {}
    for name, value in solver.values.items():
        if name.casefold() in names:
            settings[names[name.casefold()]] = value
        else:
            left.append(Left(f"the setting {name} = {value:g} of “{solver.kind}”", f"{kind} has no such setting."))
    if solver.weight_decay:
        settings["weight_decay"] = solver.weight_decay
    if called == "sgd":
        settings.setdefault("momentum", 0.0)
    if called == "nesterov":
        settings["nesterov"] = True
    if called == "amsgrad":
        settings["amsgrad"] = True
    return kind, settings | dict(solver.schedule)


def schedule_of(
    way: str, factor: float, every: float, power: float, warm_up: float, left: list[Left]
) -> dict[str, Json]:
    """The settings of an optimizer node for a schedule: `every` and `warm_up` in epochs."""
    settings: dict[str, Json] = {"warm_up": round(warm_up)} if warm_up >= 0.5 else {}
    if warm_up and warm_up < 0.5:
        left.append(Left("the warm-up of the learning rate", "it is shorter than half an epoch, and left out."))
    match way:
        case "cosine":
            return settings | {"schedule": "cosine"}
        case "polynomial":
            return settings | {"schedule": "polynomial", "power": power}
        case "exponential" | "step" if factor != 1:
            return settings | _lowered(factor, every, left)
    return settings


def _lowered(factor: float, every: float, left: list[Left]) -> dict[str, Json]:
    """A rate that is multiplied by the factor after so many epochs each time."""
    if not 0 < factor < 1:
        left.append(Left(f"a learning rate that is multiplied by {factor:g}", "rates can only be lowered here."))
        return {}
    if every >= 1:
        if abs(every - round(every)) > 0.02 * every:
            left.append(Left(f"a rate that is lowered every {every:.2f} epochs", f"here it is every {round(every)}."))
        return {"schedule": "step", "step_every": max(1, round(every)), "factor": factor}
    return {"schedule": "exponential", "factor": factor ** (1 / every)}
