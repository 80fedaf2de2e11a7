"""A solver of Caffe: how a network is trained."""

from __future__ import annotations

from runtime.graph import Json
from runtime.importing.imported import Left
from runtime.importing.layers import Solver
from runtime.importing.prototext import Message
from runtime.importing.solvers import schedule_of

_KINDS = {"sgd": "Momentum", "nesterov": "Nesterov", "adam": "Adam", "adagrad": "AdaGrad", "adadelta": "AdaDelta",
          "rmsprop": "RMSprop"}  # fmt: skip
_STEPS = "Caffe counts steps; how many make an epoch depends on the data."


def solver_of(message: Message, net: str, left: list[Left]) -> Solver:
    """The solver of the file; what it has beyond an optimizer node is told in `left`."""
    called = (message.text("type") or message.text("solver_type") or "SGD").casefold()
    kind = _KINDS.get(called, called)
    rate = message.number("base_lr", 0.01)
    if kind == "Adam":
        values = {
            "Alpha": rate, "Beta1": message.number("momentum", 0.9), "Beta2": message.number("momentum2", 0.999),
            "Epsilon": message.number("delta", 1e-8),
        }  # fmt: skip
    elif kind in ("Momentum", "Nesterov"):
        values = {"LearningRate": rate, "Momentum": message.number("momentum")}
    elif kind == "RMSprop":
        values = {"LearningRate": rate, "Decay": message.number("rms_decay", 0.99)}
    else:
        values = {"LearningRate": rate}
    way = message.text("lr_policy", "fixed")
    schedule: dict[str, Json] = {}
    if way == "poly":
        schedule = schedule_of("polynomial", 1.0, 1.0, message.number("power", 1.0), 0.0, left)
    elif way != "fixed":
        named = ("gamma", "power", "stepsize", "stepvalue")
        told = [f"{name} {message.text(name)}" for name in named if message.has(name)]
        what = f"the rate policy “{way}” ({', '.join(told)})" if told else f"the rate policy “{way}”"
        left.append(Left(what, f"{_STEPS} Choose a schedule at the optimizer."))
    if message.has("max_iter"):
        left.append(Left(f"the end after {message.text('max_iter')} steps", f"{_STEPS} Choose the epochs."))
    if message.text("regularization_type", "L2") != "L2":
        left.append(Left("L1 weight decay", "set L1 at the single nodes."))
    decay = message.number("weight_decay") if message.text("regularization_type", "L2") == "L2" else 0.0
    return Solver(net, kind, values, decay, schedule)
