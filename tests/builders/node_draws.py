"""Settings and inputs for a node type, drawn from nothing but its declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from nodes.boxes import LISTED
from nodes.roles import Loss, Metric
from nodes.settings import Form, Setting
from nodes.spec import Kind, NodeType, Port, Shape, Target, Value

_REACH = 7  # how far above its lowest value a number is drawn
_NAMES = ("a", "b", "c", "d")


def nodes_of(kind: type[NodeType]) -> st.SearchStrategy[NodeType]:
    """Nodes of the type with settings around their defaults and at their bounds."""
    drawn = {setting.name: _values(setting) for setting in kind.settings() if not setting.learned}
    return st.fixed_dictionaries({}, optional=drawn).map(lambda raw: _read(kind, raw))


def _read(kind: type[NodeType], raw: Mapping[str, object]) -> NodeType:
    node, wrong = kind.read(raw)
    assert not wrong, wrong
    return node


def _values(setting: Setting) -> st.SearchStrategy[Any]:
    match setting.form:
        case Form.INTEGER:
            return _integers(setting)
        case Form.NUMBER:
            return _numbers(setting)
        case Form.SWITCH:
            return st.booleans()
        case Form.CHOICE:
            return st.sampled_from(setting.choices)
        case Form.SIZE:
            return _integers(setting) | st.lists(_integers(setting), min_size=1, max_size=3)
        case Form.INTEGERS:
            orders = st.integers(1, 4).flatmap(lambda count: st.permutations(range(1, count + 1)))
            return st.lists(_integers(setting), max_size=4) | orders
        case Form.NUMBERS:
            return st.lists(_numbers(setting), max_size=4)
    return (
        st.sampled_from((setting.default, "b", "no such name"))
        if setting.form in (Form.TEXT, Form.PART)
        else st.just(setting.default)
    )


def _integers(setting: Setting) -> st.SearchStrategy[int]:
    low = -2 if setting.low is None else int(setting.low)
    high = low + _REACH if setting.high is None else min(int(setting.high), low + _REACH)
    return st.integers(low, high)


def _numbers(setting: Setting) -> st.SearchStrategy[float]:
    low = -2.0 if setting.low is None else float(setting.low)
    high = low + _REACH if setting.high is None else float(setting.high)
    return st.floats(low, min(high, low + 200)) | st.sampled_from((low, high))


@st.composite
def inputs_of(draw: st.DrawFn, kind: type[NodeType]) -> dict[str, Value | tuple[Value, ...]]:
    """Inputs for every port: shapes of the ranks that the port takes, and targets that belong to them."""
    given: dict[str, Any] = {}
    before: Shape | None = None
    for number, port in enumerate(kind.inputs):
        if port.kind is not Kind.TENSOR:
            continue
        around = kind.example[number] if number < len(kind.example) else (3, 8, 8)
        first = draw(_shapes(port, around if isinstance(around, tuple) else (3, 8, 8))) if before is None else before
        values = [draw(_like(first, exact=before is None)) if count else first for count in range(_wires(draw, port))]
        given[port.name] = tuple(values) if port.many else (first if before is None else draw(_like(before)))
        before = first
    for port in kind.inputs:
        if port.kind is Kind.TARGET:
            given[port.name] = draw(_targets(port, before or (3,)))
    if issubclass(kind, Loss | Metric):
        given["prediction"] = draw(_predictions(given["target"], given["prediction"]))
    return {port.name: given[port.name] for port in kind.inputs}


def _wires(draw: st.DrawFn, port: Port) -> int:
    return draw(st.integers(1, 3)) if port.many else 1


def _shapes(port: Port, example: Shape) -> st.SearchStrategy[Shape]:
    ranks = port.rank or (len(example),)
    drawn = [_sides(rank).map(tuple) for rank in ranks]
    return st.one_of(*drawn, *([st.just(example)] if len(example) in ranks else []))


def _sides(rank: int) -> st.SearchStrategy[tuple[int, ...]]:
    side = st.integers(1, 6 if rank == 4 else 12)
    return st.tuples(st.integers(1, 6), *[side] * (rank - 1))


@st.composite
def _like(draw: st.DrawFn, shape: Shape, exact: bool = False) -> Shape:
    """Mostly the same shape, else one that differs at one axis, else one with fewer axes."""
    if not draw(st.integers(0, 2)):
        return shape
    at = draw(st.integers(-1, len(shape) - 1))
    if at < 0:
        return shape[:-1] or shape
    return (*shape[:at], draw(st.sampled_from((1, shape[at], shape[at] + 1))), *shape[at + 1 :])


@st.composite
def _targets(draw: st.DrawFn, port: Port, prediction: Shape) -> Target:
    label = draw(st.sampled_from(port.labels or ("class", "number", "mask", "image")))
    if label == "number":
        count = draw(st.integers(1, 3))
        names = _NAMES[:count] if count > 1 else ()
        return Target("number", (count,), names, spreads=draw(st.sampled_from(((), (0.5,) * count))))
    if label == "image":
        return Target("image", prediction)
    count = draw(st.integers(2, 4))
    if label == "labels":
        return Target("labels", (count,), _NAMES[:count], tuple(range(5, 5 + count)))
    if label == "boxes":
        return Target("boxes", (draw(st.integers(1, 5)), 5), _NAMES[:count], tuple(range(5, 5 + count)))
    spatial = prediction[1:] if len(prediction) > 1 else (4, 4)
    return Target(label, spatial if label == "mask" else (), _NAMES[:count], tuple(range(5, 5 + count)))


def _predictions(target: Target, shape: Shape) -> st.SearchStrategy[Shape]:
    """Predictions that belong to the target, and now and then one that does not."""
    if target.label == "boxes":
        boxes = (LISTED + len(target.classes), 12)
        return st.sampled_from((boxes, boxes, (LISTED, 12), shape))
    fitting = target.shape if target.label in ("number", "image", "labels") else (len(target.classes), *target.shape)
    return st.sampled_from((fitting, (1, *target.shape), fitting, shape))
