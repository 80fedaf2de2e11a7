"""Why a model does not answer for an image: it was made for other ones, as its contract says."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.case_tags import read_tags
from runtime.data.catalogue import Found
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
        self._modalities = self._seen.modalities or ((wanted.modality,) if wanted.modality else ())

    def of_file(self, item: Found) -> str:
        """Why the file is not answered, by what its header says; "" when it may be."""
        if item.modality and self._modalities and item.modality not in self._modalities:
            return f"is {item.modality}, and the model was made for {_listed(self._modalities)} images"
        return self._of_tags(item) or self._of_spacing(item)

    def of_pixels(self, image: NDArray[Any]) -> str:
        """Why an image (channels, *size) in real units is not answered, by its values; "" when it may be."""
        dark, bright = self._seen.darkest, self._seen.brightest
        if dark is None or bright is None or _surely_like(image, dark, bright):
            return ""
        ordered = np.sort(image, axis=None)  # a fifth of the time of np.percentile
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


def _surely_like(image: NDArray[Any], dark: Range, bright: Range) -> bool:
    """Whether the counts of pixels below a few values say already that nothing is wrong, as they do for most images:
    they take a fifth of the time of sorting. The values lie a little within those that count, so that rounding is no
    matter."""
    room, gap = _BEYOND * (bright[1] - dark[0]), bright[0] - dark[1]
    tight = 1e-3 * (bright[1] - dark[0]) + 1e-6 * max(abs(end) for end in (*dark, *bright))
    middle, half = (dark[1] + bright[0]) / 2, _FLAT * max(0.0, gap) / 2 + tight
    first, last = (int(share * (image.size - 1)) for share in (0.01, 0.99))
    values = image.reshape(-1)
    return (
        _more_below(values, min(dark[1] + room - tight, middle - half), first + 1)
        and _more_from(values, max(bright[0] - room + tight, middle + half), image.size - 1 - last)
        and _more_from(values, dark[0] - room + tight, image.size - 1 - first)
        and _more_below(values, bright[1] + room - tight, last + 1)
    )


def _more_below(values: NDArray[Any], bound: float, count: int) -> bool:
    """Whether more than `count` of the values are below a bound; counted in parts, until they are."""
    if values.dtype.kind == "f":
        return _more(np.less, values, np.float32(bound), count)
    if bound > np.iinfo(values.dtype).max:
        return values.size > count
    least = math.ceil(bound)  # whole numbers below it are below the bound
    return least > np.iinfo(values.dtype).min and _more(np.less, values, values.dtype.type(least), count)


def _more_from(values: NDArray[Any], bound: float, count: int) -> bool:
    """Whether more than `count` of the values are not below a bound."""
    if values.dtype.kind == "f":
        return _more(np.greater_equal, values, np.float32(bound), count)
    least = math.ceil(bound)
    if least <= np.iinfo(values.dtype).min:
        return values.size > count
    return least <= np.iinfo(values.dtype).max and _more(np.greater_equal, values, values.dtype.type(least), count)


def _more(compared: np.ufunc, values: NDArray[Any], bound: np.generic, count: int) -> bool:
    found = 0
    step = max(1, values.size // _PARTS) if count < values.size // 2 else values.size
    for start in range(0, values.size, step):
        found += int(np.count_nonzero(compared(values[start : start + step], bound)))
        if found > count:
            return True
    return False


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
