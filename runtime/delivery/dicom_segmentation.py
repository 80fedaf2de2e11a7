"""Masks as a DICOM Segmentation (PS3.3 A.51) that lies on the images it was made from."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version

import highdicom
import numpy as np
from highdicom.seg import Segmentation, SegmentDescription
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import UID

from runtime.delivery.dicom_codes import MAKER, NOTICE, category_and_type, own
from runtime.delivery.dicom_source import Plane
from runtime.errors import RunError

_SERIES = 9000  # SeriesNumber: behind those of scanners


def segmentation(
    headers: Sequence[Dataset],
    masks: NDArray[np.uint16],
    planes: Sequence[Plane],
    step: float | None,
    classes: Sequence[str],
    instance: UID,
) -> Segmentation:
    """Masks (frames, rows, columns) of class indexes as one object; class 0 is what is around.

    `headers`: the images, of one series; `planes`: where each frame lies; `step`: mm between slices of a volume, None
    where they are slices by themselves. Raises RunError when the images do not fit together.
    """
    first = planes[0]
    measures = highdicom.PixelMeasuresSequence(first.spacing, _thickness(headers[0], step), step)
    orientation = highdicom.PlaneOrientationSequence("PATIENT", first.ways)
    with quiet_libraries():
        try:
            return Segmentation(
                source_images=headers, pixel_array=masks.astype(np.uint8 if len(classes) < 256 else np.uint16),
                segmentation_type="BINARY", segment_descriptions=_segments(classes),
                series_instance_uid=highdicom.UID(), series_number=_SERIES, sop_instance_uid=instance,
                instance_number=1, manufacturer=MAKER, manufacturer_model_name=MAKER, software_versions=program(),
                device_serial_number="none", content_label="SEGMENTATION", content_description=NOTICE,
                series_description=f"{NOTICE}: segmentation", pixel_measures=measures, plane_orientation=orientation,
                plane_positions=[highdicom.PlanePositionSequence("PATIENT", plane.corner) for plane in planes],
            )  # fmt: skip
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            reason = " ".join(str(error).split())[:300]
            raise RunError(f"No DICOM segmentation can be made for these images: {reason}") from error


def _segments(classes: Sequence[str]) -> list[SegmentDescription]:
    algorithm = highdicom.AlgorithmIdentificationSequence(MAKER, own("neural network"), program())
    found = []
    for number, name in enumerate(classes[1:], start=1):
        category, kind = category_and_type(name)
        found.append(SegmentDescription(number, name[:64] or f"class {number}", category, kind, "AUTOMATIC", algorithm))
    return found


def _thickness(header: Dataset, step: float | None) -> float | None:
    value = float(header.get("SliceThickness") or 0.0)
    return value if value > 0 and math.isfinite(value) else step


def program() -> str:
    """The version of this program, as DICOM objects tell it."""
    try:
        return version("netloom")
    except PackageNotFoundError:  # run from its source, without having been installed
        return "source"


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Values that a scanner wrote badly, and masks without a pixel, are no news for who asked for predictions."""
    logger = logging.getLogger("highdicom")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logger.setLevel(before)
