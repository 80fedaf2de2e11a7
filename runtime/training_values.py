"""Training settings as files hold them: read with distrust, and told in words where their values fit nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, get_args

from runtime.devices import device_faults
from runtime.graph import Compiled, MatchedBy, Precision, Sampling, SplitBy, Training
from runtime.ranges import read_ranges

SPLITS: tuple[str, ...] = get_args(SplitBy)
PRECISIONS: tuple[str, ...] = get_args(Precision)
COMPILED: tuple[str, ...] = get_args(Compiled)
SAMPLINGS: tuple[str, ...] = get_args(Sampling)
MATCHED_BY: tuple[str, ...] = get_args(MatchedBy)
MOST_EMA = 0.999999
MOST_FACTOR = 1000.0
_CHOICES = {
    "split": SPLITS, "precision": PRECISIONS, "compile": COMPILED, "sampling": SAMPLINGS, "weights_by": MATCHED_BY,
}  # fmt: skip
_LEAST = {
    "epochs": 1, "batch": 1, "seed": 0, "patience": 0, "folds": 0, "fold": 1, "accumulate": 1, "loaded_frozen": 0,
}  # fmt: skip
_MOST = {
    "epochs": 1_000_000, "batch": 1_000_000, "seed": 2**63 - 1, "patience": 1_000_000, "folds": 1000, "fold": 1000,
    "accumulate": 1_000_000, "loaded_frozen": 1_000_000,
}  # fmt: skip
_AMOUNTS = {"clip": 1e9, "ema": MOST_EMA, "minutes": 1e7, "loaded_rate": MOST_FACTOR}  # decimals from 0 to this


def read_training(read: Mapping[str, Any]) -> Training:
    """The training settings in a group of names as JSON gives it; what is missing is as usual, other names are unused.

    Raises ValueError, its text beginning with the setting's name, for a value of the wrong kind.
    """
    usual = asdict(Training())
    known = {name: value for name, value in read.items() if name in usual}
    for name, value in known.items():
        if name == "parts":
            known[name] = _shares(value)
        elif name == "search":
            known[name] = read_ranges(value)
        elif name in _AMOUNTS and type(value) is int:
            known[name] = float(value)
        elif type(value) is not type(usual[name]):
            raise ValueError(f"{name} is {json.dumps(value)[:40]}")
    for name, fit in _CHOICES.items():
        if known.get(name, fit[0]) not in fit:
            raise ValueError(f"{name} is {json.dumps(known[name])[:40]}, where one of {', '.join(fit)} should be")
    return Training(**known)


def _shares(value: object) -> tuple[float, float, float]:
    numbers = value if isinstance(value, list | tuple) else ()
    if len(numbers) != 3 or not all(isinstance(part, int | float) and not isinstance(part, bool) for part in numbers):
        raise ValueError(f"parts is {json.dumps(value)[:40]}, where three numbers should be")
    train, validation, test = (float(part) for part in numbers)
    return train, validation, test


def shares_of(numbers: Sequence[float]) -> tuple[float, float, float]:
    """Shares of 1 from three shares or per cents. Raises ValueError, in words, for numbers that are neither."""
    total = sum(numbers)
    if len(numbers) != 3 or min(numbers) < 0 or not (abs(total - 1) < 1e-3 or abs(total - 100) < 0.1):
        shown = ", ".join(f"{number:g}" for number in numbers)
        raise ValueError(f"The shares are {shown or 'empty'}; three that add up to 1 or 100 fit, such as 70, 15, 15.")
    train, validation, test = (number / total for number in numbers)
    for fault in share_faults((train, validation, test)):
        raise ValueError(fault)
    return train, validation, test


def training_faults(training: Training) -> Iterator[str]:
    """What of the settings no training could be made with, one sentence each."""
    for name, least in _LEAST.items():
        value = getattr(training, name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MOST[name]:
            yield f"The {name} is {value}; a whole number from {least} to {_MOST[name]} fits."
    for name, fits in _CHOICES.items():
        if getattr(training, name) not in fits:
            yield f"The {name} is “{getattr(training, name)}”; one of {', '.join(fits)} fits."
    for name, most in _AMOUNTS.items():
        value = getattr(training, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            yield f"The {name} is {value}; a number from 0 to {most:.9g} fits."
    yield from device_faults(training.device, training.processes)
    yield from share_faults(training.parts)
    yield from _split_faults(training)


def share_faults(shares: tuple[float, float, float]) -> Iterator[str]:
    """What is wrong with the shares of training, validation and test."""
    odd = not all(math.isfinite(share) and share >= 0 for share in shares)
    if odd or abs(sum(shares) - 1) > 1e-6 or shares[0] == 0 or shares[1] == 0:
        yield (
            f"The shares of training, validation and test are {', '.join(f'{share:g}' for share in shares)}: they "
            "have to add up to 1, and those of training and validation have to be above 0."
        )


def _split_faults(training: Training) -> Iterator[str]:
    if training.split == "column" and not training.split_column:
        yield (
            "The split is by a column, but none is named: name a column of the label table or a DICOM keyword, such "
            "as StationName (--split-column, or “Column” in the training settings)."
        )
    if training.held_out and training.split != "column":
        yield (
            f"“{training.held_out}” is to be held out, but the split is by {training.split}: one group is left out "
            "of a split by column (--split column --split-column NAME)."
        )
    if training.folds and training.held_out:
        yield "Folds and a group that is held out do not go together: use one of them."
    if training.folds in (1, 2):
        yield (
            f"The folds are {training.folds}; 3 or more fit: one fold tests, one validates and the others train "
            "(0 for no folds)."
        )
    elif training.folds and isinstance(training.fold, int) and training.fold > training.folds:
        yield f"The fold is {training.fold} of {training.folds}; 1 to {training.folds} fits."
