"""Remedies for settings: back within bounds, back to the default, the nearest value that fits what came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from nodes.settings import Form, Setting, WrongValue
from nodes.spec import NodeType, Unfit
from runtime.analysis import Analysis
from runtime.graph import Json
from runtime.problems import Problem
from runtime.remedies.remedy import Fix, Group, kind_of, shown, type_of
from runtime.surgery import Set, Unset

_FARTHEST = 4096


def wrong_value(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """A value out of bounds goes to the nearest bound; any wrong value back to the default."""
    setting, keys = _setting(problem, analysis), _keys(problem, analysis)
    if setting is None or not keys:
        return
    bound = _nearest_bound(setting, analysis.graph.nodes[problem.node].settings[keys[-1]])
    if bound is not None:
        edits = (Unset(problem.node, keys), Set(problem.node, setting.name, bound))
        yield (Fix(f"Set “{setting.label}” to {shown(bound)}", edits),)
    if bound is None or bound != _json(setting.default):
        yield (Fix(f"Set “{setting.label}” back to {shown(setting.default)}", (Unset(problem.node, keys),)),)


def unknown_setting(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """What no version of the node knows is removed."""
    yield (Fix(f"Remove the setting “{problem.field}”", (Unset(problem.node, (problem.field,)),)),)


def unfit_value(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """A setting that does not fit what came: padding "same", the nearest number that fits, or the default."""
    setting, kind = _setting(problem, analysis), kind_of(analysis, problem.node)
    if setting is None or kind is None or setting.learned or setting.form in (Form.FOLDER, Form.FILE):
        return
    inputs = analysis.facts[problem.node].inputs
    changes: list[tuple[str, Json]] = []
    if getattr(kind, "padding", "same") != "same":
        changes.append(("padding", "same"))
    nearest = _nearest(kind, setting, inputs)
    if nearest is not None:
        changes.append((setting.name, nearest))
    elif getattr(kind, setting.name) != setting.default:
        changes.append((setting.name, _json(setting.default)))
    labels = {setting.name: setting.label for setting in type(kind).settings()}
    for name, value in changes:
        yield (Fix(f"Set “{labels[name]}” to {shown(value)}", (Set(problem.node, name, value),)),)


def _nearest(kind: NodeType, setting: Setting, inputs: Mapping[str, Any]) -> int | None:
    """The whole number next to the present one with which the node takes its inputs; None when there is none."""
    now = getattr(kind, setting.name)
    if setting.form not in (Form.INTEGER, Form.SIZE) or isinstance(now, bool) or not now:
        return None
    now = max(now) if isinstance(now, tuple) else int(now)
    low, high = int(setting.low or 0), int(min(setting.high or _FARTHEST, now + _FARTHEST))
    around = chain.from_iterable((now - step, now + step) for step in range(_FARTHEST))
    return next((value for value in around if low <= value <= high and _takes(kind, setting, value, inputs)), None)


def _takes(kind: NodeType, setting: Setting, value: int, inputs: Mapping[str, Any]) -> bool:
    changed: NodeType = replace(kind, **{setting.name: value})  # type: ignore[type-var]
    try:
        changed.infer(**inputs)
    except Unfit:
        return False
    return True


def _nearest_bound(setting: Setting, raw: object) -> Json:
    try:
        value = replace(setting, low=None, high=None).read(raw)
    except WrongValue:
        return None
    parts = [_clamped(setting, part) for part in (value if isinstance(value, tuple) else (value,))]
    return _json(tuple(parts)) if isinstance(value, tuple) else _json(parts[0])


def _clamped(setting: Setting, value: Any) -> Any:
    if setting.low is not None and value < setting.low:
        return type(value)(setting.low)
    if setting.high is not None and value > setting.high:
        return type(value)(setting.high)
    return value


def _setting(problem: Problem, analysis: Analysis) -> Setting | None:
    kind = type_of(analysis, problem.node)
    return next((one for one in kind.settings() if one.name == problem.field), None) if kind is not None else None


def _keys(problem: Problem, analysis: Analysis) -> tuple[str, ...]:
    """The names under which the setting is stored: that of today, and older ones."""
    kind = type_of(analysis, problem.node)
    stored = analysis.graph.nodes[problem.node].settings
    return tuple(key for key in stored if kind is not None and kind.renamed.get(key, key) == problem.field)


def _json(value: Any) -> Json:
    return [_json(part) for part in value] if isinstance(value, tuple) else value
