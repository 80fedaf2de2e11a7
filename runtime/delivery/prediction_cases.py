"""One case as it is given to a model: its images with the axes and channels that the model takes, or why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.catalogue import Catalogue, Found, Sample
from runtime.data.faults import FileFault
from runtime.data.turning import affine_of_pose
from runtime.data.wording import counted
from runtime.delivery.answers import Row
from runtime.delivery.contract import InputContract, OutputContract
from runtime.delivery.unlike import Unlike

Floats = NDArray[np.float32]

_GREY = np.array((0.299, 0.587, 0.114), np.float32)  # luminance of R, G, B (ITU-R BT.601)
_AXES = {1: "a 1-D signal", 2: "a 2-D image", 3: "a 3-D volume"}


@dataclass(frozen=True, slots=True)
class Given:
    """A row to be answered."""

    row: Row
    pixels: tuple[NDArray[Any], ...] = ()  # (channels, *size) for each input; () when the row has its problem already
    found: tuple[int, ...] = ()  # the size of the first before it was resampled to the model's spacing; () if not
    unread: Callable[[], Given] | None = None  # gives the case itself, whose pixels lie elsewhere; any thread may ask


@dataclass(frozen=True, slots=True)
class Asked:
    """An input of a model with the folder whose images it is given, and who judges whether they fit it."""

    wanted: InputContract
    root: Path
    files: Mapping[str, Found]
    unlike: Unlike


def asked_of(wanted: InputContract, catalogue: Catalogue) -> Asked:
    """An input with the files of a folder."""
    root = Path(catalogue.folder)
    return Asked(wanted, root, {item.path: item for item in catalogue.found}, Unlike(root, wanted))


def given_case(
    samples: Sequence[Sample],
    answers: Sequence[Floats | FileFault],
    inputs: Sequence[Asked],
    outputs: tuple[OutputContract, ...],
) -> Given:
    """A case from one sample and its decoded image for each input; the row is that of the first."""
    first = samples[0]
    pixels: list[Floats] = []
    for sample, answer, asked in zip(samples, answers, inputs, strict=True):
        if isinstance(answer, FileFault):
            return Given(Row(first.image_key, outputs, problem=str(answer), at=_place_of(first)))
        file = asked.files.get(sample.slices[0][0] if sample.slices else sample.path)
        why = asked.unlike.of_file(file) if file is not None else ""
        if why:
            return Given(Row(first.image_key, outputs, problem=f"{sample.key} {why}.", at=_place_of(first)))
        fitted, problem = fitting(answer, asked.wanted, asked.unlike)
        if problem:
            return Given(_row(first, outputs, inputs[0].root, f"{sample.key} {problem}."))
        pixels.append(fitted)
    return Given(_row(first, outputs, inputs[0].root), tuple(pixels), first.size if first.resampled else ())


def _row(sample: Sample, outputs: tuple[OutputContract, ...], root: Path, problem: str = "") -> Row:
    placed = sample.pose is not None and sample.spacing_mm is not None
    return Row(
        sample.image_key,
        outputs,
        problem=problem,
        original=None if placed else root / sample.path,
        sources=tuple((root / path, frame) for path, frame in sample.slices or ((sample.path, sample.frame),)),
        affine=_rows_of(affine_of_pose(sample.pose, sample.spacing_mm)) if sample.pose and sample.spacing_mm else (),
        at=_place_of(sample),
    )


def _place_of(sample: Sample) -> tuple[str, ...]:
    """x, y or x, y, z of a point; () of a whole image."""
    return () if sample.point is None else tuple(f"{place:.10g}" for place in reversed(sample.point.at))


def _rows_of(affine: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in line) for line in affine)


def fitting(image: NDArray[Any], wanted: InputContract, unlike: Unlike) -> tuple[NDArray[Any], str]:
    """The image with the channels that the model takes, as in training; or why it has no such form. Whole numbers may
    be stored in whole numbers: they are looked at as they are."""
    axes, have = image.ndim - 1, image.shape[0]
    if axes != len(wanted.size):
        takes = _AXES.get(len(wanted.size), "something else")
        return image, f"is {_AXES.get(axes, 'of another kind')}, but the model takes {takes}"
    if wanted.columns:
        return image, ""  # which numbers may be missing was settled when the table was read
    if image.dtype.kind == "f" and not np.isfinite(image).all():
        return image, "holds pixels that are not a number (NaN or infinite)"
    if why := unlike.of_pixels(image):
        return image, why
    if have == wanted.channels:
        return image, ""
    if axes == 1:
        return image, f"has {counted(have, 'lead')}, but the model takes {wanted.channels}"
    if (have, wanted.channels) == (1, 3):
        return np.repeat(image, 3, axis=0), ""
    if (have, wanted.channels) == (3, 1):
        return np.tensordot(_GREY, image, axes=1)[None].astype(np.float32), ""
    plural = "s" if have != 1 else ""
    return image, f"has {have} channel{plural}, but the model takes {wanted.channels}"
