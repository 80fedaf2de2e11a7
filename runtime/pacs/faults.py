"""What goes wrong between here and a PACS, in sentences that say what to do; no identifiers are in them."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from runtime.errors import RunError


class PacsError(RunError):
    """The PACS did not do what was asked. `passing` is true where trying again may help."""

    def __init__(self, message: str, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


def not_installed(library: str) -> PacsError:
    """A library that is part of every installation is not there."""
    return PacsError(f"{library}, which speaks to a PACS, is not installed here: install Netloom again.")


def unreachable(where: str, error: BaseException, timeout_s: float) -> PacsError:
    """Why no connection came about. `where` names host and port."""
    host = where.rpartition(":")[0] or where
    for reason in _reasons(error):
        match reason:
            case socket.gaierror():
                return PacsError(f"There is no host “{host}” that can be found from here: check its name.")
            case ssl.SSLCertVerificationError():
                return PacsError(
                    f"{where} shows a certificate that is not trusted ({reason.verify_message}): name the file of the "
                    "authority that issued it."
                )
            case ssl.SSLError():
                return PacsError(f"{where} does not speak TLS here: check the port, or turn TLS off.")
            case ConnectionRefusedError():
                return PacsError(f"{where} refused the connection: check the port, and that the PACS is running.")
            case ConnectionResetError() | BrokenPipeError():
                return PacsError(f"{where} hung up at once: check the port, and whether it wants TLS.")
            case TimeoutError():
                return PacsError(
                    f"{where} did not answer within {timeout_s:g} s: check host, port and firewall.",
                    True,
                )
    return PacsError(f"{where} cannot be reached: check the network of this computer.", True)


def _reasons(error: BaseException | None) -> Iterator[BaseException]:
    """The error and everything that led to it, as libraries wrap one in another."""
    seen: list[BaseException] = []
    pending = [error]
    while pending:
        current = pending.pop(0)
        if current is None or any(current is other for other in seen):
            continue
        seen.append(current)
        yield current
        inner = [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
        pending += [found for found in inner if isinstance(found, BaseException)]


def rejected(called: str, calling: str, source: int, reason: int) -> PacsError:
    """Why the PACS did not accept the association, by the numbers of DICOM PS3.8."""
    match (source, reason):
        case (1, 7):
            return PacsError(f"The PACS does not know the AE title “{called}” as its own: ask its administrator.")
        case (1, 3):
            return PacsError(
                f"The PACS does not know this computer as “{calling}”: ask its administrator to enter that AE title."
            )
        case (3, _):
            return PacsError("The PACS is busy and takes no more connections now: try again later.", True)
    return PacsError(
        f"The PACS rejected the connection of “{calling}” to “{called}”: check both AE titles with its administrator."
    )


def broken_off(timeout_s: float) -> PacsError:
    """The association ended in the middle."""
    return PacsError(
        f"The PACS broke the connection off, or was silent for {timeout_s:g} s: try again; what has come is kept.", True
    )


def not_offered(what: str) -> PacsError:
    """The PACS accepted the association, but not this service."""
    return PacsError(f"The PACS does not offer {what} to this computer: ask its administrator, or choose another way.")


def status_problem(what: str, status: int, calling: str) -> PacsError:
    """What a failed status of C-FIND, C-GET or C-MOVE means (DICOM PS3.4, annex C)."""
    if status == 0xA801:
        return PacsError(
            f"The PACS does not know “{calling}” as a place to send images to: ask its administrator to enter this "
            "computer's AE title, address and port; or choose C-GET."
        )
    if status in (0xA700, 0xA701, 0xA702):
        return PacsError(f"The PACS is short of memory for {what} (status {status:04X}): try again later.", True)
    if status in (0x0122, 0x0112, 0xA900):
        return PacsError(f"The PACS cannot do {what} as it was asked (status {status:04X}): choose another way.")
    hint = ""
    if what == "C-MOVE":
        hint = f"; most often it does not know “{calling}” as a place to send images to. Or choose C-GET"
    return PacsError(f"The PACS failed at {what} (status {status:04X}){hint}.", passing=True)


def refused_by_web(status: int) -> PacsError:
    """What a status of HTTP means."""
    match status:
        case 401:
            return PacsError("The PACS asks for another user or password (HTTP 401): enter those that it knows.")
        case 403:
            return PacsError("This user may not do that at the PACS (HTTP 403): ask its administrator.")
        case 404:
            return PacsError("There is no such thing at this URL (HTTP 404): check the path, such as /dicom-web.")
    if status >= 500 or status == 429:
        return PacsError(f"The PACS could not answer (HTTP {status}): try again later.", passing=True)
    return PacsError(f"The PACS did not accept the request (HTTP {status}): check the URL.")


NOT_DICOMWEB = "What answered at this URL is no DICOMweb service: check the path, such as /dicom-web."
NOTHING_FOUND = "The PACS has no study that fits: check the spelling, or look for less."
