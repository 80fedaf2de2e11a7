"""Answers as a DICOM structured report: measurements of images by template TID 1500 (PS3.16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highdicom
from highdicom.sr import (
    CodedConcept,
    ComprehensiveSR,
    DeviceObserverIdentifyingAttributes,
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    QualitativeEvaluation,
    SourceImageForMeasurementGroup,
    TrackingIdentifier,
)
from pydicom.dataset import Dataset

from runtime.delivery.answers import Answer, classes_of
from runtime.delivery.contract import OutputContract
from runtime.delivery.dicom_codes import MAKER, NOTICE, own
from runtime.delivery.dicom_segmentation import program, quiet_libraries
from runtime.errors import RunError

_SERIES = 9001
_DEVICE = CodedConcept("121007", "DCM", "Device")
_PROCEDURE = CodedConcept("363679005", "SCT", "Imaging procedure")
_RATIO = CodedConcept("{ratio}", "UCUM", "ratio")
_NONE = CodedConcept("1", "UCUM", "no units")
_UNITS = {2: CodedConcept("mm2", "UCUM", "square millimeter"), 3: CodedConcept("mm3", "UCUM", "cubic millimeter")}
_KINDS = {2: CodedConcept("42798000", "SCT", "Area"), 3: CodedConcept("118565006", "SCT", "Volume")}


@dataclass(frozen=True)
class Told:
    """One image (the header of its first file, and which frame) with the answers to it; `pixel_mm` is the area or the
    volume of one pixel, mm² or mm³."""

    header: Dataset
    frame: int
    outputs: tuple[OutputContract, ...]
    answers: tuple[Answer, ...]
    pixel_mm: float = 0.0


def report(told: Sequence[Told], number: int) -> ComprehensiveSR:
    """The report on images of one study; it is not verified by anybody, and says so. Raises RunError."""
    device = DeviceObserverIdentifyingAttributes(highdicom.UID(), MAKER, MAKER, MAKER, program())
    with quiet_libraries():
        try:
            groups = [_group(one, place) for place, one in enumerate(told, start=1)]
            content = MeasurementReport(
                ObservationContext(observer_device_context=ObserverContext(_DEVICE, device)), _PROCEDURE, groups
            )
            evidence = {str(one.header.SOPInstanceUID): one.header for one in told}
            return ComprehensiveSR(
                evidence=list(evidence.values()), content=content[0], series_instance_uid=highdicom.UID(),
                series_number=_SERIES, sop_instance_uid=highdicom.UID(), instance_number=number, manufacturer=MAKER,
                is_verified=False, series_description=f"{NOTICE}: report",
            )  # fmt: skip
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            reason = " ".join(str(error).split())[:300]
            raise RunError(f"No structured report can be made for these images: {reason}") from error


def _group(told: Told, place: int) -> MeasurementsAndQualitativeEvaluations:
    measurements, findings = [], []
    for output, answer in zip(told.outputs, told.answers, strict=True):
        measurements += _measurements(output, answer, told.pixel_mm)
        if answer.probabilities:
            findings.append(QualitativeEvaluation(own(output.name), own(answer.predicted or "none")))
    frames = [told.frame + 1] if "NumberOfFrames" in told.header else None
    image = SourceImageForMeasurementGroup(str(told.header.SOPClassUID), str(told.header.SOPInstanceUID), frames)
    return MeasurementsAndQualitativeEvaluations(
        TrackingIdentifier(highdicom.UID(), f"image {place}"), measurements=measurements or None,
        qualitative_evaluations=findings or None, source_images=[image], finding_type=own(NOTICE),
    )  # fmt: skip


def _measurements(output: OutputContract, answer: Answer, pixel_mm: float) -> list[Measurement]:
    named = output.task in ("classification", "several labels", "segmentation") or answer.numbers
    names = classes_of(output) if named else ()
    if answer.probabilities:
        pairs = zip(names, answer.probabilities, strict=True)
        return [Measurement(own(f"probability of {name}"), round(share, 6), _RATIO) for name, share in pairs]
    if answer.mask is not None:
        axes = answer.mask.ndim
        counts = [(name, int((answer.mask == place).sum())) for place, name in enumerate(names) if place]
        return [
            Measurement(_KINDS[axes], round(count * pixel_mm, 3), _UNITS[axes], tracking_identifier=_named(name))
            for name, count in counts
        ]
    if answer.numbers:
        pairs = zip(names, answer.numbers, strict=True)
        return [Measurement(own(name), number, _NONE) for name, number in pairs]
    if output.task == "regression":
        return [Measurement(own(output.name), float(answer.predicted), _NONE)]
    return []


def _named(name: str) -> TrackingIdentifier:
    return TrackingIdentifier(highdicom.UID(), name)
