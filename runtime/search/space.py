"""Ranges on a graph: what can be searched, whether it fits, and the graph with values of one trial. No Optuna."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

import nodes  # noqa: F401 (fills the registry)
from nodes.settings import Form, Setting
from runtime.errors import RunError
from runtime.expressions import is_expression
from runtime.graph import Graph, Json, Node
from runtime.ranges import Choice, Range, faults_of
from runtime.training_values import SAMPLINGS, read_training, training_faults

TRAINING = ""
"""Stands for the training settings in the place of a node's id."""

_TRAINED_WITH = {
    "batch": "batch size", "epochs": "epochs", "accumulate": "batches added up", "clip": "length of gradients",
    "ema": "mean of weights", "seed": "seed", "sampling": "sampling",
}  # fmt: skip
_FIRST = {
    "sampling": Range(TRAINING, "sampling", "choice", choices=SAMPLINGS),
    "ema": Range(TRAINING, "ema", "choice", choices=(0.0, 0.99, 0.999)),  # without a mean, or over 100 or 1000 steps
    "clip": Range(TRAINING, "clip", low=0.1, high=10.0, log=True),
}
"""First ranges of training settings that half to double of the present value would not suit."""

_FORMS = (Form.INTEGER, Form.NUMBER, Form.CHOICE, Form.SWITCH, Form.SIZE)


def settings_of(node: Node, graph: Graph) -> tuple[Setting, ...]:
    """The settings of a node that a search may change."""
    kind = graph.find(node.type)
    declared = kind.settings() if kind is not None else ()
    return tuple(one for one in declared if one.form in _FORMS and not one.learned)


def searchable(graph: Graph) -> dict[tuple[str, str], str]:
    """All that a search may change, by node id (or TRAINING) and setting, with what people call it."""
    found = {(TRAINING, name): f"{words} (training)" for name, words in _TRAINED_WITH.items()}
    for node in graph.nodes.values():
        for one in settings_of(node, graph):
            found[node.id, one.name] = f"{_within(one.label)} of “{node.name}”"
    return found


def title_of(one: Range, graph: Graph) -> str:
    """What people call the setting of a range."""
    return searchable(graph).get((one.node, one.setting)) or f"{one.setting} of {one.node or 'the training'}"


def proposed(node_id: str, name: str, graph: Graph) -> Range:
    """A first range for a setting, around its present value. Raises KeyError for what cannot be searched."""
    value = current(node_id, name, graph)
    if node_id == TRAINING:
        return _FIRST.get(name) or _around(Range(node_id, name), value, None)
    node = graph.nodes[node_id]
    declared = next(one for one in settings_of(node, graph) if one.name == name)
    if declared.form is Form.CHOICE:
        return Range(node_id, name, "choice", choices=declared.choices)
    if declared.form is Form.SWITCH:
        return Range(node_id, name, "choice", choices=(False, True))
    return _around(Range(node_id, name), value, declared)


def current(node_id: str, name: str, graph: Graph) -> Json:
    """The present value of a setting."""
    if node_id == TRAINING:
        value: Json = getattr(graph.training, name)
        return value
    node = graph.nodes[node_id]
    declared = next(one for one in settings_of(node, graph) if one.name == name)
    return node.settings.get(name, declared.default)


def faults(graph: Graph) -> Iterator[str]:
    """What of the project's ranges cannot be searched, one sentence each."""
    known, seen = searchable(graph), set()
    if not graph.training.search:
        yield "Nothing is to be searched yet; choose a setting and its range first."
    for one in graph.training.search:
        title = title_of(one, graph)
        if (one.node, one.setting) not in known:
            yield f"The search names {title}, which is not there any more; remove this range."
        elif one.key in seen:
            yield f"The search names {title} twice; keep one of the ranges."
        else:
            yield from (f"The range of {title} does not fit: {fault}." for fault in range_faults(one))
        seen.add(one.key)


def range_faults(one: Range) -> Iterator[str]:
    """What of a range cannot be searched, one sentence each, without the name of the setting and the full stop.

    Values of training settings are tried on their own; those of nodes are judged by analysis, trial by trial.
    """
    found = list(faults_of(one))
    yield from found
    if one.node != TRAINING or found:
        return
    ends = one.choices if one.kind == "choice" else (_typed(one, one.low), _typed(one, one.high))
    for value in ends:
        try:
            told = next(training_faults(read_training({one.setting: value})), "")
        except ValueError as error:
            told = str(error)
        if told:
            yield told.removesuffix(".")


def _typed(one: Range, value: float) -> Choice:
    return int(value) if one.kind == "whole number" else float(value)


def with_values(graph: Graph, values: Mapping[str, Choice]) -> Graph:
    """The graph with the values of one trial, by the keys of its ranges. Raises RunError for training settings that
    fit nothing; settings of nodes may be wrong, which analysis tells.
    """
    nodes_, training = dict(graph.nodes), asdict(graph.training)
    for key, value in values.items():
        node_id, _, name = key.rpartition(".")
        if node_id == TRAINING:
            training[name] = value
        elif node_id in nodes_:
            node = nodes_[node_id]
            nodes_[node_id] = replace(node, settings={**node.settings, name: value})
    try:
        trained = read_training(training)
    except ValueError as error:
        raise RunError(f"The {error}.") from error
    for fault in training_faults(trained):
        raise RunError(fault)
    return replace(graph, nodes=nodes_, training=trained)


def parsed(text: str, graph: Graph) -> Range:
    """A range as written on the command line: NODE.SETTING=LOW..HIGH, with “log” behind, or =A,B,C. Raises ValueError.

    NODE is a node's name or id, or “training”.
    """
    place, sign, wanted = text.partition("=")
    where, dot, name = place.strip().rpartition(".")
    if not (sign and dot and wanted.strip()):
        raise ValueError(f"“{text}” is no range; write NODE.SETTING=LOW..HIGH or NODE.SETTING=A,B,C.")
    ids = [TRAINING] if where == "training" else _ids(where, graph)
    if len(ids) != 1 or (ids[0], name) not in searchable(graph):
        many = f"{len(ids)} nodes are called “{where}”: use an id"
        raise ValueError(f"“{place}” is not clear: {many if len(ids) > 1 else 'no such setting can be searched'}.")
    made = _values(proposed(ids[0], name, graph), wanted.strip())
    for fault in range_faults(made):
        raise ValueError(f"The range of {place} does not fit: {fault}.")
    return made


def _ids(name: str, graph: Graph) -> list[str]:
    return [name] if name in graph.nodes else [node.id for node in graph.nodes.values() if node.name == name]


def _values(made: Range, wanted: str) -> Range:
    if ".." not in wanted:
        return replace(made, kind="choice", choices=tuple(_plain(part.strip()) for part in wanted.split(",")))
    ends, log = wanted.removesuffix("log").strip(), wanted.endswith("log")
    low, _, high = ends.partition("..")
    try:
        numbers = float(low), float(high)
    except ValueError:
        raise ValueError(f"“{wanted}” is no range; write two numbers with .. between them.") from None
    kind = made.kind if made.kind != "choice" else "number"
    return replace(made, kind=kind, low=numbers[0], high=numbers[1], log=log, choices=())


def _plain(text: str) -> Choice:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | float | str) else text


def _around(made: Range, value: Json, declared: Setting | None) -> Range:
    """Half to double of whole numbers, a tenth to ten times of numbers; shares of 1 from 0 to 0.6."""
    if declared is not None and (is_expression(value) or isinstance(value, str | list | tuple)):
        value = declared.default if isinstance(declared.default, int | float) else 3
    number = float(value) if isinstance(value, int | float) else 1.0
    low, high = _limits(declared)
    whole = declared.form in (Form.INTEGER, Form.SIZE) if declared is not None else isinstance(value, int)
    if whole:
        least = max(low, 1.0 if number >= 1 else 0.0)
        return replace(made, kind="whole number", low=max(least, number // 2), high=min(high, max(2.0, number * 2)))
    if declared is not None and declared.high is not None and declared.high <= 1:
        return replace(made, low=max(low, 0.0), high=min(high, 0.6))
    if number <= 0:
        return replace(made, low=max(low, 0.0), high=min(high, 1.0))
    return replace(made, low=max(low, number / 10), high=min(high, number * 10), log=True)


def _limits(declared: Setting | None) -> tuple[float, float]:
    low = declared.low if declared is not None and declared.low is not None else 0.0
    return low, declared.high if declared is not None and declared.high is not None else float("inf")


def _within(label: str) -> str:
    short = label.partition(" (")[0]
    return short if short[:2].isupper() else short[:1].lower() + short[1:]


def readable(value: Choice) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
