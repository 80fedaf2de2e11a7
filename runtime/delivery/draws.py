"""What a generator is given: noise, and of a conditional one the class that is wanted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runtime.delivery.contract import Contract, InputContract
from runtime.errors import RunError

Floats = NDArray[np.float32]
_DRAWN = ("noise", "class")


def takes_only_draws(contract: Contract) -> bool:
    """Whether all that the model takes is drawn: it makes images out of noise, perhaps of a class that is wanted."""
    return bool(contract.inputs) and all(entry.feed in _DRAWN for entry in contract.inputs)


def draws(contract: Contract, count: int, seed: int, wanted: str = "") -> list[Floats]:
    """For each input (count, channels, *size): noise from the seed, and the class `wanted`, else all classes in turn.

    Raises RunError for a class that the model does not know.
    """
    random = np.random.default_rng(seed)
    return [
        _classes(entry, count, wanted)
        if entry.feed == "class"
        else random.standard_normal((count, entry.channels, *entry.size), dtype=np.float32)
        for entry in contract.inputs
    ]


def _classes(entry: InputContract, count: int, wanted: str) -> Floats:
    if wanted and wanted not in entry.classes:
        raise RunError(f"This model makes no “{wanted}”; it makes {', '.join(entry.classes)}.")
    places = [entry.classes.index(wanted)] * count if wanted else [place % entry.channels for place in range(count)]
    made: Floats = np.eye(entry.channels, dtype=np.float32)[places]
    return made
