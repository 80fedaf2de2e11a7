"""How a run decides, as it travels with the model: its operating point and temperature in the contract. No torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from runtime.delivery.contract import Contract, OutputContract
from runtime.evaluation.operating_point import load_operating_point, load_temperature

_DECIDING = ("classification", "several labels")


def with_decision(contract: Contract, folder: Path, epoch: int) -> Contract:
    """The contract with what was chosen for this epoch of the run in `folder`, on the output that is judged.

    A threshold of a class that the output does not have is left out. Raises RunError when a file of the choice is
    damaged.
    """
    point, temperature = load_operating_point(folder, epoch), load_temperature(folder, epoch)
    place = next((place for place, one in enumerate(contract.outputs) if one.task in _DECIDING), None)
    if place is None or (point is None and temperature is None):
        return contract
    output = contract.outputs[place]
    chosen = {} if point is None else dict(point.thresholds)
    thresholds = {name: value for name, value in chosen.items() if name in output.classes}
    decided: OutputContract = replace(
        output, thresholds=thresholds, temperature=1.0 if temperature is None else temperature.value
    )
    outputs = (*contract.outputs[:place], decided, *contract.outputs[place + 1 :])
    return replace(contract, outputs=outputs)
