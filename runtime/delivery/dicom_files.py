"""Predictions as DICOM: one segmentation for each series, one structured report for each study."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import highdicom
import numpy as np
from highdicom.seg import segread
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import UID

from runtime.data.sniff import content_of
from runtime.delivery.answers import Row, classes_of
from runtime.delivery.dicom_report import Told, report
from runtime.delivery.dicom_segmentation import quiet_libraries, segmentation
from runtime.delivery.dicom_source import Plane, header_of, plane_of, planes_of_affine
from runtime.errors import RunError

_SERIES = ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "Rows", "Columns")
Masks = NDArray[np.uint16]


@dataclass
class _Group:
    """Masks of slices of one series that lie at different places, or of one volume."""

    path: Path
    classes: tuple[str, ...]
    step: float | None = None
    headers: dict[str, Dataset] = field(default_factory=dict)
    planes: list[Plane] = field(default_factory=list)
    masks: list[bytes] = field(default_factory=list)  # compressed: a folder may hold many thousands

    def add(self, headers: list[Dataset], planes: list[Plane], masks: Masks) -> None:
        """Keep a slice, or all slices of a volume."""
        self.headers |= {str(header.SOPInstanceUID): header for header in headers}
        self.planes += planes
        self.masks += [zlib.compress(np.ascontiguousarray(mask).tobytes(), 1) for mask in masks]

    def lies_at(self, plane: Plane) -> bool:
        """Whether a mask of it lies at this place already."""
        return any(plane.corner == one.corner for one in self.planes)

    def all_masks(self) -> Masks:
        """(frames, rows, columns)"""
        sides = (self.planes[0].rows, self.planes[0].columns)
        return np.stack([np.frombuffer(zlib.decompress(data), np.uint16).reshape(sides) for data in self.masks])


class DicomFiles:
    """Takes the rows of a prediction and writes DICOM objects into a folder at the end.

    They carry the patient and the study of the images they were made from, as a hospital's archive needs them to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._groups: dict[tuple[object, ...], _Group] = {}
        self._told: dict[str, list[Told]] = {}

    def add(self, row: Row) -> Path | None:
        """Keep the answers of a row; gives the file that its mask will be in, if it has one. Raises RunError for an
        image that is no DICOM file, or does not say where it lies."""
        headers = [header_of(path) for path in self._files(row)]
        place, frame = None, row.sources[0][1]
        pixel_mm = 0.0
        for output, answer in zip(row.outputs, row.answers, strict=True):
            if answer.mask is None:
                continue
            planes, step = self._planes(row, headers[0], answer.mask.shape)
            pixel_mm = planes[0].spacing[0] * planes[0].spacing[1] * (step or 1.0)
            group = self._group(row, headers[0], planes, step, (output.tensor, tuple(classes_of(output))))
            group.add(headers, planes, answer.mask.reshape(-1, *answer.mask.shape[-2:]))
            place = place or group.path
        study = str(headers[0].StudyInstanceUID)
        self._told.setdefault(study, []).append(Told(headers[0], frame, row.outputs, row.answers, pixel_mm))
        return place

    def _files(self, row: Row) -> list[Path]:
        files = list(dict.fromkeys(path for path, _ in row.sources))
        if not files or content_of(files[0]).kind != "dicom":
            raise RunError(f"{row.path} is no DICOM image, so no DICOM object can refer to it; write another format.")
        return files

    def _planes(self, row: Row, header: Dataset, size: tuple[int, ...]) -> tuple[list[Plane], float | None]:
        if len(size) == 3:
            if not row.affine:
                raise RunError(f"{row.path} does not say where its slices lie; write NIfTI.")
            return planes_of_affine(row.affine, size)
        return [plane_of(header, row.sources[len(row.sources) // 2][1])], None

    def _group(
        self, row: Row, header: Dataset, planes: list[Plane], step: float | None, output: tuple[str, tuple[str, ...]]
    ) -> _Group:
        """Slices of one series share an object, each place once: the second image at a place begins another."""
        name, classes = output
        series, first = tuple(str(header.get(keyword)) for keyword in _SERIES), planes[0]
        like = (name, *series, first.rows, first.columns, first.ways, first.spacing, row.path if step else "")
        turn = 0
        while (group := self._groups.get((*like, turn))) is not None and group.lies_at(first):
            turn += 1
        if group is None:
            number = len(self._groups) + 1
            group = self._groups[(*like, turn)] = _Group(self.folder / f"segmentation-{number:04d}.dcm", classes, step)
        return group

    def finish(self) -> Iterator[Path]:
        """Write everything, read it back, and give each file. Raises RunError and OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for group in self._groups.values():
            masks = group.all_masks()
            made = segmentation(
                list(group.headers.values()), masks, group.planes, group.step, group.classes, UID(highdicom.UID())
            )
            _save(made, group.path)
            _check(group, masks)
            yield group.path
        for number, told in enumerate(self._told.values(), start=1):
            path = self.folder / f"report-{number:04d}.dcm"
            _save(report(told, 1), path)
            yield path


def _save(made: Dataset, path: Path) -> None:
    part = path.with_name(f".{path.name}.part")
    with quiet_libraries():
        made.save_as(part)
    os.replace(part, path)


def _check(group: _Group, masks: Masks) -> None:
    """Refuse a file that, read back, does not hold the pixels that went in."""
    with quiet_libraries():
        found = segread(group.path)
    if int(found.pixel_array.sum()) != int((masks > 0).sum()):
        group.path.unlink()
        raise RunError(f"{group.path.name} did not hold the masks that were written; it is not kept.")
