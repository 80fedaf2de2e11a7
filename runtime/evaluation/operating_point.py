"""The threshold at which a run calls a case positive, and the temperature of its probabilities, kept in the run folder.

Both belong to one checkpoint, the best epoch when they were chosen: what was chosen for another epoch is not read.
`operating-point.json` and `temperature.json` hold them. Thresholds are of the probabilities that the network itself
gives, before a temperature. For two classes a case is of the named class when its probability of it is at least the
threshold; of more classes, each named class is a decision of its own. No torch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from runtime.errors import RunError, file_error
from runtime.store import write_safely

_POINT = "operating-point.json"
_TEMPERATURE = "temperature.json"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """`thresholds` by the name of the class or label, each within 0 and 1. `chosen`: "validation" or "user"."""

    thresholds: Mapping[str, float]
    chosen: str
    rule: str  # in words: "the greatest sensitivity + specificity", "sensitivity of at least 0.95", "set by hand"
    epoch: int


@dataclass(frozen=True, slots=True)
class Temperature:
    """What raw scores are divided by before softmax or sigmoid; fitted on so many validation cases."""

    value: float
    cases: int
    epoch: int


def save_operating_point(folder: Path, point: OperatingPoint) -> None:
    """Keep it in the run folder. Raises RunError."""
    for name, threshold in point.thresholds.items():
        if not 0 <= threshold <= 1:
            raise RunError(f"The threshold for {name} is {threshold}; a probability from 0 to 1 fits.")
    _save(folder / _POINT, asdict(point))


def load_operating_point(folder: Path, epoch: int | None = None) -> OperatingPoint | None:
    """The one that was chosen; None when there is none, or none for this epoch. Raises RunError when damaged."""
    found = _load(folder / _POINT, _point)
    return None if found is not None and epoch not in (None, found.epoch) else found


def forget_operating_point(folder: Path) -> None:
    """Go back to the most probable class. Raises RunError."""
    try:
        (folder / _POINT).unlink(missing_ok=True)
    except OSError as error:
        raise RunError(file_error(error)) from error


def save_temperature(folder: Path, temperature: Temperature) -> None:
    """Keep it in the run folder. Raises RunError."""
    _save(folder / _TEMPERATURE, asdict(temperature))


def load_temperature(folder: Path, epoch: int | None = None) -> Temperature | None:
    """The one that was fitted; None when there is none, or none for this epoch. Raises RunError when damaged."""
    found = _load(folder / _TEMPERATURE, _temperature)
    return None if found is not None and epoch not in (None, found.epoch) else found


def _point(content: Mapping[str, Any]) -> OperatingPoint:
    thresholds = {str(name): float(value) for name, value in content["thresholds"].items()}
    return OperatingPoint(thresholds, str(content["chosen"]), str(content["rule"]), int(content["epoch"]))


def _temperature(content: Mapping[str, Any]) -> Temperature:
    return Temperature(float(content["value"]), int(content["cases"]), int(content["epoch"]))


def _save(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps({"format": 1, **content}, indent=1, ensure_ascii=False, allow_nan=False)
    try:
        write_safely(path, (text + "\n").encode("utf-8"))
    except OSError as error:
        raise RunError(file_error(error)) from error


def _load(path: Path, read: Callable[[Mapping[str, Any]], T]) -> T | None:
    try:
        return read(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RunError(file_error(error)) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RunError(f"{path} is damaged: it is not as this program writes it; remove it.") from error
