"""Writing practice images as DICOM files of a magnetic resonance series."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage

_DAY = "20200101"


@dataclass(frozen=True, slots=True)
class SeriesOf:
    """The series that slices belong to; UIDs are derived from these fields, so a seed always writes the same files."""

    data_set: str
    seed: int
    patient: str
    name: str  # T1, T2, FLAIR
    number: int
    repetition_ms: float
    echo_ms: float


def uid(*parts: object) -> UID:
    """A UID under the root for UUIDs (2.25), derived from the parts given."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return UID(f"2.25.{int.from_bytes(digest[:15], 'big')}")


def write_slice(
    path: Path,
    pixels: NDArray[np.uint16],
    series: SeriesOf,
    instance: int,
    position_mm: tuple[float, float, float],
    spacing_mm: tuple[float, float],
) -> None:
    """Writes one slice. `spacing_mm` is (between slices, in the plane); `position_mm` the place of the first pixel."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = MRImageStorage
    meta.MediaStorageSOPInstanceUID = uid(series, "image", instance)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID = MRImageStorage
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    _describe(dataset, series)
    _place(dataset, instance, position_mm, spacing_mm)
    _fill(dataset, pixels)
    dataset.save_as(path, enforce_file_format=True)


def _describe(dataset: FileDataset, series: SeriesOf) -> None:
    person = (series.data_set, series.seed, series.patient)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "M", "SE"]
    dataset.StudyDate = dataset.SeriesDate = dataset.ContentDate = _DAY
    dataset.StudyTime = dataset.SeriesTime = dataset.ContentTime = "120000"
    dataset.AccessionNumber = ""
    dataset.Modality = "MR"
    dataset.Manufacturer = "Netloom practice data (synthetic)"
    dataset.ReferringPhysicianName = ""
    dataset.StudyDescription = "Synthetic head"
    dataset.SeriesDescription = f"{series.name} axial"
    dataset.PatientName = f"{series.patient}^Synthetic"
    dataset.PatientID = series.patient
    dataset.PatientBirthDate = ""
    dataset.PatientSex = "O"
    dataset.BodyPartExamined = "HEAD"
    dataset.ScanningSequence = "SE"
    dataset.SequenceVariant = "NONE"
    dataset.ScanOptions = ""
    dataset.MRAcquisitionType = "2D"
    dataset.RepetitionTime = series.repetition_ms
    dataset.EchoTime = series.echo_ms
    dataset.EchoTrainLength = 1
    dataset.PatientPosition = "HFS"
    dataset.StudyInstanceUID = uid(*person, "study")
    dataset.SeriesInstanceUID = uid(*person, "series", series.name)
    dataset.FrameOfReferenceUID = uid(*person, "frame")
    dataset.PositionReferenceIndicator = ""
    dataset.StudyID = "1"
    dataset.SeriesNumber = series.number


def _place(
    dataset: FileDataset, instance: int, position_mm: tuple[float, float, float], spacing_mm: tuple[float, float]
) -> None:
    dataset.InstanceNumber = instance
    dataset.ImagePositionPatient = [round(value, 3) for value in position_mm]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.SliceLocation = round(position_mm[2], 3)
    dataset.SliceThickness = spacing_mm[0]
    dataset.SpacingBetweenSlices = spacing_mm[0]
    dataset.PixelSpacing = [spacing_mm[1], spacing_mm[1]]


def _fill(dataset: FileDataset, pixels: NDArray[np.uint16]) -> None:
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    low, high = np.percentile(pixels, (2, 99.5))
    dataset.WindowCenter = round(float(low + high) / 2)
    dataset.WindowWidth = max(1, round(float(high - low)))
    dataset.PixelData = pixels.astype("<u2").tobytes()
