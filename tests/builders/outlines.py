"""DICOM segmentations and structure sets made to order for tests."""

from __future__ import annotations

from collections.abc import Sequence as Row
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels.utils import pack_bits
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, SegmentationStorage, generate_uid

from tests.builders.dicom import dicom


def series(folder: Path, places: Row[float], rows: int = 8, columns: int = 10, **elements: Any) -> list[Path]:
    """CT slices 0.5 mm across and 2 mm down, one at each place along the z axis."""
    made = []
    for number, z in enumerate(places):
        pixels = np.full((rows, columns), number, np.uint16)
        path = folder / f"ct{number}.dcm"
        made.append(
            dicom(path, pixels, position=(10.0, 20.0, z), spacing=(2.0, 0.5), instance=number + 1,
                  FrameOfReferenceUID="1.2.9", **elements)
        )  # fmt: skip
    return made


def seg(
    path: Path,
    frames: Row[tuple[int, float, NDArray[Any]]],
    segments: Row[str] = ("liver", "tumour"),
    *,
    images: Row[Path] = (),
    spacing: tuple[float, float] = (2.0, 0.5),
    fractional: int = 0,
    referenced: bool = True,
) -> Path:
    """A SEG of frames (segment number, place along z, area); frames name the image at their place when `referenced`."""
    headers = [dcmread(image, stop_before_pixels=True) for image in images]
    dataset = _object(SegmentationStorage, "SEG")
    rows, columns = frames[0][2].shape
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = rows, columns, len(frames)
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PixelRepresentation = 1, "MONOCHROME2", 0
    dataset.SegmentationType = "FRACTIONAL" if fractional else "BINARY"
    dataset.SegmentSequence = Sequence([_item(SegmentNumber=at, SegmentLabel=name) for at, name in _numbered(segments)])
    dataset.ReferencedSeriesSequence = Sequence(
        [_item(SeriesInstanceUID=headers[0].SeriesInstanceUID)] if headers else []
    )
    plane = _item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    shared = _item(
        PlaneOrientationSequence=Sequence([plane]), PixelMeasuresSequence=Sequence([_item(PixelSpacing=list(spacing))])
    )
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    dataset.PerFrameFunctionalGroupsSequence = Sequence(
        [_frame(number, z, headers if referenced else []) for number, z, _ in frames]
    )
    stack = np.stack([area for _, _, area in frames])
    if fractional:
        dataset.MaximumFractionalValue = fractional
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
        dataset.PixelData = stack.astype(np.uint8).tobytes()
    else:
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 1, 1, 0
        dataset.PixelData = pack_bits(stack.astype(np.uint8).ravel())
    dataset["PixelData"].VR = "OB"
    return _saved(dataset, path)


def _frame(number: int, z: float, headers: Row[Dataset]) -> Dataset:
    group = _item(
        SegmentIdentificationSequence=Sequence([_item(ReferencedSegmentNumber=number)]),
        PlanePositionSequence=Sequence([_item(ImagePositionPatient=[10.0, 20.0, z])]),
    )
    on = [header for header in headers if float(header.ImagePositionPatient[2]) == z]
    if on:
        source = _item(ReferencedSOPClassUID=on[0].SOPClassUID, ReferencedSOPInstanceUID=on[0].SOPInstanceUID)
        group.DerivationImageSequence = Sequence([_item(SourceImageSequence=Sequence([source]))])
    return group


def rtstruct(
    path: Path, regions: dict[str, Row[Row[tuple[float, float, float]]]], images: Row[Path], kind: str = "CLOSED_PLANAR"
) -> Path:
    """A structure set of regions, each a list of contours, each a list of points in mm."""
    header = dcmread(images[0], stop_before_pixels=True)
    dataset = _object(RTStructureSetStorage, "RTSTRUCT")
    row = _item(SeriesInstanceUID=header.SeriesInstanceUID)
    study = _item(RTReferencedSeriesSequence=Sequence([row]))
    dataset.ReferencedFrameOfReferenceSequence = Sequence(
        [_item(FrameOfReferenceUID=header.FrameOfReferenceUID, RTReferencedStudySequence=Sequence([study]))]
    )
    dataset.StructureSetROISequence = Sequence([_item(ROINumber=at, ROIName=name) for at, name in _numbered(regions)])
    dataset.ROIContourSequence = Sequence(
        [
            _item(
                ReferencedROINumber=at,
                ContourSequence=Sequence(
                    [
                        _item(
                            ContourGeometricType=kind,
                            NumberOfContourPoints=len(points),
                            ContourData=[float(value) for point in points for value in point],
                        )
                        for points in contours
                    ]
                ),
            )
            for (at, _), contours in zip(_numbered(regions), regions.values(), strict=True)
        ]
    )
    return _saved(dataset, path)


def _object(kind: str, modality: str) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = kind
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.SeriesInstanceUID, dataset.StudyInstanceUID = generate_uid(), generate_uid()
    dataset.PatientID, dataset.Modality, dataset.FrameOfReferenceUID = "P1", modality, "1.2.9"
    return dataset


def _item(**elements: Any) -> Dataset:
    item = Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item


def _numbered(names: Any) -> list[tuple[int, str]]:
    return list(enumerate(names, start=1))


def _saved(dataset: Dataset, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path
