"""Text files of other programs, read with distrust."""

from __future__ import annotations

from pathlib import Path

from runtime.importing.imported import ImportRefused

MOST_BYTES = 64 * 2**20


def text_of(path: Path) -> str:
    """The file as text. Raises ImportRefused for one that is too large, or none."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ImportRefused(f"{path.name} is larger than {MOST_BYTES >> 20} MB, which no such file is.")
        return decoded(path.read_bytes(), path.name)
    except OSError as error:
        raise ImportRefused(f"{path} could not be read: {error.strerror or error}.") from error


def decoded(raw: bytes, name: str) -> str:
    """UTF-8, which such files are written in; raises ImportRefused for anything else."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefused(
            f"{name} is not text in UTF-8 (at byte {error.start}); save it again in the program that made it."
        ) from error
    if "\0" in text:
        raise ImportRefused(f"{name} holds bytes that text has not; it is damaged, or no file of this kind.")
    return text
