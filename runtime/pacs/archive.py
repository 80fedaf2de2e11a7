"""What asking and fetching need of a PACS, whichever protocol it speaks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from runtime.pacs.address import Address, DicomAddress, Question
from runtime.pacs.events import Image, Series, Study

MOST_STUDIES = 500  # more are not listed: whoever finds as many has to ask for less
Keep = Callable[[bytes], bool]


class Archive(Protocol):
    """An open connection. Every method raises PacsError."""

    def studies(self, question: Question) -> Iterator[Study]:
        """What fits, at most one more than MOST_STUDIES."""
        ...

    def series(self, study: str) -> list[Series]:
        """The series of a study."""
        ...

    def images(self, study: str, series: str) -> list[Image]:
        """The images of a series; none where the PACS does not list them."""
        ...

    def retrieve(
        self, study: str, series: str, images: Sequence[Image], whole: bool, keep: Keep, cancelled: threading.Event
    ) -> None:
        """Fetch these images of a series, or with `whole` the series, and hand each file to `keep` as it comes."""
        ...


def open_archive(address: Address) -> AbstractContextManager[Archive]:
    """Connect. Raises PacsError."""
    if isinstance(address, DicomAddress):
        from runtime.pacs.dimse import DicomArchive

        return DicomArchive(address)
    from runtime.pacs.web import WebArchive

    return WebArchive(address)
