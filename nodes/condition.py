"""The label of a case as what a network is given, and not as what it has to find out."""

from __future__ import annotations

from nodes.judged import class_count
from nodes.roles import Condition
from nodes.spec import Call, Kind, Port, Shape, Target, function


class OneHot(
    Condition, id="one_hot", title="Class as input",
    words="one-hot one hot condition conditional gan label encode wanted",
):  # fmt: skip
    """Gives the class of each case to the network, as one number for each class: 1 for its own and 0 for all others.
    The network then makes what is wanted of it, instead of finding out what it is.

    Join it with other features by Concatenate. The exported model takes these numbers as an input. Never lead it to a
    network that has to find out the same class. Term: one-hot encoding, conditioning (Mirza and Osindero, 2014;
    arXiv:1411.1784).
    """

    inputs = (Port("target", Kind.TARGET, labels=("class",), label="Class"),)
    example = (Target("class", (), ("a", "b", "c"), (40, 40, 20)),)

    def infer(self, target: Target) -> Shape:
        return (class_count(target),)

    def call(self, target: Target) -> Call:
        return function("runtime.modules.losses.one_hot", channels=len(target.classes))
