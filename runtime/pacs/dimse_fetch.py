"""Images by C-GET, over the association that asks for them, or by C-MOVE, over one that the PACS opens to us."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime.pacs.address import DicomAddress
from runtime.pacs.archive import Keep
from runtime.pacs.association import associated, at_once, entity, server_tls
from runtime.pacs.dimse import GET, MOVE, identifier
from runtime.pacs.events import Image
from runtime.pacs.faults import PacsError, broken_off, not_offered, status_problem

if TYPE_CHECKING:
    from pynetdicom.association import Association
    from pynetdicom.events import Event
    from pynetdicom.presentation import PresentationContext

_PENDING, _CANCELLED, _SOME_FAILED = (0xFF00, 0xFF01), 0xFE00, 0xB000
_STORED, _NOT_ASKED_FOR, _NO_ROOM, _UNREADABLE = 0x0000, 0x0124, 0xA700, 0xC000
_IMAGES_AT_ONCE = 100  # UIDs in one request
_MOST_CONTEXTS = 128  # of one association
_PATIENCE_S = 600.0  # a PACS may fetch from a tape before it answers


@dataclass(frozen=True, slots=True)
class Order:
    """What is to come: these images of a series, or the whole of it."""

    study: str
    series: str
    images: tuple[Image, ...]
    whole: bool

    def requests(self) -> Iterator[Any]:
        """The identifiers to send, one after the other."""
        above = {"StudyInstanceUID": self.study, "SeriesInstanceUID": self.series}
        if self.whole:
            yield identifier("SERIES", (), above)
            return
        for start in range(0, len(self.images), _IMAGES_AT_ONCE):
            some = self.images[start : start + _IMAGES_AT_ONCE]
            yield identifier("IMAGE", (), {**above, "SOPInstanceUID": [image.uid for image in some]})


def offers_get(address: DicomAddress) -> bool:
    """Whether the PACS accepts C-GET from us. Raises PacsError when it is not there."""
    from pynetdicom import build_context

    with associated(address, [build_context(GET)]) as association:
        return bool(association.accepted_contexts)


def by_get(address: DicomAddress, order: Order, keep: Keep, cancelled: threading.Event) -> None:
    """C-GET. Raises PacsError."""
    from pynetdicom import build_context, build_role, evt

    kinds = sorted({image.kind for image in order.images if image.kind}) or _usual_kinds()
    contexts = [build_context(GET), *_storage(kinds)]
    roles = [build_role(kind, scp_role=True) for kind in kinds]
    handlers = [(evt.EVT_C_STORE, _store, [keep, cancelled])]
    with associated(address, contexts, roles, handlers, _PATIENCE_S) as association:
        if not any(context.abstract_syntax == GET for context in association.accepted_contexts):
            raise not_offered("C-GET")
        with _cut_off(association, cancelled):
            for request in order.requests():
                _follow("C-GET", association.send_c_get(request, GET), address, cancelled)


def by_move(address: DicomAddress, order: Order, keep: Keep, cancelled: threading.Event) -> None:
    """C-MOVE, with a port open to the PACS as long as it takes. Raises PacsError."""
    from pynetdicom import build_context

    with (
        _listening(address, keep, cancelled),
        associated(address, [build_context(MOVE)], patience_s=_PATIENCE_S) as association,
    ):
        if not association.accepted_contexts:
            raise not_offered("C-MOVE")
        with _cut_off(association, cancelled):
            for request in order.requests():
                _follow("C-MOVE", association.send_c_move(request, address.calling, MOVE), address, cancelled)


@contextmanager
def _listening(address: DicomAddress, keep: Keep, cancelled: threading.Event) -> Iterator[None]:
    from pynetdicom import AllStoragePresentationContexts, evt
    from pynetdicom._globals import ALL_TRANSFER_SYNTAXES

    ours = entity(address, _PATIENCE_S)
    ours.require_called_aet = True
    for context in AllStoragePresentationContexts:
        if context.abstract_syntax is not None:
            ours.add_supported_context(context.abstract_syntax, [*ALL_TRANSFER_SYNTAXES])
    tls = server_tls(address) if address.tls and address.certificate else None
    if address.tls and tls is None:
        raise PacsError(
            "C-MOVE with TLS needs a certificate of this computer, since the PACS calls back: name its file, or ask "
            "for C-GET at the PACS."
        )
    try:
        server = ours.start_server(
            ("", address.listen_port), block=False, ssl_context=tls,
            evt_handlers=[(evt.EVT_CONN_OPEN, at_once), (evt.EVT_C_STORE, _store, [keep, cancelled])],
        )  # fmt: skip
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PacsError(
            f"Port {address.listen_port} of this computer cannot be opened to receive images ({reason}): choose "
            "another one that the PACS knows, or C-GET."
        ) from error
    try:
        yield
    finally:
        if server is not None:
            server.shutdown()


@contextmanager
def _cut_off(association: Association, cancelled: threading.Event) -> Iterator[None]:
    """Ends the association as soon as the user wants no more, even while the PACS is silent."""
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            if cancelled.wait(0.1):
                # Whoever answers an image just now must not do so after the abort: pynetdicom's own thread dies of it.
                association.dimse.send_msg = _say_nothing  # type: ignore[assignment]
                association.abort()
                association.dimse.msg_queue.put((None, None))  # wakes whoever waits for an answer that will not come
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _say_nothing(*_message: object) -> None:
    """In place of an answer that nobody waits for any more."""


def _follow(what: str, answers: Iterator[Any], address: DicomAddress, cancelled: threading.Event) -> None:
    """Wait for the end of a request. That single images failed is seen by what is missing."""
    for status, _ in answers:
        if cancelled.is_set():
            return
        code = status.get("Status")
        if code is None:
            raise broken_off(_PATIENCE_S if address.timeout_s < _PATIENCE_S else address.timeout_s)
        if code not in (*_PENDING, _CANCELLED, _SOME_FAILED, _STORED):
            raise status_problem(what, int(code), address.calling)


def _store(event: Event, keep: Keep, cancelled: threading.Event) -> int:
    """One image arrived."""
    if cancelled.is_set():
        return _NO_ROOM
    try:
        return _STORED if keep(event.encoded_dataset()) else _NOT_ASKED_FOR
    except PacsError as error:
        return _NO_ROOM if "full" in str(error) else _UNREADABLE


def _storage(kinds: Sequence[str]) -> list[PresentationContext]:
    """One context for each kind and transfer syntax, so that the PACS sends each image as it has it.

    Where those are too many, each kind has one context, and the PACS chooses one syntax for it.
    """
    from pynetdicom import build_context
    from pynetdicom._globals import ALL_TRANSFER_SYNTAXES

    if len(kinds) * len(ALL_TRANSFER_SYNTAXES) < _MOST_CONTEXTS:
        return [build_context(kind, syntax) for kind in kinds for syntax in ALL_TRANSFER_SYNTAXES]
    return [build_context(kind, [*ALL_TRANSFER_SYNTAXES]) for kind in kinds[: _MOST_CONTEXTS - 1]]


def _usual_kinds() -> list[str]:
    """The kinds of images that hospitals have most, for a PACS that does not say which it holds."""
    from pynetdicom import StoragePresentationContexts

    return [str(context.abstract_syntax) for context in StoragePresentationContexts][: _MOST_CONTEXTS - 1]
