"""A PACS spoken to by DICOM messages: C-ECHO, C-FIND, and which way images come."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from runtime.pacs.address import DicomAddress, Question
from runtime.pacs.archive import MOST_STUDIES, Keep
from runtime.pacs.association import associated, entity
from runtime.pacs.events import Image, Series, Study
from runtime.pacs.faults import PacsError, broken_off, not_offered, status_problem
from runtime.pacs.records import (
    IMAGE_KEYS,
    SERIES_KEYS,
    STUDY_KEYS,
    asked_for,
    fits,
    image_of,
    series_of,
    study_of,
)

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pynetdicom.association import Association

# The services, by their SOP classes; the last three of the study root.
VERIFICATION = "1.2.840.10008.1.1"
FIND = "1.2.840.10008.5.1.4.1.2.2.1"
MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
GET = "1.2.840.10008.5.1.4.1.2.2.3"
_PENDING = (0xFF00, 0xFF01)


def echo(address: DicomAddress) -> None:
    """C-ECHO: whether the PACS is there and talks to us. Raises PacsError."""
    entity(address)  # says so if the library is missing
    from pynetdicom import build_context

    with associated(address, [build_context(VERIFICATION)]) as association:
        if not association.accepted_contexts:
            raise not_offered("C-ECHO")
        status = association.send_c_echo().get("Status")
    if status is None:
        raise broken_off(address.timeout_s)
    if status != 0:
        raise status_problem("C-ECHO", int(status), address.calling)


class DicomArchive:
    """One association for all questions; images come over others."""

    def __init__(self, address: DicomAddress) -> None:
        self.address = address
        self._open = ExitStack()
        self._association: Association | None = None
        self._offers_get: bool | None = None

    def __enter__(self) -> DicomArchive:
        self._ask()
        return self

    def __exit__(self, *_error: object) -> None:
        self._open.close()

    def studies(self, question: Question) -> Iterator[Study]:
        """Studies that fit."""
        count = 0
        for answer in self._find("STUDY", STUDY_KEYS, asked_for(question)):
            study = study_of(answer)
            if study is not None and fits(study, question):
                yield study
                count += 1
            if count > MOST_STUDIES:
                self._start_over()
                return

    def series(self, study: str) -> list[Series]:
        """The series of a study."""
        answers = self._find("SERIES", SERIES_KEYS, {"StudyInstanceUID": study})
        return [found for answer in answers if (found := series_of(answer, study)) is not None]

    def images(self, study: str, series: str) -> list[Image]:
        """The images of a series."""
        asked = {"StudyInstanceUID": study, "SeriesInstanceUID": series}
        return [found for answer in self._find("IMAGE", IMAGE_KEYS, asked) if (found := image_of(answer)) is not None]

    def retrieve(
        self, study: str, series: str, images: Sequence[Image], whole: bool, keep: Keep, cancelled: threading.Event
    ) -> None:
        """Fetch by C-GET where that is wanted and works, else by C-MOVE."""
        from runtime.pacs.dimse_fetch import Order, by_get, by_move, offers_get

        order = Order(study, series, tuple(images), whole)
        came = threading.Event()

        def noticed(content: bytes) -> bool:
            came.set()
            return keep(content)

        way = self.address.way
        if self._offers_get is None:
            self._offers_get = way == "get" or (way == "best" and offers_get(self.address))
        if self._offers_get:
            try:
                by_get(self.address, order, noticed, cancelled)
            except PacsError:  # some accept C-GET and then hang up
                if way == "get" or came.is_set() or cancelled.is_set():
                    raise
                self._offers_get = False
        if not self._offers_get:
            by_move(self.address, order, keep, cancelled)

    def _ask(self) -> Association:
        """The association for questions, opened again if the PACS has closed it meanwhile."""
        if self._association is None or not self._association.is_established:
            self._open.close()
            entity(self.address)
            from pynetdicom import build_context

            self._association = self._open.enter_context(associated(self.address, [build_context(FIND)]))
            if not self._association.accepted_contexts:
                raise not_offered("C-FIND")
        return self._association

    def _start_over(self) -> None:
        """Leave a question in the middle: the rest of its answers is not wanted."""
        if self._association is not None:
            self._association.abort()
        self._association = None

    def _find(self, level: str, keys: Sequence[str], asked: Mapping[str, str]) -> Iterator[Dataset]:
        for status, answer in self._ask().send_c_find(identifier(level, keys, asked), FIND):
            code = status.get("Status")
            if code is None:
                raise broken_off(self.address.timeout_s)
            if code in _PENDING:
                if answer is not None:
                    yield answer
            elif code != 0:
                raise status_problem("C-FIND", int(code), self.address.calling)


def identifier(level: str, keys: Sequence[str], asked: Mapping[str, str | list[str]]) -> Dataset:
    """What a request asks for: the keys to be told, and the values to match."""
    from pydicom.dataset import Dataset

    made = Dataset()
    if any(isinstance(value, str) and not value.isascii() for value in asked.values()):
        made.SpecificCharacterSet = "ISO_IR 192"
    made.QueryRetrieveLevel = level
    for keyword in keys:
        setattr(made, keyword, "" if not keyword.startswith("NumberOf") else None)
    for keyword, value in asked.items():
        setattr(made, keyword, value)
    return made
