"""Writes what a PACS sends into one folder: whole files only, never outside of it, never over the last free room."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import threading
from collections.abc import Collection
from pathlib import Path

from runtime.pacs.faults import PacsError

KEEP_FREE = 500 * 10**6  # bytes that are left free on the disk
_PATIENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,62}[A-Za-z0-9_-]|[A-Za-z0-9]")
_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
_OF_WINDOWS = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])")
_SUFFIX, _HALF = ".dcm", ".part"
_STUDY, _SERIES, _PATIENT_ID = 0x0020000D, 0x0020000E, 0x00100020


def file_name(uid: str) -> str:
    """The name of the file of an image; a UID that is none becomes its hash, so that it can name nothing else."""
    if len(uid) <= 64 and _UID.fullmatch(uid):
        return uid + _SUFFIX
    return f"image-{hashlib.sha256(uid.encode('utf-8', 'surrogateescape')).hexdigest()[:40]}{_SUFFIX}"


def patient_folder(patient: str) -> str:
    """The folder of a patient, called as the PatientID so that it is known for one; "" where that cannot be a name."""
    return patient if _PATIENT.fullmatch(patient) and not _OF_WINDOWS.fullmatch(patient) else ""


class Receiver:
    """Keeps images; may be called from several threads. `stop` is set when no more can be written."""

    def __init__(self, folder: Path, keep_free: int = KEEP_FREE) -> None:
        """Makes the folder if needed and looks at what is there. Raises PacsError."""
        self.folder = folder
        self.new = 0  # images written in this call
        self.bytes = 0
        self.problem: PacsError | None = None
        self._keep_free = keep_free
        self._lock = threading.Lock()
        self._series: frozenset[str] = frozenset()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._root = folder.resolve()
            self._there = self._look()
        except OSError as error:
            raise self._unwritable(error) from error
        self._check_room(0)

    def expect(self, series: Collection[str]) -> None:
        """Only images of these series are kept; whatever else is sent here is refused."""
        self._series = frozenset(series)

    def has(self, uid: str) -> bool:
        """Whether an image is there, whole."""
        with self._lock:
            return file_name(uid) in self._there

    def keep(self, content: bytes) -> bool:
        """Write one DICOM file; False when nobody asked for it. Raises PacsError when it cannot be written or read."""
        uid, series, patient = identity(content)
        if series not in self._series or not uid:
            return False
        name = file_name(uid)
        with self._lock:
            if name in self._there:
                return True
            try:
                self._check_room(len(content))
                self._write(patient, name, content)
            except OSError as error:
                self.problem = self._unwritable(error)
                raise self.problem from error
            except PacsError as error:
                self.problem = error
                raise
            self._there.add(name)
            self.new += 1
            self.bytes += len(content)
        return True

    def _look(self) -> set[str]:
        """The names of whole files; halves that an earlier fetch left are removed."""
        found = set()
        for parent, _, names in os.walk(self._root):
            for name in names:
                if name.endswith(_SUFFIX):
                    found.add(name)
                elif name.startswith(".") and name.endswith(_SUFFIX + _HALF):
                    Path(parent, name).unlink(missing_ok=True)
        return found

    def _write(self, patient: str, name: str, content: bytes) -> None:
        target = self._root / patient_folder(patient)
        target.mkdir(exist_ok=True)
        if not target.resolve().is_relative_to(self._root):  # a link that leads elsewhere
            target = self._root
        half = target / f".{secrets.token_hex(4)}{_SUFFIX}{_HALF}"
        try:
            half.write_bytes(content)
            os.replace(half, target / name)
        except BaseException:
            half.unlink(missing_ok=True)
            raise

    def _check_room(self, more: int) -> None:
        try:
            free = shutil.disk_usage(self._root).free
        except OSError as error:
            raise self._unwritable(error) from error
        if free - more < self._keep_free:
            raise _full(self.folder, free)

    def room(self) -> int:
        """Bytes that may still be written here."""
        return max(0, shutil.disk_usage(self._root).free - self._keep_free)

    def _unwritable(self, error: OSError) -> PacsError:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _full(self.folder, 0)
        reason = error.strerror or type(error).__name__
        return PacsError(f"The folder {self.folder} cannot be written: {reason}. Choose another one.")


def _full(folder: Path, free: int) -> PacsError:
    return PacsError(
        f"The disk of {folder} is full: {free / 1e9:.1f} GB are free, and some of it is left for other work. Make room "
        "or choose another disk, then fetch again; what has come is kept."
    )


def identity(content: bytes) -> tuple[str, str, str]:
    """The UIDs of image and series, and the patient's ID, as the file has them. Raises PacsError."""
    from io import BytesIO

    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    try:
        header = dcmread(
            BytesIO(content), stop_before_pixels=True, specific_tags=[0x00080018, _STUDY, _SERIES, _PATIENT_ID]
        )
        found = [_plain(header.get_item(tag)) for tag in (0x00080018, _SERIES, _PATIENT_ID)]
    except (InvalidDicomError, OSError, ValueError, KeyError, EOFError, TypeError, AttributeError) as error:
        raise PacsError("The PACS sent something that is no DICOM file; it was not kept.") from error
    return found[0], found[1], found[2]


def _plain(element: object) -> str:
    """The bytes of an element as text, without the checks that a reader of values makes."""
    value = getattr(element, "value", None)
    if isinstance(value, bytes):
        return value.decode("ascii", "surrogateescape").strip(" \0")
    return "" if value is None else str(value).strip(" \0")
