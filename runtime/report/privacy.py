"""No identifier leaves in a report: what may name a patient, a person, a machine or a folder is replaced everywhere."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from runtime.data.catalogue import Catalogue, DataSet

REPLACED = "(name left out)"
_NOBODY = {"root", "admin", "administrator", "Administrator", "user", "home", "localhost"}
_SHORTEST = 4  # signs; "I1" or "12" stand in any text
_MOST_HEADERS = 2000
_WORD = re.compile(r"[a-z]+")  # such as “image”: an ordinary word, no name
_PATH = re.compile(r"(?:\b[A-Za-z]:)?[^\s“”\"';:,()]*[/\\][^\s“”\"';:,()]+|[^\s“”\"';:,()/\\]+\.(?:[A-Za-z]{2,5}\d?|gz)(?![\w])")
_SEVERAL = re.compile(r"a file(?:, a file)+")
_KEYWORDS = (
    "PatientName", "PatientID", "OtherPatientIDs", "PatientBirthDate", "PatientAddress", "PatientTelephoneNumbers",
    "AccessionNumber", "InstitutionName", "InstitutionAddress", "InstitutionalDepartmentName", "StationName",
    "ReferringPhysicianName", "PerformingPhysicianName", "OperatorsName", "NameOfPhysiciansReadingStudy",
    "RequestingPhysician", "StudyID", "DeviceSerialNumber",
)  # fmt: skip


def identifiers_in(dataset: DataSet, catalogue: Catalogue) -> frozenset[str]:
    """Whatever in a data set may name somebody: patients, header elements, names of files and folders."""
    keep = {*dataset.classes, "train", "validation", "val", "test"}
    found: set[str] = {dataset.folder}
    for name in {sample.patient for sample in dataset.samples} | {item.patient for item in catalogue.found}:
        found |= {name, *_pieces(name)}
    paths = {sample.path for sample in dataset.samples} | {item.path for item in catalogue.skipped}
    for path in paths | {sample.mask or "" for sample in dataset.samples} | set(dataset.label_files):
        parts = [part for part in path.split("/") if part]
        names = {path, *parts, *(part.partition(".")[0] for part in parts[-1:])}
        found |= {name for name in names if name not in keep and not _WORD.fullmatch(name)}
    for value in _headers(Path(dataset.folder), catalogue):
        found |= {value, *_pieces(value)}
    return _long_enough(found)


def identifiers_here(*folders: Path) -> frozenset[str]:
    """Who and where this is: user, host, home and these folders."""
    home = Path.home()
    names = {home.name, platform.node(), *(os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME"))}
    return _long_enough({*(names - _NOBODY), str(home), *map(str, folders), *(os.path.realpath(one) for one in folders)})


def without(value: Any, identifiers: Iterable[str]) -> Any:
    """The value, a tree as JSON has it, with every identifier replaced: in its texts and in its keys."""
    ordered = sorted(identifiers, key=lambda name: -len(name))
    if not ordered:
        return value
    return _replaced(value, re.compile("|".join(map(_alone, ordered))))


def without_paths(sentence: str) -> str:
    """A sentence in which “a file” stands where it names files or folders."""
    return _SEVERAL.sub("some files", _PATH.sub("a file", sentence))


def _alone(name: str) -> str:
    """The name where it stands for itself; one that looks like an ordinary word only where it is spelled just so."""
    if _WORD.fullmatch(name):
        return rf"\b{name}\b"
    return rf"(?<![A-Za-z0-9])(?i:{re.escape(name)})(?![A-Za-z0-9])"


def _replaced(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(REPLACED, value)
    if isinstance(value, Mapping):
        return {_replaced(name, pattern): _replaced(part, pattern) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(part, pattern) for part in value]
    return value


def _headers(folder: Path, catalogue: Catalogue) -> set[str]:
    """What the headers of the DICOM files say; of very many files, those of one file for each series."""
    from runtime.data.case_tags import read_tags  # reads headers with pydicom, which is slow to import

    files = [item for item in catalogue.found if item.kind == "dicom"]
    if len(files) > _MOST_HEADERS:
        files = list({item.series: item for item in files}.values())
    read = read_tags(folder, [item.path for item in files], _KEYWORDS)
    return {value for values in read.values() for value in values.values() if value}


def _pieces(name: str) -> Sequence[str]:
    """The parts of a name such as Doe^Jane, or of a value with several of them."""
    return re.split(r"[\^=\\\s,]+", name)


def _long_enough(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if len(name) >= _SHORTEST)
