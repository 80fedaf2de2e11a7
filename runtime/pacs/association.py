"""Associations with a PACS: made, refused, broken off; every failure becomes a sentence."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from runtime.pacs.address import DicomAddress
from runtime.pacs.faults import PacsError, broken_off, not_installed, rejected, unreachable

if TYPE_CHECKING:
    from pynetdicom import AE
    from pynetdicom.association import Association
    from pynetdicom.events import Event
    from pynetdicom.presentation import PresentationContext


def silence() -> None:
    """What the network libraries log may hold names of patients: it goes nowhere."""
    for name in ("pynetdicom", "dicomweb_client", "urllib3", "requests"):
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
        logger.setLevel(logging.CRITICAL + 1)


def entity(address: DicomAddress, patience_s: float = 0.0) -> AE:
    """This computer as an application entity; `patience_s` is how long an answer may take, if longer than usual."""
    try:
        from pynetdicom import AE, _config
    except ImportError as error:
        raise not_installed("pynetdicom") from error
    silence()
    _config.LOG_REQUEST_IDENTIFIERS = _config.LOG_RESPONSE_IDENTIFIERS = False
    made = AE(ae_title=address.calling)
    made.acse_timeout = made.connection_timeout = address.timeout_s
    made.dimse_timeout = made.network_timeout = max(address.timeout_s, patience_s)
    return made


@contextmanager
def associated(
    address: DicomAddress,
    contexts: Sequence[PresentationContext],
    roles: Sequence[Any] = (),
    handlers: Sequence[Any] = (),
    patience_s: float = 0.0,
) -> Iterator[Association]:
    """An established association, released at the end, aborted after an error. Raises PacsError."""
    ours = entity(address, patience_s)
    from pynetdicom import evt

    ip = _reachable(address)
    tls = (client_tls(address), address.host) if address.tls else None
    association = ours.associate(
        ip, address.port, [*contexts], address.called, ext_neg=[*roles] or None, tls_args=tls,
        evt_handlers=[(evt.EVT_CONN_OPEN, at_once), *handlers],
    )  # fmt: skip
    if association.is_rejected:
        answer = association.acceptor.primitive
        source, reason = (answer.result_source, answer.diagnostic) if answer is not None else (0, 0)
        raise rejected(address.called, address.calling, source or 0, reason or 0)
    if not association.is_established:
        raise broken_off(address.timeout_s)
    try:
        yield association
    except BaseException:
        association.abort()
        raise
    if association.is_established:
        association.release()


def at_once(event: Event) -> None:
    """Small messages are sent as they are: the answers between images would wait 40 ms each for company."""
    channel = event.assoc.dul.socket
    if channel is not None and channel.socket is not None:
        channel.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _reachable(address: DicomAddress) -> str:
    """The IP address, after a connection (with TLS, if wanted) came about. Raises PacsError."""
    where = f"{address.host}:{address.port}"
    try:
        with socket.create_connection((address.host, address.port), address.timeout_s) as found:
            ip = str(found.getpeername()[0])
            if address.tls:
                with client_tls(address).wrap_socket(found, server_hostname=address.host):
                    pass
    except (OSError, UnicodeError) as error:
        raise unreachable(where, error, address.timeout_s) from error
    return ip


def client_tls(address: DicomAddress) -> ssl.SSLContext:
    """TLS as the one who calls. Raises PacsError."""
    try:
        context = ssl.create_default_context(cafile=address.authority or None)
        if address.certificate:
            context.load_cert_chain(address.certificate)
    except OSError as error:
        raise _unusable(address, error) from error
    return context


def server_tls(address: DicomAddress) -> ssl.SSLContext:
    """TLS as the one who is called back. Raises PacsError."""
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=address.authority or None)
        context.load_cert_chain(address.certificate)
    except OSError as error:
        raise _unusable(address, error) from error
    return context


def _unusable(address: DicomAddress, error: OSError) -> PacsError:
    names = " or ".join(name for name in (address.authority, address.certificate) if name) or "of the system"
    reason = error.strerror or type(error).__name__
    return PacsError(f"The certificate {names} cannot be used ({reason}): name a file in PEM form.")
