"""From the row of a table to the image that it names and the pixel that it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.catalogue import Catalogue, DataSet, Found, Sample
from runtime.data.faults import FileFault
from runtime.data.label_paths import PathIndex
from runtime.data.points.table import Row
from runtime.data.turning import affine_of_pose
from runtime.data.wording import counted

_DIGITS = 3  # of a place in pixels


class ImageIndex(PathIndex):
    """Finds images by path or name as `PathIndex`, and by the number of their series (SeriesInstanceUID)."""

    def __init__(self, folder: Path, images: Iterable[Found]) -> None:
        self._series: dict[str, list[str]] = {}
        paths = []
        for item in images:
            paths.append(item.path)
            if item.series:
                self._series.setdefault(item.series, []).append(item.path)
        super().__init__(folder, paths)

    def find(self, cell: str, shared: int = 0) -> tuple[str, ...]:
        """The files that a cell names."""
        return super().find(cell, shared) or tuple(self._series.get(cell.strip(), ()))


class Places:
    """The images of a data set, and where the places that a table gives lie in them."""

    def __init__(self, dataset: DataSet, catalogue: Catalogue) -> None:
        self._samples: dict[str, list[int]] = {}  # by file, the images that are made of it
        for place, sample in enumerate(dataset.samples):
            for path in {sample.path, *(path for path, _ in sample.slices)}:
                self._samples.setdefault(path, []).append(place)
        used = [item for item in catalogue.found if item.path in self._samples]
        self.index = ImageIndex(Path(dataset.folder), used)
        self._dataset = dataset
        self._spacing = {item.path: item.spacing_mm for item in catalogue.found}
        self._inverse: dict[int, NDArray[np.floating[Any]] | None] = {}

    def image_of(self, row: Row, shared: int) -> int | str:
        """The place of the image among the samples, or why there is none; "" where no image has the name."""
        files = self.index.find(row.image, shared) if row.image else ()
        places = sorted({place for path in files for place in self._samples[path]})
        if len(places) < 2:
            return places[0] if places else ""
        samples = [self._dataset.samples[place] for place in places]
        if len({sample.path for sample in samples}) == 1 and len(row.at) == 3:
            frame = [place for place in places if self._dataset.samples[place].frame == round(row.at[2])]
            return frame[0] if frame else f"asks for frame {row.at[2]:g} of {counted(len(places), 'frame')}, from 0"
        if len({sample.path for sample in samples}) == 1:
            return "names an image of several frames; give the frame, from 0, in a column frame or z"
        return f"names {counted(len(places), 'image')}; name one of them, or take volumes"

    def pixel(self, place: int, at: tuple[float, ...], in_mm: bool) -> tuple[float, ...] | str:
        """The place in pixels of the image, in the order of its size, or why there is none."""
        sample = self._dataset.samples[place]
        if in_mm:
            found = self._from_mm(place, at)
            if isinstance(found, str):
                return found
            at = found
        axes = len(sample.size)
        if len(at) < axes:
            return "has no z, and its image is a volume"
        pixel = tuple(round(float(value), _DIGITS) + 0.0 for value in reversed(at[:axes]))
        inside = all(-0.5 <= value < side - 0.5 for value, side in zip(pixel, sample.size, strict=True))
        return pixel if inside else f"lies outside of its image of {'×'.join(map(str, sample.size))} pixels"

    def spacing(self, place: int) -> tuple[float, ...] | None:
        """Millimetres of a pixel of the image, in the order of its size; None when unknown."""
        sample = self._dataset.samples[place]
        own = sample.spacing_mm or self._spacing.get(sample.path)
        return own[-len(sample.size) :] if own is not None and len(own) >= len(sample.size) else None

    def _from_mm(self, place: int, at: tuple[float, ...]) -> tuple[float, ...] | str:
        if place not in self._inverse:
            self._inverse[place] = self._to_pixels(self._dataset.samples[place])
        inverse = self._inverse[place]
        if inverse is None or len(at) < 3:
            return "gives millimetres, but its image does not say where it lies in the patient"
        left, back, head = at[:3]
        x, y, z, _ = inverse @ np.array([-left, -back, head, 1.0])
        return float(x), float(y), float(z)

    def _to_pixels(self, sample: Sample) -> NDArray[np.floating[Any]] | None:
        if len(sample.size) != 3:
            return None
        if sample.pose is not None and sample.spacing_mm is not None:
            return np.linalg.inv(affine_of_pose(sample.pose, sample.spacing_mm))
        if self._dataset.kind != "volume":
            return None
        from runtime.data.volumes import affine_as_read

        try:
            return np.linalg.inv(affine_as_read(Path(self._dataset.folder) / sample.path))
        except (FileFault, np.linalg.LinAlgError):
            return None


def distance(one: Sequence[float], other: Sequence[float], spacing: Sequence[float] | None) -> float:
    """How far two places in pixels lie apart: in pixels, or in mm where the spacing is given."""
    steps = np.subtract(one, other) * (1.0 if spacing is None else np.asarray(spacing))
    return float(np.linalg.norm(steps))
