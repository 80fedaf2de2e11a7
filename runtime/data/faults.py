"""What can go wrong while a file is read: an exception with a reason for the user, and all that readers raise."""

from __future__ import annotations

import struct
import zlib

from PIL import Image, UnidentifiedImageError
from pydicom.errors import BytesLengthException, InvalidDicomError

BUDGET_BYTES = 512 * 1024 * 1024  # of float32 pixels in one file

# Reading libraries raise all of these on damaged files (Pillow a SyntaxError, pydicom a StopIteration).
READ_ERRORS: tuple[type[Exception], ...] = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    EOFError,
    SyntaxError,
    StopIteration,
    BufferError,
    struct.error,
    zlib.error,
    InvalidDicomError,
    BytesLengthException,
    UnidentifiedImageError,
    Image.DecompressionBombError,
)


class FileFault(Exception):
    """One file cannot be used; the text is the reason, for the user, without the file's name."""


class Cancelled(Exception):
    """The caller asked to stop; nothing was finished."""


def in_words(error: Exception) -> str:
    """The reason a reader gave, on one line and not longer than a sentence may be."""
    text = " ".join(str(error).split())
    if isinstance(error, FileFault):
        return text
    if isinstance(error, MemoryError):
        return "needs more memory than a decoder may use"
    if isinstance(error, StopIteration):
        return "ends before its last frame"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be opened: {error.strerror}"
    return (
        f"cannot be read ({type(error).__name__}: {text[:200]})" if text else f"cannot be read ({type(error).__name__})"
    )


def check_budget(what: str, *sides: int) -> None:
    """Refuse a file whose pixels, as float32, need more than the budget; `what` is its size in words."""
    count = 1
    for side in sides:
        count *= side
    if count * 4 > BUDGET_BYTES:
        raise FileFault(
            f"is too large: {what} need {count * 4 / 2**30:.1f} GiB, and one file may need "
            f"{BUDGET_BYTES // 2**20} MiB; cut it into smaller images"
        )
