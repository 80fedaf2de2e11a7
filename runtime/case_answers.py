"""One validation case as it is shown: what to cut out of an answer and of the truth, small enough for the screen."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.roles import Task
from runtime.data.thumbnail import thumbnail, value_range
from runtime.delivery.answers import SURE_BOX
from runtime.modules.boxes import answered_boxes
from runtime.modules.fit import Fit
from runtime.modules.losses import chances
from runtime.modules.metrics import decided
from runtime.seen_cases import SIDE, Answer, Boxes, Numbers, Pixels, Truth

_MOST_SHARES = 5  # classes whose probabilities are kept, beside the true ones


@dataclass(frozen=True, slots=True)
class Cut:
    """What is shown of one case: which slice of a volume, which values are dark and bright, which classes are true."""

    slice: int | None = None
    low: float = 0.0
    high: float = 1.0
    true: tuple[int, ...] = ()
    squeezes: bool = False  # a picture is the sigmoid of what is answered
    size: tuple[int, int] = (1, 1)  # of boxes: rows and columns of the image on which they lie


def cut_of(task: Task, target: Tensor, squeezes: bool, size: tuple[int, ...] = (1, 1)) -> Cut:
    """How to cut answers that are compared with this target (without the batch axis); boxes lie on an image of a size
    (rows, columns)."""
    if task == "detection":
        return Cut(size=(size[-2], size[-1]))
    if task == "classification":
        return Cut(true=(int(target),))
    if task == "several labels":
        return Cut(true=tuple(target.nonzero().flatten().tolist()))
    if task == "segmentation" and target.dim() == 3:
        amounts = (target > 0).flatten(1).sum(dim=1)
        fullest = int(amounts.argmax())
        return Cut(fullest if int(amounts[fullest]) else len(target) // 2)
    if task == "image":
        at = target.shape[1] // 2 if target.dim() == 4 else None
        low, high = value_range(_plane(target, at).float().cpu().numpy())
        return Cut(at, low, max(high, low + 1e-6), squeezes=squeezes)
    return Cut()


def truth_of(task: Task, target: Tensor, cut: Cut) -> Truth:
    """The truth as it is shown beside the answers."""
    if task in ("classification", "several labels"):
        return cut.true
    if task == "regression":
        return _numbers(target)
    if task == "segmentation":
        return _pixels(_thinned(_plane(target[None], cut.slice))[0])
    if task == "detection":
        sides = target[target[:, 0] >= 0]
        sure = torch.ones_like(sides[:, :1])
        return _boxes(torch.cat([sides[:, 1:], sure, sides[:, :1]], 1), cut)
    return _pixels(shades(_plane(target, cut.slice), cut.low, cut.high))


def kept(task: Task, scores: Tensor, cut: Cut) -> Tensor:
    """What is kept of the raw scores of one case, on the device: nothing is waited for."""
    if task == "classification":
        return chances(scores[None])[0]
    if task == "several labels":
        return scores.sigmoid()
    if task == "regression":
        return scores.flatten().clone()
    if task == "segmentation":
        return decided(_thinned(_plane(scores, cut.slice))[None])[0].to(torch.uint8)
    if task == "detection":
        return answered_boxes(scores[None])[0]
    shown = _plane(scores, cut.slice)
    return shades(shown.sigmoid() if cut.squeezes else shown, cut.low, cut.high)


def picture_of(image: Tensor, at: int | None, middle: bool) -> tuple[Pixels, tuple[int, int] | None]:
    """The picture of an image (C, *size), and which slice it is: `at`, else the middle one of a volume. With `middle`,
    the channels are neighbouring slices."""
    which = None
    if image.dim() == 4:
        at = image.shape[1] // 2 if at is None else min(at, image.shape[1] - 1)
        which = (at + 1, image.shape[1])
        image = _plane(image, at)
    shown = image[len(image) // 2 :][:1] if middle else image
    return thumbnail(shown.float().cpu().numpy(), side=SIDE), which


def answer_of(task: Task, told: Tensor, cut: Cut) -> Answer:
    """What was kept, as it is written down."""
    if task == "regression":
        return _numbers(told)
    if task == "detection":
        return _boxes(told[(told[:, 5] >= 0) & (told[:, 4] >= SURE_BOX)], cut)
    if task in ("segmentation", "image"):
        return _pixels(told)
    shares = told.tolist()
    if task == "classification" and len(shares) == 1:
        shares = [1 - shares[0], shares[0]]
    ranked = sorted(range(len(shares)), key=lambda place: -shares[place])
    answered = [place for place in ranked if task == "several labels" and shares[place] > 0.5]
    chosen = {*ranked[:_MOST_SHARES], *cut.true, *answered}
    return tuple((place, round(shares[place], 4)) for place in ranked if place in chosen)


def _numbers(told: Tensor) -> float | Numbers:
    """One number, or several."""
    values = tuple(round(value, 6) for value in told.flatten().tolist())
    return values[0] if len(values) == 1 else Numbers(values)


def _plane(image: Tensor, at: int | None) -> Tensor:
    """(C, rows, columns) of an image, or of this slice of a volume (C, slices, rows, columns)."""
    return image if at is None else image[:, at]


def _small(image: Tensor) -> tuple[int, int]:
    rows, columns = image.shape[-2:]
    scale = min(1.0, SIDE / max(rows, columns))
    return max(1, round(rows * scale)), max(1, round(columns * scale))


def _thinned(image: Tensor) -> Tensor:
    """(C, rows, columns) with fewer rows and columns, each the one in the middle of those that it stands for."""
    for axis, new in zip((1, 2), _small(image), strict=True):
        old = image.shape[axis]
        if new < old:
            places = torch.arange(new, device=image.device)
            image = image.index_select(axis, ((places + 0.5) * (old / new)).long())
    return image


def shades(image: Tensor, low: float, high: float) -> Tensor:
    """(C, rows, columns) of values as bytes, `low` black and `high` white, no larger than is shown: (rows, columns, 3)
    for colour, else the first channel (rows, columns)."""
    shown = image if image.shape[0] == 3 else image[:1]
    small: Tensor = Fit(_small(shown))(shown[None])[0]
    bytes_ = ((small - low) * (255 / (high - low))).nan_to_num().clamp(0, 255).round().to(torch.uint8)
    return bytes_.movedim(0, -1) if len(bytes_) == 3 else bytes_[0]


def _boxes(told: Tensor, cut: Cut) -> Boxes:
    """Boxes (K, 6) with edges as shares of the sides of the image."""
    rows, columns = cut.size
    sides = torch.tensor([columns, rows, columns, rows, 1, 1], dtype=torch.float32)
    return Boxes((told.float().cpu() / sides).double().numpy().round(4))


def _pixels(told: Tensor) -> Pixels:
    found: Pixels = told.to(torch.uint8).cpu().numpy()
    return found
