"""Writing a file so that a crash, a full disk or a lying disk leaves the old content or the new, never a half."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path


def write_safely(path: Path, content: bytes) -> None:
    """Replace a file's content so that after a crash at any moment the old or the new content is there, whole."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if hashlib.sha256(Path(temporary).read_bytes()).digest() != hashlib.sha256(content).digest():
            raise OSError("the disk gave back something else than was written")
        if path.exists():
            os.chmod(temporary, path.stat().st_mode & 0o777)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Make the rename itself durable; Windows has no such call and needs none."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
