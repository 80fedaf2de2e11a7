"""Losses that torch does not have in this form. Each takes raw scores and gives one number, computed in float32.

Shapes: prediction (N, K) with target int64 (N,), or prediction (N, K, *spatial) with a mask int64 (N, *spatial).
One channel (K = 1) is the score of class 1 of two.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional


def chances(scores: Tensor) -> Tensor:
    """(N, K, ...) raw scores -> the probability of each of K classes; of class 1 where K = 1."""
    return scores.sigmoid() if scores.shape[1] == 1 else scores.softmax(dim=1)


def one_hot(target: Tensor, channels: int) -> Tensor:
    """(N, ...) class indexes -> float32 (N, channels, ...); one channel is 1 where the class is 1."""
    names = torch.arange(channels, device=target.device) + int(channels == 1)
    return (target.unsqueeze(1) == names.view([1, -1] + [1] * (target.dim() - 1))).float()


class CrossEntropy(nn.Module):
    """The surprise at the right class, in nats: the mean of -log p(right class), by class if `weights` are given.

    `smoothing` from 0 to 1 spreads that share of the target over all classes (Szegedy 2016, arXiv:1512.00567).
    """

    needs: ClassVar[tuple[str, ...]] = ()
    weights: Tensor | None

    def __init__(self, weights: tuple[float, ...] = (), smoothing: float = 0.0) -> None:
        super().__init__()
        given = torch.tensor(weights, dtype=torch.float32) if weights else None
        self.register_buffer("weights", given, persistent=False)
        self.smoothing = float(smoothing)

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        return functional.cross_entropy(prediction.float(), target, weight=self.weights, label_smoothing=self.smoothing)


class BinaryCrossEntropy(nn.Module):
    """Cross-entropy of one score for yes or no; errors on "yes" (class 1) count `positive_weight` times.

    The target is class indexes without the channel axis, or an image of the prediction's shape with values from 0 to 1.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    positive_weight: Tensor

    def __init__(self, positive_weight: float = 1.0) -> None:
        super().__init__()
        self.register_buffer("positive_weight", torch.tensor(float(positive_weight)), persistent=False)

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        scores = prediction if target.dim() == prediction.dim() else prediction.squeeze(1)
        return functional.binary_cross_entropy_with_logits(
            scores.float(), target.float(), pos_weight=self.positive_weight
        )


class Alike(nn.Module):
    """The mean error of several numbers (N, K), each divided by its spread first, so that all count alike.

    `spreads` are K standard deviations; `kind` is the mean of squares, of absolute values, or of Huber's function
    (Huber 1964, doi:10.1214/aoms/1177703732), which is straight from `delta` spreads on.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    spreads: Tensor

    def __init__(
        self, kind: Literal["squared", "absolute", "huber"], spreads: tuple[float, ...], delta: float = 1.0
    ) -> None:
        super().__init__()
        self.kind = kind
        self.delta = float(delta)
        self.register_buffer("spreads", torch.tensor(spreads, dtype=torch.float32), persistent=False)

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        answer, truth = prediction.float() / self.spreads, target / self.spreads
        if self.kind == "huber":
            return functional.huber_loss(answer, truth, delta=self.delta)
        return functional.mse_loss(answer, truth) if self.kind == "squared" else functional.l1_loss(answer, truth)


class Dice(nn.Module):
    """One minus the Dice overlap 2|A∩B| / (|A|+|B|) of soft areas, the mean over classes.

    `smooth` is added above and below, so that an empty mask that is predicted empty costs nothing. `over` says what is
    summed before dividing: "each image" or "the batch". With `background` False, class 0 is left out of the mean.
    (Milletari 2016, arXiv:1606.04797)
    """

    needs: ClassVar[tuple[str, ...]] = ("chances", "one_hot")

    def __init__(
        self, smooth: float = 1.0, background: bool = False, over: Literal["each image", "the batch"] = "each image"
    ) -> None:
        super().__init__()
        self.smooth = float(smooth)
        self.background = bool(background)
        self.over = over

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        with torch.autocast(prediction.device.type, enabled=False):
            channels = prediction.shape[1]
            area, truth = chances(prediction.float()).flatten(2), one_hot(target, channels).flatten(2)
            if channels > 1 and not self.background:
                area, truth = area[:, 1:], truth[:, 1:]
            summed = [2] if self.over == "each image" else [0, 2]
            shared = (area * truth).sum(dim=summed)
            both = area.sum(dim=summed) + truth.sum(dim=summed)
            return 1 - ((2 * shared + self.smooth) / (both + self.smooth)).mean()


class DiceCrossEntropy(nn.Module):
    """`dice_share` of the Dice loss plus the rest of cross-entropy, as nnU-Net joins them (Isensee 2021)."""

    needs: ClassVar[tuple[str, ...]] = ("chances", "one_hot", "Dice", "CrossEntropy", "BinaryCrossEntropy")

    def __init__(
        self,
        dice_share: float = 0.5,
        smooth: float = 1.0,
        background: bool = False,
        over: Literal["each image", "the batch"] = "each image",
        weights: tuple[float, ...] = (),
    ) -> None:
        super().__init__()
        self.dice_share = float(dice_share)
        self.dice = Dice(smooth, background, over)
        self.entropy = CrossEntropy(weights)
        # For one score: how much class 1 of two weighs against class 0, which cannot weigh nothing then.
        self.binary = BinaryCrossEntropy(weights[1] / weights[0] if len(weights) == 2 and weights[0] else 1.0)

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        entropy = self.binary if prediction.shape[1] == 1 else self.entropy
        overlap: Tensor = self.dice(prediction, target)
        surprise: Tensor = entropy(prediction, target)
        return self.dice_share * overlap + (1 - self.dice_share) * surprise


class Focal(nn.Module):
    """Cross-entropy in which cases already right count less: -(1-p)^gamma log p, the mean (Lin 2017, arXiv:1708.02002).

    `alpha` weighs the classes: nothing, one number for class 1 of two (class 0 gets 1 - alpha), or one for each class.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    alpha: Tensor | None

    def __init__(self, gamma: float = 2.0, alpha: tuple[float, ...] = ()) -> None:
        super().__init__()
        self.gamma = float(gamma)
        each = (1 - alpha[0], alpha[0]) if len(alpha) == 1 else alpha
        self.register_buffer("alpha", torch.tensor(each, dtype=torch.float32) if each else None, persistent=False)

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        scores = prediction.float()
        if scores.shape[1] == 1:
            scores = torch.cat([torch.zeros_like(scores), scores], dim=1)
        right = scores.log_softmax(dim=1).gather(1, target.unsqueeze(1)).squeeze(1)
        # 1 - p by expm1: exact where p is near 1, and above 0 so that its power has a slope.
        wrong = (-torch.expm1(right)).clamp_min(1e-12)
        losses: Tensor = torch.pow(wrong, self.gamma).mul(-right)
        if self.alpha is not None:
            losses = losses * self.alpha[target]
        return losses.mean()


def mean_difference(prediction: Tensor, target: Tensor) -> Tensor:
    """The mean of prediction − target, both (N, ...), with its sign; one number in float32."""
    return (prediction.float() - target.float()).mean()
