"""What a network answers, batch by batch, brought together as the cases of an evaluation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from runtime.evaluation.calibration import sigmoid, softmax
from runtime.evaluation.overlap import overlaps
from runtime.evaluation.record import BASELINE, Cases
from runtime.modules.cubic import resampled
from runtime.modules.likeness import psnr_of, ssim_of
from runtime.modules.losses import chances
from runtime.modules.metrics import decided

Array = NDArray[Any]
Masks = Callable[[int, Array, Array], None]
"""Is told of each case, by its place among those measured, the true and the found mask (*size)."""


class Scored:
    """One class for each case: the truth is (N,)."""

    def __init__(self) -> None:
        self._scores: list[Tensor] = []
        self._truth: list[Tensor] = []

    def add(self, scores: Tensor, target: Tensor) -> None:
        """Keep a batch of raw scores (N, K) and what is true of its cases."""
        self._scores.append(scores.detach().double().cpu())
        self._truth.append(target.detach().cpu())

    def cases(self, named: Mapping[str, Any]) -> Cases:
        """All cases; `named` says who they are."""
        scores, truth = torch.cat(self._scores).numpy(), torch.cat(self._truth).numpy().astype(np.int64)
        if scores.shape[1] == 1:
            scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
        shares, taken = softmax(scores), scores.argmax(axis=1)
        error = 1 - shares[np.arange(len(truth)), truth]
        return Cases(
            **named, error=error, correct=taken == truth, confidence=shares.max(axis=1), scores=scores,
            probabilities=shares, truth=truth, predicted=taken,
        )  # fmt: skip


class Several(Scored):
    """Several yes-or-no labels for each case: the truth is (N, K)."""

    def cases(self, named: Mapping[str, Any]) -> Cases:
        """All cases; `named` says who they are."""
        scores, truth = torch.cat(self._scores).numpy(), torch.cat(self._truth).numpy() > 0.5
        shares, taken = sigmoid(scores), scores > 0
        return Cases(
            **named, error=np.abs(shares - truth).max(axis=1), correct=(taken == truth).all(axis=1),
            confidence=np.maximum(shares, 1 - shares).min(axis=1), scores=scores, probabilities=shares,
            truth=truth.astype(np.int64), predicted=taken.astype(np.int64),
        )  # fmt: skip


class Numbers(Scored):
    """One number for each case, or several: the truth is (N, 1) or (N, K)."""

    def cases(self, named: Mapping[str, Any]) -> Cases:
        """All cases; `named` says who they are. Of several numbers, an error counts in spreads of its number."""
        found, truth = torch.cat(self._scores).numpy(), torch.cat(self._truth).double().numpy()
        error = np.abs(found - truth)
        if truth.shape[1] == 1:
            found, truth, error = found[:, 0], truth[:, 0], error[:, 0]
        else:
            spread = truth.std(axis=0)
            error = (error / np.where(spread > 0, spread, 1)).mean(axis=1)
        whole = np.ones(len(truth), np.bool_)
        return Cases(
            **named, error=error, correct=whole, confidence=np.full(len(truth), np.nan), truth=truth, predicted=found
        )


SCORED: Mapping[str, type[Scored]] = {"classification": Scored, "several labels": Several, "regression": Numbers}
"""What gathers the answers of a task whose truth is no mask."""


class Drawn:
    """One class for each pixel: the truth is (N, *size). `spacings` gives the sides of a pixel of each case, mm."""

    def __init__(self, classes: int, spacings: Sequence[Sequence[float] | None], masks: Masks) -> None:
        self._classes = classes
        self._spacings = spacings
        self._masks = masks
        self._found: list[dict[str, Array]] = []
        self._right: list[float] = []
        self._sure: list[float] = []
        self.confusion = np.zeros((classes, classes), np.int64)

    def add(self, scores: Tensor, target: Tensor) -> None:
        """Measure a batch of raw scores (N, K, *size) against masks (N, *size)."""
        taken, true = decided(scores).cpu().numpy(), target.cpu().numpy()
        shares = chances(scores.detach().float())
        likely = torch.maximum(shares, 1 - shares)[:, 0] if shares.shape[1] == 1 else shares.amax(dim=1)
        self._sure += likely.flatten(1).mean(dim=1).cpu().tolist()
        for one, other in zip(true, taken, strict=True):
            place = len(self._found)
            self._found.append(overlaps(one, other, self._classes, self._spacings[place]))
            self._right.append(float((one == other).mean()))
            pairs = np.bincount((one * self._classes + other).ravel(), minlength=self._classes**2)
            self.confusion += pairs.reshape(self._classes, self._classes)
            self._masks(place, one, other)

    def cases(self, named: Mapping[str, Any]) -> Cases:
        """All cases; `named` says who they are."""
        tables = {name: np.stack([one[name] for one in self._found]) for name in self._found[0]}
        right = np.array(self._right)
        dice = tables["dice"][:, 1:]
        known = np.isfinite(dice)
        mean = np.where(known, dice, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        return Cases(
            **named, error=np.where(known.any(axis=1), 1 - mean, 0.0), correct=right == 1,
            confidence=np.array(self._sure), overlaps={**tables, "right": right[:, None]},
        )  # fmt: skip


class Rebuilt:
    """An image for each case: the truth is (N, C, *size). `span` is the range of their values, see `psnr_of`."""

    def __init__(self, span: float) -> None:
        self._span = span
        self._found: list[dict[str, Array]] = []

    def add(self, made: Tensor, wanted: Tensor, poorer: Tensor | None) -> None:
        """Measure a batch of images; `poorer` is what they were made from, enlarged where it is smaller."""
        measures = self._measured(made.detach(), wanted)
        if poorer is not None:
            same = poorer if poorer.shape == wanted.shape else resampled(poorer.float(), wanted.shape[2:])
            measures |= {f"{BASELINE}{name}": values for name, values in self._measured(same, wanted).items()}
        self._found.append({name: values.double().cpu().numpy() for name, values in measures.items()})

    def _measured(self, made: Tensor, wanted: Tensor) -> dict[str, Tensor]:
        error = made.double().sub(wanted.double()).flatten(1)
        return {
            "psnr": psnr_of(made, wanted, self._span),
            "ssim": ssim_of(made, wanted, self._span),
            "mean_absolute_error": error.abs().mean(dim=1),
            "root_mean_squared_error": error.square().mean(dim=1).sqrt(),
        }

    def cases(self, named: Mapping[str, Any]) -> Cases:
        """All cases; `named` says who they are."""
        tables = {name: np.concatenate([one[name] for one in self._found]) for name in self._found[0]}
        count = len(named["case"])
        return Cases(
            **named, error=tables["root_mean_squared_error"], correct=np.ones(count, np.bool_),
            confidence=np.full(count, np.nan), likeness=tables,
        )  # fmt: skip


def without_labels(named: Mapping[str, Any]) -> Cases:
    """The cases of a network that learns without labels: there is no right or wrong."""
    count = len(named["case"])
    return Cases(**named, error=np.zeros(count), correct=np.ones(count, np.bool_), confidence=np.full(count, np.nan))
