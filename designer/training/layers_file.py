"""The histograms of a run's layers, as the training process wrote them when it last looked at the gradients."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = "layers.json"
"""As `runtime.layer_facts` writes it, which the window does not import: it needs torch."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often numbers lie in each of equal steps from `low` to `high`."""

    low: float
    high: float
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LayersFile:
    """By node id: names, and the histograms that there are."""

    epoch: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, Histogram] = field(default_factory=dict)
    gradients: Mapping[str, Histogram] = field(default_factory=dict)


def changed_at(folder: Path) -> int:
    """When the file was last written; 0 where there is none."""
    try:
        return (folder / FILE).stat().st_mtime_ns
    except OSError:
        return 0


def read_layers(folder: Path) -> LayersFile:
    """The file of a run folder; empty where there is none, or none that this program wrote."""
    try:
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        layers = [layer for layer in content["layers"] if isinstance(layer["node"], str)]
        return LayersFile(
            int(content["epoch"]),
            {layer["node"]: str(layer["name"]) for layer in layers},
            _histograms(layers, "weights"),
            _histograms(layers, "gradients"),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return LayersFile()


def _histograms(layers: list[dict[str, Any]], of: str) -> dict[str, Histogram]:
    return {layer["node"]: _histogram(layer[of]) for layer in layers if layer.get(of) is not None}


def _histogram(told: Mapping[str, Any]) -> Histogram:
    low, high = float(told["low"]), float(told["high"])
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("a histogram without bounds")
    return Histogram(low, high, tuple(int(count) for count in told["counts"]))
