"""Whether a drawing brings images to what given weights expect, and the change that makes it so. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

from nodes.preparation import Normalise, Window
from nodes.roles import DataSource
from runtime.analysed import Analysis
from runtime.graph import MAIN, Json
from runtime.remedies.remedy import Fix
from runtime.surgery import Set
from runtime.weights.namings.naming import IMAGENET, Expected

_COLOURS = 3


def is_prepared(analysis: Analysis, expected: Expected) -> bool:
    """Whether there is a Normalise, and each does what these weights expect (for grey, as the mean of the colours)."""
    found = _normalisers(analysis)
    return bool(found) and all(_does(analysis, node_id, kind, expected) for node_id, kind in found.items())


def preparing_fix(analysis: Analysis, expected: Expected) -> Fix | None:
    """The change of every Normalise on the main sheet that brings images to what the weights expect.

    The range of values that comes in is that of the node's settings, 0 to 255 as usual, and 0 to 1 behind a Window.
    None where that is so already, where there is none, and where it lies in a block.
    """
    edits: list[Set] = []
    for node_id, kind in _normalisers(analysis).items():
        if analysis.graph.nodes[node_id].sheet != MAIN:
            return None
        if not _does(analysis, node_id, kind, expected):
            edits += [Set(node_id, name, value) for name, value in _settings(analysis, node_id, kind, expected).items()]
    return Fix(f"Normalise to {expected.title}", tuple(edits)) if edits else None


def _normalisers(analysis: Analysis) -> dict[str, Normalise]:
    kinds = ((node_id, facts.type) for node_id, facts in analysis.facts.items() if facts.inputs)
    return {node_id: kind for node_id, kind in kinds if isinstance(kind, Normalise)}


def _does(analysis: Analysis, node_id: str, kind: Normalise, expected: Expected) -> bool:
    low, high = _range(analysis, node_id, kind)
    channels = _channels(analysis, node_id)
    if kind.method == "as ImageNet":
        return expected == IMAGENET and (kind.low, kind.high) == (low, high)
    if kind.method != "mean and spread given":
        return False
    wanted = _given(expected, low, high, channels)
    pairs = zip(wanted, (kind.mean, kind.spread), strict=True)
    return all(isclose(one, own, rel_tol=1e-3) for wants, has in pairs for one, own in _each(wants, has))


def _each(wanted: Sequence[float], given: Sequence[float]) -> list[tuple[float, float]]:
    wide = max(len(wanted), len(given))
    return [(wanted[place % len(wanted)], given[place % len(given)]) for place in range(wide)]


def _settings(analysis: Analysis, node_id: str, kind: Normalise, expected: Expected) -> dict[str, Json]:
    low, high = _range(analysis, node_id, kind)
    if expected == IMAGENET:
        return {"method": "as ImageNet", "low": low, "high": high}
    mean, spread = _given(expected, low, high, _channels(analysis, node_id))
    return {"method": "mean and spread given", "mean": [*mean], "spread": [*spread]}


def _given(expected: Expected, low: float, high: float, channels: int) -> tuple[list[float], list[float]]:
    """Mean and spread in the values that come in."""
    found = []
    for numbers, start in ((expected.mean, low), (expected.spread, 0.0)):
        own = numbers if channels == _COLOURS else (sum(numbers) / len(numbers),)
        found.append([start + (high - low) * one for one in own])
    return found[0], found[1]


def _range(analysis: Analysis, node_id: str, kind: Normalise) -> tuple[float, float]:
    """The values that come in and are to become 0 and 1: the node's own, or where it says nothing, the pictures'."""
    plain, _ = Normalise.read({})
    usual = (kind.low, kind.high) == (plain.low, plain.high)
    waiting = [node_id]
    while waiting:
        for wire in analysis.graph.wires_into(waiting.pop()):
            before = analysis.facts[wire.source].type
            if isinstance(before, Window):
                return 0.0, 1.0
            top: int = getattr(before, "top", 0)
            if isinstance(before, DataSource) and usual and top > 0:
                return 0.0, float(top)
            waiting.append(wire.source)
    return kind.low, kind.high


def _channels(analysis: Analysis, node_id: str) -> int:
    return (analysis.facts[node_id].shape or (0,))[0]
