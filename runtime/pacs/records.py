"""Answers of a PACS as records; what a PACS overlooked in the question is sorted out here."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from runtime.pacs.address import Question, is_uid
from runtime.pacs.events import Image, Series, Study

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

STUDY_KEYS = (
    "StudyInstanceUID", "PatientID", "PatientName", "AccessionNumber", "StudyDate", "StudyDescription",
    "ModalitiesInStudy", "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances",
)  # fmt: skip
SERIES_KEYS = (
    "SeriesInstanceUID", "SeriesNumber", "Modality", "SeriesDescription", "NumberOfSeriesRelatedInstances",
)  # fmt: skip
IMAGE_KEYS = ("SOPInstanceUID", "SOPClassUID")


def asked_for(question: Question) -> dict[str, str]:
    """What to match by keyword; a name or a description may stand anywhere within.

    A PACS looks at capitals in a description: beside other matches it is left to `fits`, which does not.
    """
    asked = {
        "PatientID": question.patient_id,
        "PatientName": _within(question.patient_name),
        "AccessionNumber": question.accession,
        "StudyDate": question.dates,
        "ModalitiesInStudy": question.modality.upper(),
        "StudyDescription": _within(question.description),
    }
    given = {name: text for name, text in asked.items() if text}
    return {name: text for name, text in given.items() if name != "StudyDescription" or len(given) == 1}


def _within(text: str) -> str:
    return text if not text or "*" in text or "?" in text else f"*{text}*"


def study_of(answer: Dataset) -> Study | None:
    """A study, None where the answer names none."""
    uid = _text(answer, "StudyInstanceUID")
    if not is_uid(uid):
        return None
    day = _text(answer, "StudyDate")
    return Study(
        uid=uid,
        patient_id=_text(answer, "PatientID"),
        patient_name=_text(answer, "PatientName"),
        accession=_text(answer, "AccessionNumber"),
        date=f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdigit() else day,
        description=_text(answer, "StudyDescription"),
        modalities=tuple(part for part in _text(answer, "ModalitiesInStudy").split("\\") if part),
        series=_count(answer, "NumberOfStudyRelatedSeries"),
        images=_count(answer, "NumberOfStudyRelatedInstances"),
    )


def series_of(answer: Dataset, study: str) -> Series | None:
    """A series of this study, None where the answer names none."""
    uid = _text(answer, "SeriesInstanceUID")
    if not is_uid(uid):
        return None
    return Series(
        study=study,
        uid=uid,
        number=_text(answer, "SeriesNumber"),
        modality=_text(answer, "Modality"),
        description=_text(answer, "SeriesDescription"),
        images=_count(answer, "NumberOfSeriesRelatedInstances"),
    )


def image_of(answer: Dataset) -> Image | None:
    """An image, None where the answer names none."""
    uid = _text(answer, "SOPInstanceUID")
    return Image(uid, _text(answer, "SOPClassUID")) if is_uid(uid) else None


def fits(study: Study, question: Question) -> bool:
    """Whether a study is what was asked for; what the PACS does not say is believed.

    DICOM lets a PACS overlook modality and description, and then it answers with all studies.
    """
    wanted, said = question.modality.upper(), study.modalities
    if wanted and said and not any(fnmatch.fnmatchcase(one.upper(), wanted) for one in said):
        return False
    pattern = _within(question.description).casefold().replace("[", "[[]")
    return not (pattern and study.description) or fnmatch.fnmatchcase(study.description.casefold(), pattern)


def _text(answer: Dataset, keyword: str) -> str:
    value = answer.get(keyword)
    if value is None:
        return ""
    if isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue":
        return "\\".join(str(part) for part in value)
    return str(value).strip().strip("\0")


def _count(answer: Dataset, keyword: str) -> int | None:
    text = _text(answer, keyword)
    return int(text) if text.isascii() and text.isdigit() else None
