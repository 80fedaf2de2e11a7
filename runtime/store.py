"""Writing a file so that a crash, a full disk or a lying disk leaves the old content or the new, never a half."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path


def write_safely(path: Path, content: bytes) -> None:
    """Replace a file's content so that after a crash at any moment the old or the new content is there, whole.

    A file that is there keeps its mode; a new one gets the mode that the umask gives. Raises OSError.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:  # the mode of a new file follows the umask, as other programs' files do
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if hashlib.sha256(temporary.read_bytes()).digest() != hashlib.sha256(content).digest():
            raise OSError("the disk gave back something else than was written")
        if path.exists():
            os.chmod(temporary, path.stat().st_mode & 0o777)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file that others read meanwhile: the old or the new content, whole, but without waiting for the disk.

    For what may be lost when the computer is switched off. Raises OSError.
    """
    beside = path.with_name(f".{path.name}.tmp")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def flush_folder(folder: Path) -> None:
    """Make the rename itself durable; Windows has no such call and needs none."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, "" where there is no file that can be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
