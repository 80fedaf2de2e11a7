"""The short model card that travels inside an exported file: what was learned, from how much, how well. No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from runtime.analysis import Analysis
from runtime.data.catalogue import PARTS
from runtime.splits import SavedSplit

_VALIDATION = "validation_"
_LIMITS = (
    "Tested on cases like those that trained it, and on nothing else: another scanner, hospital, group of patients or "
    "way of taking images may change its answers."
)


def card_of(analysis: Analysis, split: SavedSplit, epoch: int, metrics: Mapping[str, float]) -> dict[str, Any]:
    """Task, size, number of cases in each part, epoch, what validation measured, versions. It names nobody."""
    tasks = [meaning.task for meaning in analysis.meanings.values() if meaning.task]
    return {
        "task": ", ".join(dict.fromkeys(tasks)),
        "parameters": analysis.parameters,
        "cases": {part: len(split.parts[part]) for part in PARTS},
        "epoch": epoch,
        "measured": _of_validation(metrics),
        "made_with": {name: _version(name) for name in ("netloom", "torch")},
        "limits": _LIMITS,
    }


def _of_validation(metrics: Mapping[str, float]) -> dict[str, float]:
    own = {name.removeprefix(_VALIDATION): value for name, value in metrics.items() if name.startswith(_VALIDATION)}
    return {name: value for name, value in own.items() if math.isfinite(value)}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from its source, without having been installed
        return "not installed"
