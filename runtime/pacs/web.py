"""A PACS spoken to by DICOMweb: QIDO-RS to ask, WADO-RS to fetch."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from runtime.pacs.address import Question, WebAddress
from runtime.pacs.archive import MOST_STUDIES, Keep
from runtime.pacs.association import silence
from runtime.pacs.events import Image, Series, Study
from runtime.pacs.faults import NOT_DICOMWEB, PacsError, not_installed, refused_by_web, unreachable
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

_PAGE = 500  # answers asked for at once


def probe(address: WebAddress) -> None:
    """Whether a DICOMweb service is there and lets us in. Raises PacsError."""
    with WebArchive(address) as archive:
        archive.is_there()


class WebArchive:
    """One HTTP session; the password is only in its memory."""

    def __init__(self, address: WebAddress) -> None:
        self.address = address
        try:
            from dicomweb_client.web import DICOMwebClient
            from requests import Session
        except ImportError as error:
            raise not_installed("dicomweb-client") from error
        silence()
        session = Session()
        session.trust_env = False  # no proxy and no password that the surroundings name
        session.auth = self._sign
        session.verify = address.authority or True
        self._session = session
        self._client = DICOMwebClient(address.url.rstrip("/"), session, permissive_uid=True, timeout=address.timeout_s)
        self._client.set_http_retry_params(retry=False)  # what is tried again is decided by who fetches

    def __enter__(self) -> WebArchive:
        return self

    def __exit__(self, *_error: object) -> None:
        self._session.close()

    def _sign(self, request: Any) -> Any:
        """User and password, if there are any, and the URL with * as it is, which some services want."""
        from requests.auth import HTTPBasicAuth

        request.url = request.url.replace("%2A", "*").replace("%2a", "*")
        if not self.address.user:
            return request
        return HTTPBasicAuth(self.address.user.encode(), self.address.password.encode())(request)

    def is_there(self) -> None:
        """Ask for one study of any kind."""
        with self._failures():
            self._client.search_for_studies(limit=1)

    def studies(self, question: Question) -> Iterator[Study]:
        """Studies that fit."""
        count = 0
        for answer in self._pages("search_for_studies", (), STUDY_KEYS, asked_for(question)):
            study = study_of(answer)
            if study is not None and fits(study, question):
                yield study
                count += 1
            if count > MOST_STUDIES:
                return

    def series(self, study: str) -> list[Series]:
        """The series of a study."""
        answers = self._pages("search_for_series", (study,), SERIES_KEYS, {})
        return [found for answer in answers if (found := series_of(answer, study)) is not None]

    def images(self, study: str, series: str) -> list[Image]:
        """The images of a series."""
        answers = self._pages("search_for_instances", (study, series), IMAGE_KEYS, {})
        return [found for answer in answers if (found := image_of(answer)) is not None]

    def retrieve(
        self, study: str, series: str, images: Sequence[Image], whole: bool, keep: Keep, cancelled: threading.Event
    ) -> None:
        """Fetch one image after the other, as the PACS has it; one that the PACS cannot give is left out."""
        if not images:
            raise PacsError("The PACS does not list the images of a series by DICOMweb: fetch them by DICOM instead.")
        lost: PacsError | None = None
        for image in images:
            if cancelled.is_set():
                return
            try:
                with self._failures():
                    found = self._client.retrieve_instance(study, series, image.uid)
                    content = _file(found)
            except PacsError as error:
                if not isinstance(error.__cause__, self._of_http()):
                    raise
                lost = error
                continue
            keep(content)
        if lost is not None:
            raise lost

    def _pages(
        self, ask: str, where: tuple[str, ...], keys: Sequence[str], asked: Mapping[str, str]
    ) -> Iterator[Dataset]:
        """All answers, page by page; a service that knows no pages repeats itself, which ends it."""
        seen: set[str] = set()
        offset = 0
        while True:
            with self._failures():
                records = getattr(self._client, ask)(
                    *where, fields=[*keys], search_filters=dict(asked), limit=_PAGE, offset=offset
                )
                answers = [_dataset(record) for record in records]
            fresh = [answer for answer in answers if (mark := str(answer.get(keys[0], ""))) and mark not in seen]
            seen |= {str(answer.get(keys[0], "")) for answer in fresh}
            yield from fresh
            offset += len(answers)
            if not fresh or len(answers) < _PAGE:
                return

    @staticmethod
    def _of_http() -> type[Exception]:
        from requests import HTTPError

        return HTTPError

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Turns what the libraries raise into sentences."""
        from pydicom.errors import InvalidDicomError
        from requests import ConnectionError as Unconnected
        from requests import HTTPError, RequestException, Timeout

        parts = urlsplit(self.address.url)
        where = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
        try:
            yield
        except PacsError:
            raise
        except HTTPError as error:
            raise refused_by_web(error.response.status_code if error.response is not None else 0) from error
        except Timeout as error:
            raise unreachable(where, TimeoutError(), self.address.timeout_s) from error
        except Unconnected as error:
            raise unreachable(where, error, self.address.timeout_s) from error
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, InvalidDicomError) as error:
            raise PacsError(NOT_DICOMWEB) from error
        except OSError as error:
            if isinstance(error, RequestException):
                raise PacsError("The connection broke off: try again; what has come is kept.", True) from error
            raise PacsError(f"{self.address.authority} holds no certificates: name a file in PEM form.") from error


def _dataset(record: Any) -> Dataset:
    from pydicom.dataset import Dataset

    return Dataset.from_json(record)


def _file(found: Any) -> bytes:
    """The image as a DICOM file again; its values go back as they came."""
    content = BytesIO()
    found.save_as(content, enforce_file_format=True)
    return content.getvalue()
