"""Applying a model to a folder: a row for each image, in sorted path order, or why it has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runtime.cases import case_images, unlabelled
from runtime.data.catalogue import Catalogue, DataSet, Found, Sample, Skipped, Taken
from runtime.data.faults import Cancelled, FileFault
from runtime.data.label_paths import listed
from runtime.data.mask_files import mask_files
from runtime.data.pool import Decoded, Request, decode
from runtime.data.scan import scan
from runtime.data.turning import affine_of_pose
from runtime.data.wording import counted
from runtime.delivery.answers import Row, answer_of
from runtime.delivery.contract import InputContract, OutputContract
from runtime.delivery.prediction_files import Written, write_predictions
from runtime.delivery.predictors import OnnxPredictor, Predictor, TrainedPredictor
from runtime.delivery.unlike import Unlike
from runtime.errors import RunError
from runtime.plan import FittedSize

__all__ = ["OnnxPredictor", "Predictor", "Row", "TrainedPredictor", "Written", "predict_folder", "write_predictions"]

Floats = NDArray[np.float32]

_BATCH = 16
_GREY = np.array((0.299, 0.587, 0.114), np.float32)  # luminance of R, G, B (ITU-R BT.601)
_AXES = {1: "a 1-D signal", 2: "a 2-D image", 3: "a 3-D volume"}


@dataclass(frozen=True, slots=True)
class _Image:
    row: Row
    pixels: Floats | None  # (channels, *size); None when the row has its problem already
    found: tuple[int, ...] = ()  # the size before it was resampled to the model's spacing; () where it was not


def predict_folder(
    model: Predictor,
    folder: Path,
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    on_note: Callable[[str], None] | None = None,
    files: Collection[str] | None = None,
) -> Iterator[Row]:
    """Answer every image below `folder`, or only these `files` of it (relative to it); files that cannot be used, and
    images that the model was not made for, give a row that says why. Masks of other images get no row and are told.

    The folder is listed before this returns, so that what is written into it meanwhile is not taken for an image.
    `on_progress(done, total)` counts files; `on_note` is told how the images differ from those that trained the model.
    Raises DataError when the folder cannot be read, RunError when the
    model does not take exactly one image.
    """
    wanted = _image_input(model)
    catalogue, masks = _without_masks(scan(folder, cancelled=cancelled, only=files))
    if on_note is not None:
        for note in (*masks, *_converted(catalogue.found, wanted)):
            on_note(note)
    taken = Taken(wanted.take, wanted.neighbours or Taken().neighbours, wanted.spacing_mm)
    images = _images(model, wanted, catalogue, on_progress, cancelled)
    if not taken.plain:
        images = _cases(model, wanted, unlabelled(catalogue, taken), catalogue, on_progress, cancelled)
    return _windows(model, images)


def _without_masks(catalogue: Catalogue) -> tuple[Catalogue, tuple[str, ...]]:
    """The catalogue without the masks that lie beside the images, and a sentence on them where there are any."""
    masks = mask_files(catalogue.found)
    if not masks:
        return catalogue, ()
    rest = tuple(item for item in catalogue.found if item.path not in masks)
    what = "1 mask file is no image" if len(masks) == 1 else f"{len(masks)} mask files are not images"
    return replace(catalogue, found=rest), (f"{what} to predict: {listed(masks)}.",)


def _converted(found: Sequence[Found], wanted: InputContract) -> Iterator[str]:
    """How images are changed before the model answers; each way in one sentence."""
    pairs = ((item.channels, wanted.channels) for item in found)
    for (have, _), count in Counter(pair for pair in pairs if pair in ((1, 3), (3, 1))).items():
        kinds = ("grey", "colour") if have == 1 else ("colour", "grey")
        are, were = ("is", "it is") if count == 1 else ("are", "they are")
        yield (
            f"{count} of {counted(len(found), 'image')} {are} {kinds[0]}, and the model takes {kinds[1]} images: "
            f"{were} converted."
        )


def _windows(model: Predictor, images: Iterator[_Image]) -> Iterator[Row]:
    while window := list(islice(images, _BATCH)):
        yield from _answered(model, window)


def _image_input(model: Predictor) -> InputContract:
    inputs = model.contract.inputs
    if inputs and all(entry.feed == "noise" for entry in inputs):
        raise RunError(
            "This model makes images out of noise and takes none, so it has no answer for a folder of images; use "
            "`netloom generate` to look at what it makes."
        )
    if len(inputs) != 1 or inputs[0].feed != "data":
        names = ", ".join(f"“{entry.name}”" for entry in inputs)
        raise RunError(f"This model takes {names}; a folder can be answered only by a model that takes one image.")
    return inputs[0]


def _images(
    model: Predictor,
    wanted: InputContract,
    catalogue: Catalogue,
    on_progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Iterator[_Image]:
    root, outputs = Path(catalogue.folder), model.contract.outputs
    # Copies and scouts are left out of training only: whoever asks for their answers gets them.
    readable = [Found(item.path, "dicom", 0, ()) if item.image else item for item in catalogue.skipped]
    entries: list[Found | Skipped] = [*catalogue.found, *readable]
    entries.sort(key=lambda entry: entry.path)
    requests = [Request(root / entry.path, entry.kind) for entry in entries if isinstance(entry, Found)]
    decoded = decode(requests, cancelled=cancelled)
    unlike = Unlike(root, wanted)
    for done, entry in enumerate(entries, start=1):
        if isinstance(entry, Skipped):
            yield _Image(Row(entry.path, outputs, problem=f"{entry.path} {entry.reason}."), None)
        else:
            answer = next(decoded, None)
            if answer is None:
                return
            why = unlike.of_file(entry)
            if why:
                yield _Image(Row(entry.path, outputs, problem=f"{entry.path} {why}."), None)
            elif isinstance(answer, Decoded):
                yield from _frames(answer.array, entry, outputs, wanted, root, unlike)
            else:
                yield _Image(Row(entry.path, outputs, problem=answer.reason), None)
        if on_progress is not None:
            on_progress(done, len(entries))


def _cases(
    model: Predictor,
    wanted: InputContract,
    dataset: DataSet,
    catalogue: Catalogue,
    on_progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Iterator[_Image]:
    """The images in the form that the model was trained on: volumes, neighbouring slices, another spacing."""
    root, outputs = Path(catalogue.folder), model.contract.outputs
    files = {item.path: item for item in catalogue.found}
    unlike = Unlike(root, wanted)
    left = {item.path: item for item in (*catalogue.skipped, *dataset.skipped)}
    for sample in dataset.samples:
        for path in (sample.path, *(path for path, _ in sample.slices)):
            left.pop(path, None)
    answers = case_images(root, dataset.samples, {path: item.kind for path, item in files.items()}, cancelled)
    entries: list[Sample | Skipped] = [*dataset.samples, *left.values()]
    entries.sort(key=lambda entry: (entry.path, entry.frame if isinstance(entry, Sample) else 0))
    for done, entry in enumerate(entries, start=1):
        if isinstance(entry, Skipped):
            yield _Image(Row(entry.path, outputs, problem=f"{entry.path} {entry.reason}."), None)
        else:
            try:
                answer = next(answers)
            except Cancelled:
                return
            yield _case(entry, answer, outputs, wanted, root, files, unlike)
        if on_progress is not None:
            on_progress(done, len(entries))


def _case(
    sample: Sample,
    answer: Floats | FileFault,
    outputs: tuple[OutputContract, ...],
    wanted: InputContract,
    root: Path,
    files: Mapping[str, Found],
    unlike: Unlike,
) -> _Image:
    if isinstance(answer, FileFault):
        return _Image(Row(sample.key, outputs, problem=str(answer)), None)
    file = files.get(sample.slices[0][0] if sample.slices else sample.path)
    why = unlike.of_file(file) if file is not None else ""
    if why:
        return _Image(Row(sample.key, outputs, problem=f"{sample.key} {why}."), None)
    pixels, problem = _fitting(answer, wanted, unlike)
    placed = sample.pose is not None and sample.spacing_mm is not None
    row = Row(
        sample.key,
        outputs,
        problem=f"{sample.key} {problem}." if problem else "",
        original=None if placed else root / sample.path,
        sources=tuple((root / path, frame) for path, frame in sample.slices or ((sample.path, sample.frame),)),
        affine=_rows_of(affine_of_pose(sample.pose, sample.spacing_mm)) if sample.pose and sample.spacing_mm else (),
    )
    return _Image(row, None if problem else pixels, sample.size if sample.resampled else ())


def _rows_of(affine: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in line) for line in affine)


def _frames(
    array: Floats, entry: Found, outputs: tuple[OutputContract, ...], wanted: InputContract, root: Path, unlike: Unlike
) -> Iterator[_Image]:
    for number, frame in enumerate(array):
        path = entry.path if len(array) == 1 else f"{entry.path}#{number}"
        pixels, problem = _fitting(frame, wanted, unlike)
        said, file = f"{path} {problem}." if problem else "", root / entry.path
        row = Row(path, outputs, problem=said, original=file, sources=((file, number),))
        yield _Image(row, None if problem else pixels)


def _fitting(image: Floats, wanted: InputContract, unlike: Unlike) -> tuple[Floats, str]:
    """The image with the channels that the model takes, as in training; or why it has no such form."""
    axes, have = image.ndim - 1, image.shape[0]
    if axes != len(wanted.size):
        takes = _AXES.get(len(wanted.size), "something else")
        return image, f"is {_AXES.get(axes, 'of another kind')}, but the model takes {takes}"
    if not np.isfinite(image).all():
        return image, "holds pixels that are not a number (NaN or infinite)"
    if why := unlike.of_pixels(image):
        return image, why
    if have == wanted.channels:
        return image, ""
    if (have, wanted.channels) == (1, 3):
        return np.repeat(image, 3, axis=0), ""
    if (have, wanted.channels) == (3, 1):
        return np.tensordot(_GREY, image, axes=1)[None].astype(np.float32), ""
    plural = "s" if have != 1 else ""
    return image, f"has {have} channel{plural}, but the model takes {wanted.channels}"


def _answered(model: Predictor, window: Sequence[_Image]) -> list[Row]:
    """The rows of a few images; those of equal size go through the model together."""
    rows = [image.row for image in window]
    alike: dict[tuple[int, ...], list[int]] = {}
    for index, image in enumerate(window):
        if image.pixels is not None:
            alike.setdefault(image.pixels.shape, []).append(index)
    for indexes in alike.values():
        pixels = [window[index].pixels for index in indexes]
        batch = np.stack([image for image in pixels if image is not None])
        sizes = [window[index].found for index in indexes]
        for index, row in zip(indexes, _rows(model, batch, [rows[index] for index in indexes], sizes), strict=True):
            rows[index] = row
    return rows


def _rows(model: Predictor, batch: Floats, rows: Sequence[Row], found: Sequence[tuple[int, ...]]) -> list[Row]:
    try:
        answers = model.answers([batch])
    except RunError as error:
        return [replace(row, problem=f"{row.path}: {error}") for row in rows]
    size = batch.shape[2:]
    return [
        replace(row, answers=tuple(
            answer_of(_from(output, size, found[number]), given[number], found[number] or size)
            for output, given in zip(row.outputs, answers, strict=True)
        ))
        for number, row in enumerate(rows)
    ]  # fmt: skip


def _from(output: OutputContract, size: tuple[int, ...], found: tuple[int, ...]) -> OutputContract:
    """The output with the resampling before the model among its fits, where there was one."""
    return replace(output, fits=(FittedSize(size, "stretch"), *output.fits)) if found else output
