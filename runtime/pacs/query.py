"""Asking a PACS: is it there, and what does it hold."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from runtime.pacs.address import Address, DicomAddress, Question
from runtime.pacs.archive import MOST_STUDIES, open_archive
from runtime.pacs.events import Series, Study, Warned
from runtime.pacs.faults import NOTHING_FOUND, PacsError


class NothingFound(PacsError):
    """The PACS answered, and holds nothing of the kind."""


def test_connection(address: Address) -> None:
    """C-ECHO, or one small question by DICOMweb. Raises PacsError."""
    if isinstance(address, DicomAddress):
        from runtime.pacs.dimse import echo

        echo(address)
        return
    from runtime.pacs.web import probe

    probe(address)


def find(
    address: Address, question: Question, cancelled: threading.Event | None = None
) -> Iterator[Study | Series | Warned]:
    """The studies that fit, then the series of each. Raises PacsError, and NothingFound when there is none."""
    over = cancelled or threading.Event()
    with open_archive(address) as archive:
        studies: list[Study] = []
        for study in archive.studies(question):
            if over.is_set():
                return
            if len(studies) == MOST_STUDIES:
                yield Warned(f"More than {MOST_STUDIES} studies fit; these are the first. Look for less to see others.")
                break
            studies.append(study)
            yield study
        if not studies:
            raise NothingFound(NOTHING_FOUND)
        for study in studies:
            if over.is_set():
                return
            yield from archive.series(study.uid)
