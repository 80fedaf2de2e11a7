"""Why a model does not answer for an image: it was made for other ones, as its contract says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.case_tags import read_tags
from runtime.data.catalogue import Found
from runtime.data.wording import counted
from runtime.delivery.contract import InputContract
from runtime.delivery.seen import Range, Seen, colour_of

_FACTOR = 1.5  # by which pixels may be finer or coarser than those of training
_BEYOND = 0.25  # of the whole range of training, by which the darkest and the brightest pixels may lie outside of it
_FLAT = 0.05  # of the range of training, below which an image is a flat surface, or was scaled
_PARTS = 8  # of an image, whose pixels are counted one after the other
_WORDS = {"grey": "a grey image", "colour": "a colour image", "palette": "an image with a colour palette"}


class Unlike:
    """Judges the files below `root` by what the input of a model was made for. Reasons begin with a verb."""

    def __init__(self, root: Path, wanted: InputContract) -> None:
        self._root = root
        self._wanted = wanted
        self._seen = wanted.seen or Seen()
        self._modalities = _modalities(wanted)

    def of_file(self, item: Found) -> str:
        """Why the file is not answered, by what its header says; "" when it may be."""
        if item.modality and self._modalities and item.modality not in self._modalities:
            return f"is {item.modality}, and the model was made for {_listed(self._modalities)} images"
        return self._of_tags(item) or self._of_spacing(item)

    def of_pixels(self, images: NDArray[Any]) -> list[str]:
        """Why each of images (n, channels, *size) in real units is not answered, by its values; "" when it may be."""
        dark, bright = self._seen.darkest, self._seen.brightest
        if dark is None or bright is None:
            return [""] * len(images)
        values = images.reshape(len(images), -1)
        sure = _surely_like(values, dark, bright)
        return ["" if one else _of_values(image, dark, bright) for image, one in zip(values, sure, strict=True)]

    def _of_tags(self, item: Found) -> str:
        if item.kind != "dicom" or not (self._seen.body_parts or self._seen.colours):
            return ""
        read = read_tags(self._root, [item.path], ("BodyPartExamined", "PhotometricInterpretation")).get(item.path, {})
        part, colour = read.get("BodyPartExamined", "").upper(), colour_of(read.get("PhotometricInterpretation", ""))
        if part and self._seen.body_parts and part not in self._seen.body_parts:
            return f"shows the body part {part}, and the model was made for {_listed(self._seen.body_parts)}"
        if colour and self._seen.colours and colour not in self._seen.colours:
            return f"is {_WORDS[colour]}, and the model was made for {_listed(self._seen.colours)} images"
        return ""

    def _of_spacing(self, item: Found) -> str:
        ends, sides = self._seen.spacing_mm, (item.spacing_mm or ())[-2:]
        if ends is None or not sides or self._wanted.spacing_mm:
            return ""
        if ends[0] / _FACTOR <= min(sides) and max(sides) <= ends[1] * _FACTOR:
            return ""
        spelled = " × ".join(f"{side:.3g}" for side in sides)
        return f"has pixels of {spelled} mm, and the model was made for pixels of {_spelled(ends)} mm"


def unsaid(found: Sequence[Found], wanted: InputContract) -> Iterator[str]:
    """A sentence on images that do not say their modality, as pictures do not, where the model was made for some."""
    count, made_for = sum(not item.modality for item in found), _modalities(wanted)
    if count and made_for:
        do, fit = ("does not say its", "it fits") if count == 1 else ("do not say their", "they fit")
        yield (
            f"{count} of {counted(len(found), 'image')} {do} modality, and the model was made for {_listed(made_for)} "
            f"images: make sure that {fit}."
        )


def _modalities(wanted: InputContract) -> tuple[str, ...]:
    """Those that a model was made for; () where any will do."""
    seen = wanted.seen.modalities if wanted.seen is not None else ()
    return seen or ((wanted.modality,) if wanted.modality else ())


def _of_values(image: NDArray[Any], dark: Range, bright: Range) -> str:
    """Why an image is not answered, by two of its percentiles."""
    ordered = np.sort(image)  # a fifth of the time of np.percentile
    low, high = _percentile(ordered, 0.01), _percentile(ordered, 0.99)
    room = _BEYOND * (bright[1] - dark[0])
    if not (dark[0] - room <= low <= dark[1] + room and bright[0] - room <= high <= bright[1] + room):
        return (
            f"has pixels from {low:.4g} to {high:.4g}, and the model was made for images from {_spelled(dark)} "
            f"(darkest) to {_spelled(bright)} (brightest)"
        )
    if high - low < _FLAT * (bright[0] - dark[1]):
        return f"is nearly flat: its pixels go from {low:.4g} to {high:.4g} only"
    return ""


def _surely_like(images: NDArray[Any], dark: Range, bright: Range) -> NDArray[np.bool_]:
    """For which of images (n, pixels) the counts of pixels on one side of a few values say already that nothing is
    wrong, as they do for most: they take a tenth of the time of sorting."""
    like = np.ones(len(images), np.bool_)
    for one in _counts(images.dtype, images.shape[1], dark, bright):
        like &= _more(images, one)
        if not like.any():
            break
    return like


@dataclass(frozen=True, slots=True)
class _Count:
    """That more than `most` pixels are on one side of a bound."""

    side: np.ufunc
    bound: np.generic
    most: int


@lru_cache(maxsize=256)
def _counts(kind: np.dtype[Any], size: int, dark: Range, bright: Range) -> tuple[_Count, ...]:
    """What has to hold of so many pixels, for their percentiles to be surely in the ranges. The bounds lie a little
    within those that count, so that rounding is no matter; what holds of all values of the type is left out."""
    room, gap = _BEYOND * (bright[1] - dark[0]), bright[0] - dark[1]
    tight = 1e-3 * (bright[1] - dark[0]) + 1e-6 * max(abs(end) for end in (*dark, *bright))
    middle, half = (dark[1] + bright[0]) / 2, _FLAT * max(0.0, gap) / 2 + tight
    first, last = (int(share * (size - 1)) for share in (0.01, 0.99))
    wanted = (
        (np.less, min(dark[1] + room - tight, middle - half), first + 1),
        (np.greater_equal, max(bright[0] - room + tight, middle + half), size - 1 - last),
        (np.greater_equal, dark[0] - room + tight, size - 1 - first),
        (np.less, bright[1] + room - tight, last + 1),
    )
    if kind.kind == "f":
        return tuple(_Count(side, kind.type(bound), most) for side, bound, most in wanted)
    ends = np.iinfo(kind)
    found = []
    for side, bound, most in wanted:
        least = math.ceil(bound)  # of whole numbers, those below it are below the bound
        always = least > ends.max if side is np.less else least <= ends.min
        if not always or size <= most:
            within = ends.min <= least <= ends.max
            found.append(_Count(side, kind.type(least if within else 0), most if within else size))
    return tuple(found)


def _more(images: NDArray[Any], wanted: _Count) -> NDArray[np.bool_]:
    """For which of images (n, pixels) it holds; counted in parts, where a few pixels are enough. That all are on one
    side is seen sooner."""
    size = images.shape[1]
    few = wanted.most < size // 2
    found = np.zeros(len(images), np.int64)
    if not few and wanted.most < size:
        ends = images.max(axis=1) if wanted.side is np.less else images.min(axis=1)
        found[wanted.side(ends, wanted.bound)] = size
    step = max(1, size // _PARTS) if few else size
    for start in range(0, size, step):
        if (found > wanted.most).all():
            break
        sides = wanted.side(images[:, start : start + step], wanted.bound)
        found += [np.count_nonzero(one) for one in sides]
    return found > wanted.most


def _percentile(ordered: NDArray[Any], share: float) -> float:
    """As np.percentile of values in order, by its usual rule: between two of them, as far as the share lies."""
    at = share * (ordered.size - 1)
    before = int(at)
    low, high = float(ordered[before]), float(ordered[min(before + 1, ordered.size - 1)])
    return low + (high - low) * (at - before)


def _listed(names: tuple[str, ...]) -> str:
    return " or ".join(names)


def _spelled(ends: Range) -> str:
    low, high = (f"{end:.4g}" for end in ends)
    return low if low == high else f"{low} to {high}"
