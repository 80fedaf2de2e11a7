"""Images kept in one file as arrays: idx (as MNIST has them), npz (as MedMNIST and Keras have them), npy. No pickle."""

from __future__ import annotations

import gzip
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from runtime.data.faults import BUDGET_BYTES, READ_ERRORS, FileFault, in_words

Array = NDArray[Any]
_IDX_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_IMAGES = re.compile(r"(?:(?P<before>.*)_)?(?:images|image|imgs|data)|[xX](?:_(?P<after>.+))?", re.IGNORECASE)
_MANY = re.compile(r"(?:(?P<before>.*)_)?(?:images|imgs)|x(?:_(?P<after>.+))?")  # of a file with one array
_COLOURS = (1, 3)
_ERRORS: tuple[type[Exception], ...] = (*READ_ERRORS, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class Block:
    """One array of images in a file: its name there, what tells it from the others, and its axes."""

    name: str  # the member of an npz; "" in the other formats
    part: str  # "train" of train_images or x_train; "" where nothing is said
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    single: bool = False  # one image, not a list of them

    @property
    def count(self) -> int:
        """How many images it holds."""
        return 1 if self.single else self.shape[0]

    @property
    def channels(self) -> int:
        """1 for grey, 3 for colour: a last axis of 1 or 3 behind rows and columns."""
        return self.shape[-1] if self._coloured else 1

    @property
    def size(self) -> tuple[int, ...]:
        """(rows, columns), or (slices, rows, columns)."""
        sides = self.shape if self.single else self.shape[1:]
        return sides[:-1] if self._coloured else sides

    @property
    def _coloured(self) -> bool:
        sides = self.shape if self.single else self.shape[1:]
        return len(sides) > 2 and sides[-1] in _COLOURS


def are_arrays(head: bytes, name: str) -> bool:
    """Whether these first bytes (of an idx file: unpacked) begin a file of arrays."""
    zipped = head.startswith(b"PK\x03\x04") and (name.casefold().endswith(".npz") or b".npy" in head[:200])
    return head.startswith(npy.MAGIC_PREFIX) or zipped or is_idx(head)


def is_idx(head: bytes) -> bool:
    """Whether these bytes begin an idx file: two zeros, a known type, one to four axes, none of them 0."""
    if len(head) < 8 or head[:2] != b"\0\0" or head[2] not in _IDX_TYPES or not 1 <= head[3] <= 4:
        return False
    sides = [int.from_bytes(head[4 + 4 * axis : 8 + 4 * axis], "big") for axis in range(head[3])]
    return all(0 < side < 2**31 for side in sides)


def is_array_file(path: Path) -> bool:
    """Whether a file holds arrays, by its content."""
    try:
        with _unpacked(path) as file:
            return are_arrays(file.read(256), path.name)
    except READ_ERRORS:
        return False


def blocks_of(path: Path) -> tuple[Block, ...]:
    """The arrays of images in a file, in order, from their headers: all of one size. Raises FileFault."""
    found = _blocks(path)
    if not found:
        raise FileFault("holds arrays, but none of images: name them train_images, x_train or images")
    kinds = {(block.size, block.channels) for block in found}
    if len(kinds) > 1:
        raise FileFault("holds arrays of images of different sizes; save each of them as its own file")
    for block in found:
        if block.dtype.kind not in "uifb" or len(block.size) not in (2, 3):
            axes = "×".join(map(str, block.shape))
            raise FileFault(f"holds an array {block.name} of {axes} ({block.dtype}), which are no images of numbers")
    total = sum(math.prod(block.shape) * min(block.dtype.itemsize, 4) for block in found)
    if total > BUDGET_BYTES:
        raise FileFault(
            f"is too large: its images need {total / 2**30:.1f} GiB, and one file may need "
            f"{BUDGET_BYTES // 2**20} MiB; split it into smaller files"
        )
    return found


def read_arrays(path: Path) -> Array:
    """All images of a file, (images, channels, *size), with the numbers as stored. Raises FileFault."""
    arrays = []
    for block in blocks_of(path):
        values = read_member(path, block.name)
        values = values[None] if block.single else values
        values = (
            np.moveaxis(values, -1, 1) if block.channels == 3 or values.ndim > len(block.size) + 1 else values[:, None]
        )
        small = values.dtype.kind in "ui" and values.dtype.itemsize <= 2
        arrays.append(values.astype(values.dtype.newbyteorder("=") if small else np.float32))
    return np.concatenate(arrays) if len(arrays) > 1 else arrays[0]


def read_member(path: Path, name: str = "") -> Array:
    """One array of a file. Raises FileFault; an array of Python objects is never unpickled, but refused."""
    try:
        with _unpacked(path) as file:
            head = file.read(256)
            file.seek(0)
            if is_idx(head):
                return _read_idx(file)
            if head.startswith(npy.MAGIC_PREFIX):
                return np.asarray(npy.read_array(file, allow_pickle=False))
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as member:
            return np.asarray(npy.read_array(member, allow_pickle=False))
    except FileFault:
        raise
    except _ERRORS as error:
        raise FileFault(in_words(error)) from error


def headers_of(path: Path) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]]]:
    """Name, shape and type of every array in a file ("" where there is but one without a name). Raises FileFault."""
    try:
        with _unpacked(path) as file:
            head = file.read(256)
            file.seek(0)
            if is_idx(head):
                return {"": (_idx_shape(head), np.dtype(_IDX_TYPES[head[2]]))}
            if head.startswith(npy.MAGIC_PREFIX):
                return {"": _npy_header(file)}
        with zipfile.ZipFile(path) as archive:
            members = [name for name in archive.namelist() if name.endswith(".npy")]
            return {name.removesuffix(".npy"): _npy_header(archive.open(name)) for name in members}
    except FileFault:
        raise
    except _ERRORS as error:
        raise FileFault(in_words(error)) from error


def _blocks(path: Path) -> tuple[Block, ...]:
    headers = headers_of(path)
    if "" in headers:
        shape, dtype = headers[""]
        idx = not _begins(path, npy.MAGIC_PREFIX)
        if idx and len(shape) < 3:
            raise FileFault(
                "is a list of labels or of features (idx), not of images; labels are read with their images"
            )
        many = _MANY.fullmatch(path.name.casefold().removesuffix(".npy"))
        listed = many is not None and len(shape) == 3 and shape[-1] not in _COLOURS
        part = (many["before"] or many["after"] or "") if many and not idx else ""
        return (Block("", part, shape, dtype, single=not idx and len(shape) < 4 and not listed),)
    found = []
    for name, (shape, dtype) in headers.items():
        match = _IMAGES.fullmatch(name)
        if match and len(shape) >= 3:
            found.append(Block(name, (match["before"] or match["after"] or "").casefold(), shape, dtype))
    if not found and len(headers) == 1:
        ((name, (shape, dtype)),) = headers.items()
        return (Block(name, "", shape, dtype, single=len(shape) < 4),) if len(shape) >= 2 else ()
    return tuple(found)


def _begins(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def _npy_header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.hasobject:
        raise FileFault("holds Python objects, which could run a program when they are read; save plain numbers")
    return tuple(int(side) for side in shape), dtype


def _idx_shape(head: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(head[4 + 4 * axis : 8 + 4 * axis], "big") for axis in range(head[3]))


def _read_idx(file: IO[bytes]) -> Array:
    head = file.read(4)
    shape = tuple(int.from_bytes(file.read(4), "big") for _ in range(head[3]))
    dtype = np.dtype(_IDX_TYPES[head[2]])
    needed = math.prod(shape) * dtype.itemsize
    if needed > BUDGET_BYTES:
        raise FileFault(f"is too large: its numbers need {needed / 2**30:.1f} GiB")
    raw = file.read(needed + 1)
    if len(raw) != needed:
        less = "fewer" if len(raw) < needed else "more"
        raise FileFault(f"says it holds {'×'.join(map(str, shape))} numbers, but {less} are there")
    return np.frombuffer(raw, dtype).reshape(shape)


@contextmanager
def _unpacked(path: Path) -> Iterator[IO[bytes]]:
    packed = _begins(path, b"\x1f\x8b")
    try:
        if packed:
            with gzip.open(path, "rb") as inside:
                yield inside  # type: ignore[misc]
        else:
            with path.open("rb") as file:
                yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileFault(in_words(error)) from error
