"""What earlier scans read of large folders, so that the next scan opens only what is new.

A database in the user's cache folder. A file is known by its path and its stamp (see file_stamp). The rows hold what
headers say, the patient's number among it, and are for the user's eyes alone (file mode 600). It may be deleted at any
time; what is damaged or of another version is built again; folders that nobody scanned for longest are left out when
it holds more files than `MOST_FILES`.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path

from runtime.data.catalogue import Skipped
from runtime.data.facts import Facts
from runtime.data.facts_rows import from_row, to_row
from runtime.data.file_stamp import Stamp

VERSION = 3  # of what is read from a file: another version reads all files anew
MOST_FILES = 1_000_000
_WAIT_S = 5.0  # for another scan that writes
_TABLES = """
CREATE TABLE IF NOT EXISTS folders (folder BLOB PRIMARY KEY, used REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    folder BLOB, path BLOB, bytes INTEGER, modified INTEGER, changed INTEGER, said TEXT, PRIMARY KEY (folder, path)
) WITHOUT ROWID;
"""


class ScanIndex:
    """The index in one cache folder. Nothing that happens to it ends a scan: it then knows nothing."""

    def __init__(self, cache_folder: Path) -> None:
        self._file = cache_folder / "scans.sqlite"
        self.held: set[str] = set()  # the files of a folder that the index holds, once it was asked what it knows

    def known(self, root: Path, stamps: Mapping[str, Stamp], grouped: bool = True) -> dict[str, Facts | Skipped]:
        """What is known of the files of `root` that are as they were (`grouped`: see facts_rows)."""
        names: list[str] = []
        texts: list[str] = []
        self.held = set()
        try:
            with closing(self._opened()) as base:
                rows = base.execute(
                    "SELECT path, bytes, modified, changed, said FROM files WHERE folder = ?", (_blob(root),)
                )
                for path, size, modified, changed, said in rows:
                    name = os.fsdecode(path)
                    self.held.add(name)
                    if stamps.get(name) == (size, modified, changed):
                        names.append(name)
                        texts.append(said)
            # Read as one list: a call for each file would take as long again.
            judged = [from_row(row, grouped) for row in json.loads(f"[{','.join(texts)}]")]
            return dict(zip(names, judged, strict=True))
        except (sqlite3.Error, OSError):
            return {}
        except (ValueError, TypeError, LookupError):
            self._remove()
            return {}

    def store(self, root: Path, judged: Iterable[tuple[str, Stamp, Facts | Skipped]], gone: Iterable[str]) -> None:
        """Note what was read of files of `root`, and forget those that are gone."""
        folder = _blob(root)
        rows = [(folder, os.fsencode(path), *stamp, json.dumps(to_row(fact))) for path, stamp, fact in judged]
        with suppress(sqlite3.Error, OSError), closing(self._opened()) as base, base:
            base.execute("INSERT OR REPLACE INTO folders VALUES (?, ?)", (folder, time.time()))
            left = [(folder, os.fsencode(path)) for path in gone]
            base.executemany("DELETE FROM files WHERE folder = ? AND path = ?", left)
            base.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", rows)
            _bound(base, folder)

    def _opened(self) -> sqlite3.Connection:
        """The database, made anew where it is damaged or of another version."""
        try:
            return self._checked()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):  # locked, or a folder that may not be written
                raise
        self._remove()
        return self._checked()

    def _checked(self) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        if not self._file.exists():
            os.close(os.open(self._file, os.O_CREAT | os.O_RDWR, 0o600))
        base = sqlite3.connect(self._file, timeout=_WAIT_S)
        try:
            (version,) = base.execute("PRAGMA user_version").fetchone()
            if version not in (0, VERSION):
                raise sqlite3.DatabaseError("another version")
            base.executescript(_TABLES)
            if not version:  # writing it costs a flush to the disk
                base.execute(f"PRAGMA user_version = {VERSION}")
        except sqlite3.Error:
            base.close()
            raise
        return base

    def _remove(self) -> None:
        for ending in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                self._file.with_name(self._file.name + ending).unlink(missing_ok=True)


def _blob(path: Path) -> bytes:
    return os.fsencode(path)


def _bound(base: sqlite3.Connection, newest: bytes) -> None:
    """Leave out whole folders, the longest unused first, until the bound holds."""
    while base.execute("SELECT count(*) FROM files").fetchone()[0] > MOST_FILES:
        query = "SELECT folder FROM folders WHERE folder != ? ORDER BY used LIMIT 1"
        oldest = base.execute(query, (newest,)).fetchone()
        if oldest is None:
            return
        for table in ("files", "folders"):
            base.execute(f"DELETE FROM {table} WHERE folder = ?", oldest)
