"""Small DICOM files made to order for tests."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    CTImageStorage,
    EnhancedMRImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
    generate_uid,
)

Plane = tuple[float, float, float, float, float, float]
AXIAL: Plane = (1, 0, 0, 0, 1, 0)


def dicom(
    path: Path,
    stored: NDArray[Any],
    *,
    bits: int | None = None,
    photometric: str = "MONOCHROME2",
    slope: float | str | None = None,
    intercept: float | str | None = None,
    patient: str = "P1",
    series: str = "1.2.3.1",
    instance: int | None = 1,
    position: tuple[float, float, float] | None = None,
    orientation: Plane = AXIAL,
    spacing: tuple[float, float] | None = (1.0, 1.0),
    frames: int | None = None,
    syntax: str = ExplicitVRLittleEndian,
    preamble: bool = True,
    **elements: Any,
) -> Path:
    """Write `stored` as it is: (rows, columns), (frames, rows, columns), or (rows, columns, 3) for colour.

    `slope` or `intercept` "" writes an empty element; `frames` overrides NumberOfFrames; other keywords are elements.
    """
    colour = stored.ndim == 3 and not photometric.startswith("MONOCHROME")
    dataset = _identity(path, patient, series, instance, SecondaryCaptureImageStorage if colour else CTImageStorage)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.Rows, dataset.Columns = stored.shape[:2] if colour or stored.ndim == 2 else stored.shape[1:]
    if stored.ndim == 3 and not colour:
        dataset.NumberOfFrames = stored.shape[0]
    if frames is not None:
        dataset.NumberOfFrames = frames
    dataset.SamplesPerPixel = 3 if colour else 1
    if colour:
        dataset.PlanarConfiguration = 0
    dataset.PhotometricInterpretation = photometric
    _pixels(dataset, stored, bits, big=syntax == ExplicitVRBigEndian)
    for keyword, value in (("RescaleSlope", slope), ("RescaleIntercept", intercept)):
        if value is not None:
            setattr(dataset, keyword, None if value == "" else value)
    if spacing is not None:
        dataset.PixelSpacing = list(spacing)
    if position is not None:
        dataset.ImagePositionPatient = list(position)
        dataset.ImageOrientationPatient = list(orientation)
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    if not preamble:
        path.write_bytes(_bare(path.read_bytes()))
    return path


def enhanced(path: Path, stored: NDArray[Any], scales: list[tuple[float, float]], step: float = 2.0) -> Path:
    """A multi-frame MR object (frames, rows, columns) with a rescale and a place for each frame, `step` mm apart."""
    groups = []
    for index, (slope, intercept) in enumerate(scales):
        value, place = Dataset(), Dataset()
        value.RescaleSlope, value.RescaleIntercept, value.RescaleType = slope, intercept, "US"
        place.ImagePositionPatient = [0, 0, index * step]
        group = Dataset()
        group.PixelValueTransformationSequence = Sequence([value])
        group.PlanePositionSequence = Sequence([place])
        groups.append(group)
    measures, plane, shared = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = [0.5, 0.5]
    plane.ImageOrientationPatient = list(AXIAL)
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.PlaneOrientationSequence = Sequence([plane])
    return dicom(
        path,
        stored,
        spacing=None,
        SOPClassUID=EnhancedMRImageStorage,
        SharedFunctionalGroupsSequence=Sequence([shared]),
        PerFrameFunctionalGroupsSequence=Sequence(groups),
    )


def _identity(path: Path, patient: str, series: str, instance: int | None, kind: str) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.SOPClassUID = kind
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=[str(path)])
    dataset.file_meta.MediaStorageSOPClassUID = kind
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.PatientID = patient
    dataset.PatientName = f"Test^{patient}"
    dataset.StudyInstanceUID = f"1.2.3.{zlib.crc32(patient.encode())}"
    dataset.SeriesInstanceUID = series
    dataset.Modality = "CT"
    if instance is not None:
        dataset.InstanceNumber = instance
    return dataset


def _pixels(dataset: Dataset, stored: NDArray[Any], bits: int | None, big: bool) -> None:
    if stored.dtype.kind == "f":
        dataset.BitsAllocated = stored.dtype.itemsize * 8
        dataset.FloatPixelData = stored.astype("<f4").tobytes()
        return
    dataset.BitsAllocated = stored.dtype.itemsize * 8
    dataset.BitsStored = bits or dataset.BitsAllocated
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(stored.dtype.kind == "i")
    raw = stored.astype(stored.dtype.newbyteorder(">" if big else "<")).tobytes()
    dataset.PixelData = raw + b"\0" * (len(raw) % 2)
    dataset["PixelData"].VR = "OW" if dataset.BitsAllocated > 8 else "OB"


def _bare(whole: bytes) -> bytes:
    """The data set alone: without the preamble, the "DICM" and the file meta group."""
    length = int.from_bytes(whole[140:144], "little")
    return whole[144 + length :]


def gradient(rows: int = 8, columns: int = 8, dtype: str = "uint16") -> NDArray[Any]:
    """A picture whose pixels all differ."""
    return np.arange(rows * columns).reshape(rows, columns).astype(dtype)
