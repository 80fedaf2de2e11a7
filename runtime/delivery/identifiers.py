"""What must not leave with a model: names, numbers and places of the people and machines behind a data set."""

from __future__ import annotations

import getpass
import json
import platform
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy
from pydicom.dataset import Dataset

from runtime.analysis import Analysis
from runtime.data.assembly import files_of
from runtime.data.catalogue import DataSet, Sample
from runtime.data.faults import FileFault
from runtime.data.header import holds, is_bare, open_dicom, quietly, text
from runtime.errors import RunError

SHORTEST = 4  # signs; what is shorter is found everywhere
_CERTAIN = 8  # signs of a text that numbers of weights do not form by chance
_TAGS = (
    "PatientName", "PatientID", "OtherPatientIDs", "OtherPatientNames", "PatientBirthName", "PatientBirthDate",
    "PatientMotherBirthName", "PatientAddress", "PatientTelephoneNumbers", "IssuerOfPatientID",
    "MedicalRecordLocator", "AdmissionID", "AccessionNumber", "StudyID", "InstitutionName", "InstitutionAddress",
    "InstitutionalDepartmentName", "ReferringPhysicianName", "PerformingPhysicianName", "OperatorsName",
    "PhysiciansOfRecord", "NameOfPhysiciansReadingStudy", "RequestingPhysician", "StationName", "DeviceSerialNumber",
    "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "SOPInstanceUID",
)  # fmt: skip
_PACKAGES = Path(numpy.__file__).resolve().parents[1]  # where torch and the others lie
_NAME_PARTS = re.compile(r"[\^= ,]+")
_NOBODY = frozenset({"root", "user", "admin", "administrator", "localhost"})
_ASCII = re.compile(rb"[\x20-\x7e\n\t]{8,}")
_GRAM = 4
_NUMBER = re.compile(r"\d{1,7}")


def identifiers_of(dataset: DataSet) -> tuple[str, ...]:
    """All that may tell who is behind a data set, each at least 4 signs long and once.

    Of every DICOM file the names, numbers, hospitals and physicians in its header; the patients as a table or folders
    name them; folders and file names that are no class; the place of the data on this machine, its user and its name.
    """
    found = {*_of_this_machine(), dataset.folder}
    kinds = {name.casefold() for name in dataset.classes}
    for sample in dataset.samples:
        found |= {one for one in _of_sample(sample) if one.casefold() not in kinds}
    if dataset.kind == "dicom":
        for path in sorted({path for sample in dataset.samples for path in files_of(sample)}):
            found.update(_of_header(Path(dataset.folder) / path))
    return tuple(sorted(one for one in found if len(one) >= SHORTEST and one.casefold() not in _NOBODY))


def private_places(analysis: Analysis) -> list[str]:
    """What must not be found in an exported file: this user's folder, the data folders, the place of this program."""
    folders = [facts.node.settings.get("folder") for facts in analysis.facts.values()]
    own = [Path.home(), Path(__file__).resolve().parents[2], _PACKAGES]
    return [*map(str, own), *(str(folder) for folder in folders if folder and Path(str(folder)).is_absolute())]


def _of_this_machine() -> Iterator[str]:
    yield str(Path.home())
    yield platform.node()
    try:
        yield getpass.getuser()
    except (OSError, KeyError):  # an account without a name: there is nothing that could be told
        return


def _of_sample(sample: Sample) -> Iterator[str]:
    if sample.patient:
        yield sample.patient
    for path in files_of(sample):
        yield path
        name = PurePosixPath(path).name
        yield name
        stem = name.partition(".")[0]
        if any(sign.isdigit() for sign in stem):  # "image" and "scan" are words, "smith01" is a name
            yield stem


def _of_header(path: Path) -> Iterator[str]:
    try:
        with quietly(), path.open("rb") as file:
            dataset = open_dicom(file, is_bare(path), header_only=True, tags=_TAGS)
    except (FileFault, OSError):  # it could not be read for training either
        return
    for keyword in _TAGS:
        if holds(dataset, keyword):
            yield from _values(dataset, keyword)


def _values(dataset: Dataset, keyword: str) -> Iterator[str]:
    written = text(dataset, keyword)
    yield written
    if keyword.endswith(("Name", "Names", "Record", "Study", "Physician")):
        yield from (part for part in _NAME_PARTS.split(written) if len(part) > SHORTEST)


def found_in(data: bytes, identifiers: Iterable[str], numbers: bool = False) -> list[str]:
    """Those identifiers that stand in the bytes as whole words, however their letters are written.

    A short number counts only where it is no number of the file's own, such as a size. `numbers`: the bytes hold the
    numbers of weights, among which texts of less than 8 signs arise by chance and are not looked for.
    """
    text = b"\n".join(_ASCII.findall(data)).lower() if numbers else data.lower()
    grams = {text[at : at + _GRAM] for at in range(len(text) - _GRAM + 1)}
    found = []
    for one in identifiers:
        if len(one) < (_CERTAIN if numbers else SHORTEST):
            continue
        for form in _forms(one):
            searched = text if form.isascii() or not numbers else data.lower()
            if (not form.isascii() or _may_stand(form, grams)) and _stands(searched, form):
                found.append(one)
                break
    return found


def _may_stand(form: bytes, grams: set[bytes]) -> bool:
    """Whether its beginning and its end are there at all: most identifiers are ruled out by this alone."""
    return form[:_GRAM] in grams and form[-_GRAM:] in grams


def _forms(identifier: str) -> set[bytes]:
    """As it is, and as JSON writes it."""
    lower = identifier.lower()
    escaped = (json.dumps(lower, ensure_ascii=ascii_only)[1:-1] for ascii_only in (False, True))
    return {form.encode("utf-8", "surrogateescape") for form in (lower, *escaped)}


def _stands(data: bytes, form: bytes) -> bool:
    if form not in data:
        return False
    word = re.compile(rb"(?<![0-9a-z_])" + re.escape(form) + rb"(?![0-9a-z_])")
    if not _NUMBER.fullmatch(form.decode("utf-8", "surrogateescape")):
        return word.search(data) is not None
    return any(not _is_own_number(data, hit.start(), hit.end()) for hit in word.finditer(data))


def _is_own_number(data: bytes, start: int, end: int) -> bool:
    """Whether digits are a number of JSON or of source code, or a part of one, and no text."""
    before, after = data[max(0, start - 8) : start].rstrip()[-1:], data[end : end + 8].lstrip()[:1]
    return (before in b"[(,:=.+-*/" and after in b"]),:}.*/") if before and after else True


def refuse_identifiers(data: bytes, identifiers: Sequence[str], what: str, numbers: bool = False) -> None:
    """Raise RunError when one of the identifiers stands in the bytes of `what` is written."""
    found = found_in(data, identifiers, numbers)
    if found:
        raise RunError(
            f"{what} would tell “{found[0]}”, which names a person or a place of the data or of this machine; rename "
            "the class or the node with it."
        )
