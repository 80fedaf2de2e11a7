"""The short way for the commonest DICOM file: one uncompressed grey frame. Everything else is left to `dicom`.

It reads the elements that matter and no other, and gives what `dicom.read_frames` gives, several times as fast. Where
anything is out of the ordinary, it says None, and the long way judges the file.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.dicom_walk import REFUSED, Unplain, walk_header

_HEAD = 65536  # bytes read at first; a longer header is left to the long way
_MOST_BYTES = 512 * 1024 * 1024  # of float32 pixels in one file, as runtime.data.faults.BUDGET_BYTES
_SYNTAXES = {b"1.2.840.10008.1.2.1": True, b"1.2.840.10008.1.2": False}
_WANTED = {
    **dict.fromkeys((0x00280002, 0x00280010, 0x00280011, 0x00280100, 0x00280101, 0x00280102, 0x00280103), b"US"),
    **dict.fromkeys((0x00281052, 0x00281053), b"DS"),
    **dict.fromkeys((0x00283000, 0x52009229, 0x52009230), REFUSED),  # modality LUT, frame groups
    0x00280004: b"CS",
    0x00280008: b"IS",
}
_ORDINARY = {(16, 0): "<u2", (16, 1): "<i2", (8, 0): "u1"}
Floats = NDArray[np.float32]
Room = Callable[[int], "memoryview | None"]


def read_plain(path: Path, room: Room | None = None) -> Floats | None:
    """The pixels in real units, float32 (1, 1, rows, columns); None when the file is not of the plain kind.

    `room(bytes)` may give memory to write them to. Raises OSError when the file cannot be opened.
    """
    with path.open("rb", buffering=0) as file:
        head = file.read(_HEAD)
        try:
            found = walk_header(head, _SYNTAXES, _WANTED)
            shape, dtype, bits = _layout(found.values, found.length)
            slope, intercept = _scale(found.values)
        except (Unplain, ValueError, struct.error, LookupError):
            return None
        if os.fstat(file.fileno()).st_size < found.start + found.length:
            return None
        stored = _pixels(file.fileno(), found.start, shape, dtype)
    if stored is None:
        return None
    return _real(_cleared(stored, bits), slope, intercept, room)


def _layout(elements: dict[int, bytes], length: int) -> tuple[tuple[int, int], str, int]:
    """Rows and columns, the kind of number, and the bits in use. Raises ValueError or KeyError for other kinds."""
    rows, columns, allocated, stored, high, signed, samples = (
        struct.unpack("<H", elements[tag])[0]
        for tag in (0x00280010, 0x00280011, 0x00280100, 0x00280101, 0x00280102, 0x00280103, 0x00280002)
    )
    dtype = _ORDINARY[allocated, signed]
    needed = rows * columns * allocated // 8
    ordinary = samples == 1 and elements[0x00280004].strip(b" \0") == b"MONOCHROME2" and high == stored - 1
    ordinary = ordinary and 0 < stored <= allocated and length in (needed, needed + needed % 2) and needed > 0
    if not ordinary or elements.get(0x00280008, b"1").strip(b" \0") != b"1" or rows * columns * 4 > _MOST_BYTES:
        raise ValueError("not plain")
    return (rows, columns), dtype, stored


def _scale(elements: dict[int, bytes]) -> tuple[float, float]:
    slope = float(elements.get(0x00281053, b"1").strip(b" \0"))
    intercept = float(elements.get(0x00281052, b"0").strip(b" \0"))
    if slope == 0 or not np.isfinite(slope) or not np.isfinite(intercept):
        raise ValueError("not plain")
    return slope, intercept


def _pixels(file: int, start: int, shape: tuple[int, int], dtype: str) -> NDArray[Any] | None:
    pixels = np.empty(shape, dtype)
    target = pixels.reshape(-1).view(np.uint8)
    os.lseek(file, start, os.SEEK_SET)
    done = 0
    with os.fdopen(os.dup(file), "rb", buffering=0) as raw:
        while done < target.nbytes:
            count = raw.readinto(target[done:].data)
            if not count:
                return None
            done += count
    return pixels


def _cleared(values: NDArray[Any], bits: int) -> NDArray[Any]:
    """The bits above those in use replaced by the sign."""
    spare = values.dtype.itemsize * 8 - bits
    if spare and (values.dtype.kind == "i" or int(values.max()) >> bits):
        np.left_shift(values, spare, out=values)
        np.right_shift(values, spare, out=values)
    return values


def _real(values: NDArray[Any], slope: float, intercept: float, room: Room | None) -> Floats:
    """values × slope + intercept, computed so that the result is the float32 nearest to that in double precision."""
    memory = None if room is None else room(values.size * 4)
    real = np.empty(values.shape, np.float32) if memory is None else np.frombuffer(memory, np.float32, values.size)
    real = real.reshape(values.shape)
    if slope == 1 and float(intercept).is_integer() and abs(intercept) < 2**23:
        np.add(values, np.float32(intercept), out=real, dtype=np.float32)  # exact: all are whole and below 2**24
    else:
        np.add(values.astype(np.float64) * slope, intercept, out=real, casting="same_kind")
    return real[None, None]
