"""Cases of a data set as a model takes them: put together from their files, at the spacing asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runtime.data.assembly import image_of
from runtime.data.catalogue import Catalogue, DataSet, FileKind, Sample
from runtime.data.faults import FileFault
from runtime.data.forms import formed
from runtime.data.gather import gathered
from runtime.data.points.patches import cut
from runtime.data.resampling import resampled
from runtime.data.taken import Taken

Floats = NDArray[np.float32]


def case_images(
    folder: Path,
    samples: Sequence[Sample],
    kinds: Mapping[str, FileKind],
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[Floats | FileFault]:
    """The image (channels, *size) of each sample in real units, of a point its patch, or why it has none. Raises
    Cancelled."""
    if any(sample.values for sample in samples):  # rows of a table
        yield from (np.array(sample.values, np.float32) for sample in samples)
        return
    for files in gathered(folder, samples, kinds.__getitem__, cancelled=cancelled):
        sample = samples[files.index]
        try:
            image = image_of(sample, kinds[sample.path], files.images)
        except FileFault as fault:
            yield fault
            continue
        if sample.point is not None:
            image = cut(image, sample)
        yield resampled(image, sample.resampled, False) if sample.resampled else image


def unlabelled(catalogue: Catalogue, taken: Taken) -> DataSet:
    """All images of a folder as cases of this form, without labels. Raises DataError when none fits it.

    Where DICOM files are there, they count; else volumes; else pictures; else signals.
    """
    kind: FileKind = next(
        (kind for kind in ("dicom", "volume", "image", "signal") if any(item.kind == kind for item in catalogue.found)),
        "image",
    )
    samples = tuple(
        Sample(
            item.path, frame, item.channels, item.size, item.patient or item.path, item.patient, study=item.study,
            at_mm=item.position_mm if item.frames == 1 else None,
        )
        for item in catalogue.found
        if item.kind == kind
        for frame in range(1 if kind == "volume" else item.frames)
    )
    dataset = DataSet(catalogue.folder, kind, samples, "", (), 0, (), "")
    return replace(formed(dataset, catalogue, taken), folder=catalogue.folder)
