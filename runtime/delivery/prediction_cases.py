"""One case as it is given to a model: its images with the axes and channels that the model takes, or why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.cache_as_found import Stored
from runtime.data.catalogue import Catalogue, Found, Sample
from runtime.data.faults import FileFault
from runtime.data.turning import affine_of_pose
from runtime.data.wording import counted
from runtime.delivery.answers import Row
from runtime.delivery.contract import InputContract, OutputContract
from runtime.delivery.unlike import Unlike

Floats = NDArray[np.float32]

_GREY = np.array((0.299, 0.587, 0.114), np.float32)  # luminance of R, G, B (ITU-R BT.601)
_NOT_A_NUMBER = "holds pixels that are not a number (NaN or infinite)"
_AXES = {1: "a 1-D signal", 2: "a 2-D image", 3: "a 3-D volume"}


@dataclass(frozen=True, slots=True)
class Given:
    """A row to be answered."""

    row: Row
    pixels: tuple[NDArray[Any], ...] = ()  # (channels, *size) for each input; () when the row has its problem already
    found: tuple[int, ...] = ()  # the size of the first before it was resampled to the model's spacing; () if not
    unread: Unread | None = None  # where its pixels lie; whoever answers for it reads them

    @property
    def nbytes(self) -> int:
        """Bytes of its pixels as float32."""
        size = 0 if self.unread is None else self.unread.stored.frame_size
        return 4 * (size + sum(pixels.size for pixels in self.pixels))


@dataclass(frozen=True, slots=True)
class Unread:
    """A frame that lies in the cache, and by what it is judged; the same for all files of a folder."""

    stored: Stored
    number: int
    wanted: InputContract
    unlike: Unlike


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
        fitted, (problem,) = fitting(answer[None], asked.wanted, asked.unlike)
        if problem:
            return Given(_row(first, outputs, inputs[0].root, f"{sample.key} {problem}."))
        pixels.append(fitted[0])
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


def fitted(rows: Sequence[Row], images: NDArray[Any], wanted: InputContract, unlike: Unlike) -> list[Given]:
    """The cases of images (n, channels, *size), one each, as the model takes them, or with why it does not."""
    pixels, problems = fitting(images, wanted, unlike)
    return [
        Given(replace(row, problem=f"{row.path} {problem}.")) if problem else Given(row, (image,))
        for row, image, problem in zip(rows, pixels, problems, strict=True)
    ]


def fitting(images: NDArray[Any], wanted: InputContract, unlike: Unlike) -> tuple[NDArray[Any], list[str]]:
    """The images (n, channels, *size) with the channels that the model takes, as in training, and for each why it has
    no such form, or "". Whole numbers may be stored in whole numbers: they are looked at as they are."""
    if problem := _other_form(images, wanted):
        return images, [problem] * len(images)
    if wanted.columns:
        return images, [""] * len(images)  # which numbers may be missing was settled when the table was read
    problems = unlike.of_pixels(images)
    if images.dtype.kind == "f":
        finite = np.isfinite(images).reshape(len(images), -1).all(axis=1)
        problems = [why if one else _NOT_A_NUMBER for why, one in zip(problems, finite, strict=True)]
    have = images.shape[1]
    if have == wanted.channels or all(problems):
        return images, problems
    image = images.ndim > 3  # the leads of a signal are no colours
    if image and (have, wanted.channels) == (1, 3):
        return np.repeat(images, 3, axis=1), problems
    if image and (have, wanted.channels) == (3, 1):
        return np.tensordot(images, _GREY, axes=(1, 0))[:, None].astype(np.float32), problems
    what = counted(have, "channel" if image else "lead")
    return images, [why or f"has {what}, but the model takes {wanted.channels}" for why in problems]


def _other_form(images: NDArray[Any], wanted: InputContract) -> str:
    """Why images (n, channels, *size) are of another kind than the model takes; "" where they are not."""
    axes = images.ndim - 2
    if axes == len(wanted.size):
        return ""
    takes = _AXES.get(len(wanted.size), "something else")
    return f"is {_AXES.get(axes, 'of another kind')}, but the model takes {takes}"
