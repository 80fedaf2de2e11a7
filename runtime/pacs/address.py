"""What a person enters: where the PACS is, what is looked for, what is to be fetched."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from runtime.errors import InputError

Way = Literal["best", "get", "move"]
_TITLE = re.compile(r"[\x20-\x5b\x5d-\x7e]{1,16}")
_UID = re.compile(r"[0-9][0-9.]{0,63}")
_LONGEST = 64
_SLOWEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class DicomAddress:
    """A PACS spoken to by DICOM messages (C-ECHO, C-FIND, C-GET, C-MOVE)."""

    host: str
    port: int = 104
    called: str = "ANY-SCP"  # the AE title of the PACS
    calling: str = "NETLOOM"  # the AE title of this computer
    way: Way = "best"  # C-GET where the PACS offers it, else C-MOVE
    listen_port: int = 11112  # where images arrive by C-MOVE; open only while they are fetched
    tls: bool = False
    authority: str = ""  # a PEM file of the certificates to trust; "" takes those of the system
    certificate: str = ""  # a PEM file with the certificate and the key of this computer
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A PACS spoken to by DICOMweb (QIDO-RS, WADO-RS). The password is never written anywhere."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    authority: str = ""
    timeout_s: float = 30.0


Address = DicomAddress | WebAddress


@dataclass(frozen=True, slots=True)
class Question:
    """What a study has to be like; "" is anything. `*` and `?` stand for any letters; dates are 2024-01-31."""

    patient_id: str = ""
    patient_name: str = ""
    accession: str = ""
    since: str = ""
    until: str = ""
    modality: str = ""
    description: str = ""

    @property
    def dates(self) -> str:
        """The range of dates as DICOM writes it: 20240101-20240131, open on either side."""
        since, until = self.since.replace("-", ""), self.until.replace("-", "")
        return f"{since}-{until}" if since or until else ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A series to fetch, or with an empty `series` the whole study."""

    study: str
    series: str = ""


def is_uid(text: str) -> bool:
    """Whether this can be asked for as a UID: digits and dots, at most 64 of them."""
    return _UID.fullmatch(text) is not None


def address_of(record: Mapping[str, Any]) -> Address:
    """An address from its fields by name; `url` makes it DICOMweb. Raises InputError, which lists what is wrong."""
    kind: type[Address] = WebAddress if record.get("url") else DicomAddress
    known = {entry.name for entry in dataclasses.fields(kind)}
    values = {name: value for name, value in record.items() if name in known and value is not None}
    if kind is DicomAddress and not str(values.get("host", "")).strip():
        raise InputError(["No address was given: enter the host of the PACS, or the URL of its DICOMweb service."])
    address = kind(**values)
    problems = list(_web_problems(address) if isinstance(address, WebAddress) else _dicom_problems(address))
    if not 0 < address.timeout_s <= _SLOWEST_S:
        problems.append(f"The timeout is {address.timeout_s:g} s: choose more than 0 and at most {_SLOWEST_S:g} s.")
    if problems:
        raise InputError(problems)
    return address


def _dicom_problems(address: DicomAddress) -> list[str]:
    problems = []
    if re.search(r"[\s/:]", address.host.strip()) and address.host.count(":") < 2:
        problems.append(f"The host is “{address.host}”: enter a name or an IP address alone, such as pacs.example.org.")
    for what, port in (("port of the PACS", address.port), ("port to receive on", address.listen_port)):
        if not 0 < port < 65536:
            problems.append(f"The {what} is {port}: choose a number from 1 to 65535, most often 104 or 11112.")
    for what, title in (("the PACS", address.called), ("this computer", address.calling)):
        if not _TITLE.fullmatch(title) or not title.strip():
            problems.append(f"The AE title of {what} is “{title}”: it has 1 to 16 plain letters, digits and signs.")
    if address.way not in get_args(Way):
        problems.append(f"The way of fetching is “{address.way}”: choose {', '.join(get_args(Way))}.")
    if address.tls and address.way == "move" and not address.certificate:
        problems.append(
            "C-MOVE with TLS needs a certificate of this computer, since the PACS calls back: name its file, or choose "
            "C-GET."
        )
    return problems


def _web_problems(address: WebAddress) -> list[str]:
    try:
        parts = urlsplit(address.url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        return ["The URL cannot be used: enter one such as https://pacs.example.org/dicom-web."]
    if parts.username or parts.password:
        return ["The URL holds a user or a password: take them out, and enter them in their own fields."]
    if parts.query or parts.fragment:
        return ["The URL has a part after ? or #: enter the address of the service alone."]
    return []


def question_of(record: Mapping[str, Any]) -> Question:
    """A question from its fields by name. Raises InputError, which lists what is wrong."""
    known = {entry.name for entry in dataclasses.fields(Question)}
    question = Question(**{name: str(value or "").strip() for name, value in record.items() if name in known})
    problems = []
    for name, text in dataclasses.asdict(question).items():
        shown = name.replace("_", " ")
        if len(text) > _LONGEST or "\\" in text or not text.isprintable():
            problems.append(f"The {shown} cannot be looked for: it has at most {_LONGEST} letters and no backslash.")
    ends = [_day(what, text, problems) for what, text in (("first", question.since), ("last", question.until))]
    if ends[0] and ends[1] and ends[0] > ends[1]:
        problems.append(f"The first day, {question.since}, is after the last, {question.until}: exchange them.")
    if not any(text.strip("*? ") for text in dataclasses.asdict(question).values()):
        problems.append("Nothing to look for was given: enter at least one of patient, accession, dates, modality.")
    if problems:
        raise InputError(problems)
    return question


def _day(what: str, text: str, problems: list[str]) -> date | None:
    if not text:
        return None
    try:
        if re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    problems.append(f"The {what} day is “{text}”: write it as year-month-day, such as 2024-01-31.")
    return None


def wanted_of(words: str) -> Wanted:
    """STUDY or STUDY/SERIES, as UIDs. Raises InputError."""
    study, _, series = words.strip().partition("/")
    if not is_uid(study) or (series and not is_uid(series)):
        raise InputError([f"“{words}” names no study: give STUDY or STUDY/SERIES, as `netloom pacs find` says them."])
    return Wanted(study, series)
