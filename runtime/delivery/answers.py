"""From the numbers that a model gives to what a person can read: a class, a number, a mask on the original."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # an exported Python package takes this file as it is
    from runtime.delivery.contract import OutputContract
    from runtime.plan import FittedSize

SURE_BOX = 0.5  # the probability from which on a box counts in words and pictures; tables name all

Indexes = NDArray[np.uint16]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Answer:
    """`predicted` in words or digits; the probability of each class, or several numbers; or pixels or boxes that lie on
    the original."""

    predicted: str
    probabilities: tuple[float, ...] = ()
    mask: Indexes | None = None  # class indexes
    image: Floats | None = None  # (channels, *size of the model)
    boxes: Floats | None = None  # (boxes, 6): left, top, right, bottom on the original, probability, class index
    under: Floats | None = None  # of boxes: the original (channels, rows, columns), on which they are drawn
    lies: tuple[tuple[float, float], ...] = ()  # of an image, each axis: index on the original = scale·index + shift
    numbers: tuple[float, ...] = ()  # of a regression with several


@dataclass(frozen=True, slots=True)
class Row:
    """One image of a folder: its answers in the order of `outputs`, or the problem that left it without."""

    path: str  # relative to the folder; path#frame for a multi-frame file
    outputs: tuple[OutputContract, ...]
    answers: tuple[Answer, ...] = ()
    problem: str = ""
    original: Path | None = None  # the file itself: a written mask of a volume takes its place in space from it
    sources: tuple[tuple[Path, int], ...] = ()  # the files that it was made from, and which frame of each
    affine: tuple[tuple[float, ...], ...] = ()  # (4, 4), (column, row, slice) to mm (right, front, head), of slices
    at: tuple[str, ...] = ()  # of a patch: x, y or x, y, z of its point in pixels of the image; "" where unknown


def classes_of(output: OutputContract) -> tuple[str, ...]:
    """The names of the classes an output tells apart; numbers where it has no names. One channel tells two apart."""
    yes_or_no = output.activation == "sigmoid" and output.shape[0] == 1 and output.task != "several labels"
    if output.task == "detection":
        return output.classes
    count = 2 if yes_or_no else output.shape[0]
    return output.classes if len(output.classes) == count else tuple(str(index) for index in range(count))


def answer_of(output: OutputContract, given: NDArray[Any], size: Sequence[int]) -> Answer:
    """The answer for one image of this original size from what one output gave for it, without the batch axis."""
    if output.task == "classification":
        shares = _shares(output, given)
        return Answer(_classes_of(output, shares[:, None])[0], _told(tempered(shares, output.temperature)))
    if output.task == "several labels":
        each = given.reshape(-1)
        pairs = tempered(np.stack([1 - each, each]), output.temperature)
        return Answer("; ".join(_labels_of(output, each)), _told(pairs[1]))
    if output.task == "segmentation":
        return _segmented(output, given, size)
    if output.task == "detection":
        return _detected(output, given, size)
    if output.task == "regression" and given.ndim == 1 and len(given) > 1:
        told = [f"{name} {np.float32(value)!s}" for name, value in zip(classes_of(output), given, strict=True)]
        return Answer("; ".join(told), numbers=_told(given))
    if given.ndim == 1:
        return Answer(" ".join(str(np.float32(value)) for value in given))
    return Answer("", image=given.astype(np.float32), lies=lying(given.shape[1:], output.fits, size))


def answers_of(
    outputs: Sequence[OutputContract], given: NDArray[Any], sizes: Sequence[Sequence[int]]
) -> list[Answer]:
    """As `answer_of` of each image of a batch; classes of all images are found at once."""
    output = outputs[0]
    if output.task != "classification" or given.ndim != 2:
        return [answer_of(*one) for one in zip(outputs, given, sizes, strict=True)]
    shares = _shares(output, given.T)
    told = tempered(shares, output.temperature).T.tolist()
    return [Answer(name, tuple(each)) for name, each in zip(_classes_of(output, shares), told, strict=True)]


def tempered(shares: NDArray[Any], temperature: float) -> NDArray[Any]:
    """Probabilities (K, ...) that add up to 1, as they are when the scores behind them are divided by a temperature."""
    if temperature == 1:
        return shares
    powers: NDArray[Any] = np.power(shares.astype(np.float64), 1 / temperature)
    normed: NDArray[Any] = powers / powers.sum(axis=0)
    return normed


def _told(shares: NDArray[Any]) -> tuple[float, ...]:
    return tuple(float(share) for share in shares)


def _classes_of(output: OutputContract, shares: NDArray[Any]) -> list[str]:
    """The most probable class by the shares (K, N) of N images; of two classes, the one with a threshold where its
    probability reaches it, else the other."""
    names = classes_of(output)
    if len(names) == 2:
        for place, name in enumerate(names):
            if name in output.thresholds:
                bound = output.thresholds[name]
                return [name if share >= bound else names[1 - place] for share in shares[place].tolist()]
    return [names[place] for place in shares.argmax(axis=0).tolist()]


def _labels_of(output: OutputContract, shares: NDArray[Any]) -> list[str]:
    """The labels whose probability reaches their threshold, or is above one half where they have none."""
    pairs = zip(classes_of(output), _told(shares), strict=True)
    bounds = output.thresholds
    return [name for name, share in pairs if (share >= bounds[name] if name in bounds else share > 0.5)]


def _shares(output: OutputContract, given: NDArray[Any]) -> NDArray[Any]:
    """(K, ...) the share of each class; one channel is the share of class 1 of two."""
    if output.activation == "sigmoid" and given.shape[0] == 1:
        return np.concatenate([1 - given, given])
    return given


def _segmented(output: OutputContract, given: NDArray[Any], size: Sequence[int]) -> Answer:
    indexes = _shares(output, given).argmax(axis=0).astype(np.uint16)
    mask = unfitted(indexes, output.fits, size)
    classes = classes_of(output)
    found = [index for index in np.unique(mask) if index > 0] or [0]
    return Answer(", ".join(classes[index] for index in found), mask=mask)


def _detected(output: OutputContract, given: NDArray[Any], size: Sequence[int]) -> Answer:
    """The boxes (boxes, 6) that are there, the most probable first, and in words how many of each class."""
    found = given[given[:, 5] >= 0].astype(np.float32)
    found[:, :4] = unfitted_boxes(found[:, :4], output.fits, size)
    found = found[(found[:, 2] > found[:, 0]) & (found[:, 3] > found[:, 1])]
    sure = found[found[:, 4] >= SURE_BOX, 5].astype(int).tolist()
    counts = [f"{sure.count(place)} {name}" for place, name in enumerate(classes_of(output)) if place in sure]
    return Answer(", ".join(counts) or "nothing", boxes=found)


def unfitted_boxes(boxes: NDArray[Any], fits: Sequence[FittedSize], size: Sequence[int]) -> NDArray[Any]:
    """Boxes (boxes, 4) of left, top, right, bottom on what the fits gave -> the same on the original of this size
    (rows, columns), cut off at its edges."""
    sides = [tuple(size), *(tuple(fit.size) for fit in fits)]
    result = np.asarray(boxes, np.float64).copy()
    for old, fit in reversed(list(zip(sides, fits, strict=False))):
        for axis, (scale, new) in enumerate(zip(_scales(old, fit), fit.size, strict=True)):
            place = 1 - axis  # rows come first among sizes, columns among edges
            result[:, place::2] = (result[:, place::2] - new / 2) / scale + old[axis] / 2
    edges: NDArray[Any] = np.clip(result, 0, [size[1], size[0]] * 2)
    return edges


def unfitted(mask: Indexes, fits: Sequence[FittedSize], size: Sequence[int]) -> Indexes:
    """The mask back on the original image: each original pixel takes the value nearest to where its centre went.

    What the fits cut away is 0.
    """
    places = [np.arange(side) + 0.5 for side in size]
    sides = tuple(size)
    for fit in fits:
        places = _forward(places, sides, fit)
        sides = fit.size
    result: Any = mask
    for axis, (place, side) in enumerate(zip(places, sides, strict=True)):
        length = mask.shape[axis]
        index = np.floor(place * (length / side)).astype(np.int64)
        inside = (index >= 0) & (index < length)
        result = np.take(result, index.clip(0, length - 1), axis=axis)
        result = result * inside.reshape([-1] + [1] * (mask.ndim - axis - 1)).astype(np.uint16)
    return np.asarray(result, np.uint16)


def lying(made: Sequence[int], fits: Sequence[FittedSize], size: Sequence[int]) -> tuple[tuple[float, float], ...]:
    """For each axis of an image that a network made: scale and shift from its index to that on the original."""
    ends = [np.array([0.0, 1.0])] * len(size)
    sides = tuple(size)
    for fit in fits:
        ends = _forward(ends, sides, fit)
        sides = fit.size
    found = []
    for (start, end), side, new in zip(ends, sides, made, strict=True):
        scale = side / new / (end - start)
        found.append((float(scale), float(scale / 2 - start / (end - start) - 0.5)))
    return tuple(found)


def _forward(places: Sequence[NDArray[Any]], sides: Sequence[int], fit: FittedSize) -> list[NDArray[Any]]:
    """Where places on an image lie after a fit; the middle stays the middle."""
    return [
        (place - old / 2) * scale + new / 2
        for place, old, new, scale in zip(places, sides, fit.size, _scales(sides, fit), strict=True)
    ]


def _scales(sides: Sequence[int], fit: FittedSize) -> list[float]:
    """How many times larger a fit makes each axis of an image with these sides."""
    scales = [new / old for new, old in zip(fit.size, sides, strict=True)]
    return scales if fit.rule == "stretch" else [min(scales) if fit.rule == "pad" else max(scales)] * len(scales)
