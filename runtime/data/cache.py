"""Every file decoded once, into arrays on disk that training maps into memory.

The cache is bounded: `runtime.data.cache_bound` says which entries are removed, and when.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.cache_files import Entry, Layout, Ready
from runtime.data.cache_images import Images
from runtime.data.cache_place import default_cache_folder
from runtime.data.cache_rows import row_codes
from runtime.data.catalogue import DataError, DataSet, Skipped
from runtime.data.faults import FileFault
from runtime.data.fitting import Fitting, Resample
from runtime.data.gather import gathered
from runtime.data.points.patches import Patches, image_rows, images_of_points, largest_image, to_size
from runtime.data.pool import SECONDS
from runtime.data.wording import tally

__all__ = ["CachedImages", "default_cache_folder", "load_images"]

VERSION = 4
Floats = NDArray[np.float32]
Fit = Callable[[Floats], Floats]
FitMask = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class CachedImages:
    """The decoded samples of a data set, in the order of `DataSet.samples`; rows of failed samples are zero."""

    images: Images  # (N, channels, *size), float32 in real units, mapped from disk; indexing gives copies
    masks: NDArray[Any] | None  # (N, *size), class indexes; uint8 up to 256 classes, else int16
    usable: tuple[int, ...]  # indexes of the samples whose pixels (and mask) could be read
    failed: tuple[Skipped, ...]  # one for each sample that is not usable; the path is Sample.key


def load_images(
    dataset: DataSet,
    cache_folder: Path,
    fit: Fit,
    channels: int,
    size: tuple[int, ...],
    key: str,
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    fit_mask: FitMask | None = None,
    workers: int | None = None,
    seconds: float = SECONDS,
    resample: Resample | None = None,
) -> CachedImages:
    """The samples of `dataset` as float32 arrays (channels, *size): decoded once, from then on mapped from the cache.

    `fit` brings one image (channels, *its size) to (channels, *size), `fit_mask` one mask of class indexes (*its size)
    to (*size); `resample` brings an image or a mask to the pixels that it has at the spacing asked for, and is needed
    where samples have such a size. Where points are the cases, whole images are kept, each once, and patches are cut
    out of them as they are read; `fit` then brings a patch to (channels, *size). `key` names what they do, so that
    another way of fitting makes another entry. Grey images are repeated for three channels, colour images turned to
    grey for one. `on_progress` counts files.

    Raises DataError when nothing can be read or the disk is full, Cancelled when `cancelled` answers True.
    """
    if not dataset.samples:
        raise DataError(f"The folder {dataset.folder} holds no sample to decode.")
    masked = dataset.label == "mask"
    if masked and fit_mask is None:
        raise ValueError("a data set with masks needs fit_mask")
    if dataset.points:
        size_of_all = largest_image(dataset)
        whole = load_images(
            images_of_points(dataset), cache_folder, to_size(size_of_all), channels, size_of_all, "whole images 1",
            on_progress, cancelled, workers=workers, seconds=seconds,
        )  # fmt: skip
        return _patches(dataset, whole, fit, size)
    layout = Layout((len(dataset.samples), channels, *size), masked, _mask_type(dataset))
    preparation, codes = preparation_key(dataset, channels, size, key), row_codes(dataset)
    entry = Entry(cache_folder, preparation, codes)
    ready = entry.read(layout)
    if ready is None:
        fitting = Fitting(dataset, channels, size, fit, fit_mask if masked else None, resample)
        ready = _build(entry, layout, fitting, _Course(cache_folder, on_progress, cancelled, workers, seconds))
    return _told(dataset, ready)


def _patches(dataset: DataSet, whole: CachedImages, fit: Fit, size: tuple[int, ...]) -> CachedImages:
    """Patches of the whole images; those of an image that could not be read fail with it."""
    rows = image_rows(dataset)
    why = {item.path: item.reason for item in whole.failed}
    failed = {place: why[one.image_key] for place, one in enumerate(dataset.samples) if one.image_key in why}
    usable = tuple(place for place in range(len(rows)) if place not in failed)
    skipped = tuple(Skipped(dataset.samples[place].key, reason) for place, reason in failed.items())
    return CachedImages(Patches(whole.images, dataset.samples, rows, size, fit), None, usable, skipped)


def _told(dataset: DataSet, ready: Ready) -> CachedImages:
    """An entry with its failures in words. Raises DataError when nothing is usable."""
    images, masks, failures = ready
    usable = tuple(index for index in range(len(dataset.samples)) if index not in failures)
    skipped = tuple(Skipped(dataset.samples[index].key, reason) for index, reason in sorted(failures.items()))
    if not usable:
        several = len(failures) > 1
        none = f"None of the {len(failures)} cases" if several else "The only case"
        none += f" in {dataset.folder} could {'' if several else 'not '}be read:"
        raise DataError(none, *(f"{line}." for line in tally(skipped)))
    return CachedImages(images, masks, usable, skipped)


def preparation_key(dataset: DataSet, channels: int, size: tuple[int, ...], key: str) -> str:
    """What is done to the files: rows of entries with the same preparation can be taken from each other."""
    masks = (dataset.mask_values, _mask_type(dataset)) if dataset.label == "mask" else ()
    parts = (VERSION, dataset.folder, dataset.kind, masks, channels, size, key)
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogateescape")).hexdigest()


@dataclass(frozen=True, slots=True)
class _Course:
    """How decoding is to go on: where to, whom to tell, when to stop, how many children, how long a file may take."""

    folder: Path
    on_progress: Callable[[int, int], None] | None
    cancelled: Callable[[], bool] | None
    workers: int | None
    seconds: float


def _mask_type(dataset: DataSet) -> str:
    return "uint8" if len(dataset.mask_values) <= 256 else "int16"


def _refuse_full_disk(folder: Path, layout: Layout) -> None:
    free = shutil.disk_usage(folder).free
    if layout.total_bytes + 2**26 > free:
        raise DataError(
            f"The decoded images need {layout.total_bytes / 1e9:.1f} GB, but {folder} has {free / 1e9:.1f} GB free; "
            f"make room, choose a smaller image size, or name another folder in NETLOOM_CACHE."
        )


def _build(entry: Entry, layout: Layout, fitting: Fitting, course: _Course) -> Ready:
    """Decode everything into a new entry. Raises DataError when the folder cannot take it."""
    try:
        entry.make_room(layout)
        _refuse_full_disk(course.folder, layout)
        return entry.finish(layout, _fill(entry, layout, fitting, course))
    except OSError as error:
        raise DataError(
            f"The decoded images cannot be kept in {course.folder} ({error.strerror or error}); "
            f"name another folder in NETLOOM_CACHE."
        ) from error


def _fill(entry: Entry, layout: Layout, fitting: Fitting, course: _Course) -> dict[int, str]:
    """Decode all files into the entry's unfinished arrays; the reasons of the samples that failed, by index."""
    failed: dict[int, str] = {}
    with entry.writing(layout) as (images, masks):
        dataset, told = fitting.dataset, 0
        left = entry.take_over(layout, images, masks)
        samples = [dataset.samples[index] for index in left]
        cases = (Path(dataset.folder), samples, lambda _: dataset.kind, masks is not None)
        for files in gathered(*cases, course.workers, course.seconds, course.cancelled):
            files = replace(files, index=left[files.index])
            try:
                image = fitting.image(files)
                if masks is not None:
                    masks.put(files.index, fitting.mask(files))
                images.put(files.index, image)
            except FileFault as fault:
                images.clear(files.index)
                if masks is not None:
                    masks.clear(files.index)
                failed[files.index] = str(fault)
            if course.on_progress is not None and files.done > told:
                told = files.done
                course.on_progress(told, files.total)
    return failed
