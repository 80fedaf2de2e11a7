"""The crash journal: each step is kept as it is done, in a file of its own, never in the user's project file."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from runtime.changes import Done, Step
from runtime.document import Document
from runtime.graph import Graph
from runtime.journal_lines import Head, head_out, step_out
from runtime.owner import this_process
from runtime.store import flush_folder

SUFFIX = ".journal"
_PAUSE_S = 0.5  # between two flushes to the disk: with the flush itself, a step is on the disk within a second


def _nothing() -> None:
    """Ends the watching of no document."""


class Journal:
    """Follows one document at a time. The file is made with the first step and removed when nothing would be lost."""

    def __init__(self, folder: Path, on_trouble: Callable[[str], None]) -> None:
        """`on_trouble` is told, once for each begin, why nothing more can be written."""
        self.folder = folder
        self._on_trouble = on_trouble
        self._ignore: Callable[[], None] = _nothing
        self._project: Path | None = None
        self._sha256 = ""
        self._base = Graph()
        self._file: _File | None = None
        self._broken = False

    @property
    def path(self) -> Path | None:
        """The file that is written, None while there was no step."""
        return self._file.path if self._file else None

    def begin(self, document: Document, project: Path | None, sha256: str) -> None:
        """The document as it is now is safe (just loaded, saved or begun): keep the steps from here on."""
        self.end()
        self._project, self._sha256, self._base = project, sha256, document.graph()
        self._ignore = document.observe_steps(self._keep)

    def end(self) -> None:
        """Nothing would be lost any more: remove the file and follow no document."""
        self._ignore()
        self._ignore = _nothing
        self._broken = False
        if self._file is not None:
            self._file.close()
            self._file.path.unlink(missing_ok=True)
            self._file = None

    def settled(self) -> bool:
        """Wait for the disk; whether every step since the begin lies there."""
        return not self._broken and (self._file is None or self._file.settled())

    def _keep(self, done: Done, step: Step) -> None:
        if self._broken:
            return
        try:
            text = step_out(done, step) + "\n"
            if self._file is None:
                text = head_out(Head(this_process(), self._project, self._sha256, self._base)) + "\n" + text
                self._file = _File(self.folder)
            self._file.write(text)
        except OSError as error:
            self._broken = True
            if self._file is not None:
                self._file.close()
            self._on_trouble(error.strerror or str(error))


class _File:
    """A file that grows: what is written is with the system at once, so that it survives this process; a thread sees
    to it that it is on the disk soon after, so that it survives the machine without an edit waiting for the disk."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
        self._file: BinaryIO = open(self.path, "xb", opener=_private)  # noqa: SIM115
        self._trouble: OSError | None = None
        self._new = threading.Event()
        self._closing = threading.Event()
        self._flusher = threading.Thread(target=self._flush, name="journal", daemon=True)
        self._flusher.start()

    def write(self, text: str) -> None:
        """Append; an OSError says that this or the last flush did not succeed."""
        if self._trouble is not None:
            raise self._trouble
        self._file.write(text.encode("ascii"))
        self._file.flush()
        self._new.set()

    def settled(self) -> bool:
        """Flush to the disk now; whether that succeeded."""
        with suppress(OSError):
            flush_folder(self.path.parent)
            os.fsync(self._file.fileno())
            return self._trouble is None
        return False

    def close(self) -> None:
        """End the thread and close; what could not be written is given up, as its writing said already."""
        self._closing.set()
        self._new.set()
        self._flusher.join()
        with suppress(OSError):
            self._file.close()

    def _flush(self) -> None:
        try:
            flush_folder(self.path.parent)
            while not self._closing.is_set():
                self._new.wait()
                self._new.clear()
                os.fsync(self._file.fileno())
                self._closing.wait(_PAUSE_S)
        except OSError as error:
            self._trouble = error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_APPEND, 0o600)
