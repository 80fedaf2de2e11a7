"""What a network makes of noise, epoch after epoch: of the same noise in each, so that one sees it learn."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import torch
from torch import Tensor

from runtime.case_answers import shades
from runtime.case_facts import rarely
from runtime.compile import Deployed, Pass
from runtime.data.batches import Batch
from runtime.data.thumbnail import value_range
from runtime.delivery.contract import contract_of
from runtime.delivery.draws import draws, takes_only_draws
from runtime.device import mixed
from runtime.learner import Learner
from runtime.seen_cases import MOST_CASES, Pixels, SeenCase, SeenHistory

TASK = "generated"


def generates(learner: Learner) -> int | None:
    """Which output of a network that takes only noise gives images, grey or colour; None where there is none."""
    contract = contract_of(learner.analysis)
    if not takes_only_draws(contract):
        return None
    shapes = [entry.shape for entry in contract.outputs]
    return next((at for at, shape in enumerate(shapes) if len(shape) in (3, 4) and shape[0] in (1, 3)), None)


class GeneratedFacts:
    """Follows what is made of a few draws of noise, as `CaseFacts` follows cases; it is made when it is written."""

    def __init__(self, learner: Learner, folder: Path, planned: int, seed: int, output: int) -> None:
        self._learner = learner
        self._planned = planned
        self._output = output
        self._history = SeenHistory(folder)
        self._seldom = rarely()
        self._begun = False
        contract = contract_of(learner.analysis)
        drawn = draws(contract, MOST_CASES, mixed(seed, "shown noise"))
        self._noise = [torch.from_numpy(one).to(learner.device) for one in drawn]

    def begin(self) -> None:
        """An epoch begins."""

    def take(self, batch: Batch, passed: Pass) -> None:
        """A batch was measured, which tells nothing of what is made of noise."""

    def look(self, epoch: int, last: bool) -> None:
        """The epoch is measured, with the weights that are kept: make the images, if that is due or the last chance."""
        if not last and not self._seldom.due:
            return
        with self._seldom.doing(), suppress(OSError):  # a full disk is told of by the checkpoints, which matter
            if not self._begun:
                self._begun = True
                cases = [SeenCase(f"Draw {number}", None, None) for number in range(1, MOST_CASES + 1)]
                self._history.begin(TASK, (), self._planned, cases)
            self._history.add(epoch, self._made())
            self._history.write()

    def end(self) -> None:
        """No epoch follows."""

    @torch.no_grad()
    def _made(self) -> list[Pixels]:
        """The images as bytes, black to white over what is made in this epoch; of a volume the middle slice."""
        made: Tensor = Deployed(self._learner.network)(*self._noise)[self._output].float()
        if made.dim() == 5:
            made = made[:, :, made.shape[2] // 2]
        low, high = value_range(made.cpu().numpy())
        return [shades(image, low, max(high, low + 1e-6)).cpu().numpy() for image in made]
