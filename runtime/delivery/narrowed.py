"""A model of several images of which only some are given: it answers what needs none of the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from runtime.delivery.contract import OutputContract
from runtime.delivery.predictors import Arrays, Predictor
from runtime.errors import RunError


def narrowed(model: Predictor, given: Collection[int]) -> Predictor:
    """The model for the inputs of these numbers alone, with the outputs that need no others; the model itself when all
    are given. Raises RunError where no output can be answered from them."""
    contract = model.contract
    lacking = [one.name for number, one in enumerate(contract.inputs) if number not in given]
    if not lacking:
        return model
    outputs = contract.answerable(given)
    if not outputs:
        raise RunError(f"The model takes “{lacking[0]}” too; name what it is given (--data “{lacking[0]}=FOLDER”).")
    return _Narrowed(model, sorted(given), outputs)


class _Narrowed:
    """What the model makes of the inputs that are not given, blank images, is thrown away."""

    def __init__(self, model: Predictor, given: Sequence[int], outputs: Sequence[int]) -> None:
        self._model, self._given, self._outputs = model, tuple(given), tuple(outputs)
        self.batch, self.at_once = model.batch, model.at_once
        whole = model.contract
        self.contract = replace(
            whole, outputs=tuple(whole.outputs[number] for number in outputs),
            inputs=tuple(replace(whole.inputs[number], drawn=False) for number in given),
        )  # fmt: skip

    @property
    def notes(self) -> tuple[str, ...]:
        """As Predictor says, and what is not answered."""
        left = [f"“{one.name}”" for one in self._model.contract.outputs if not self._answers(one)]
        return (*self._model.notes, f"Without images for the other inputs there is no {' and no '.join(left)}.")

    def _answers(self, output: OutputContract) -> bool:
        return any(output.tensor == one.tensor for one in self.contract.outputs)

    def answers(self, images: Sequence[NDArray[np.float32]]) -> Arrays:
        """As Predictor says."""
        count = len(images[0])
        whole = [np.zeros((count, one.channels, *one.size), np.float32) for one in self._model.contract.inputs]
        for number, own in zip(self._given, images, strict=True):
            whole[number] = own
        answers = self._model.answers(whole)
        return [answers[number] for number in self._outputs]
