"""Arguments on the main sheet: numbers of the whole drawing, which the settings of its nodes are computed from."""

from __future__ import annotations

from collections.abc import Iterable

from nodes.blocks import Argument, is_argument_name
from nodes.spec import Unfit
from runtime.graph import Json, Node
from runtime.problems import Problem


def drawing_arguments(nodes: Iterable[Node]) -> tuple[dict[str, Json], list[Problem]]:
    """The value of each argument among the nodes of the main sheet, and what is wrong with them."""
    given: dict[str, Json] = {}
    told: list[Problem] = []
    for node in nodes:
        if node.type != Argument.id:
            continue
        read, wrong = Argument.read(node.settings)
        told += [Problem(node.id, name, "error", message, "setting") for name, message in wrong.items()]
        if not is_argument_name(node.name):
            message = f"“{node.name}” cannot be used in an expression; letters, digits and _ fit, such as width."
            told.append(Problem(node.id, "", "error", message, "argument_name"))
        try:
            given[node.name] = read.value()
        except Unfit as error:
            told.append(Problem(node.id, error.field, "error", str(error), "setting"))
            if read.kind == "whole number" and (near := read.nearest()) is not None:
                given[node.name] = near  # so that the argument alone is named, and not all that is computed from it
    return given, told
