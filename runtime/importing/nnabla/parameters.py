"""Weights of NNabla by name: from HDF5, or from a message of protocol buffers, of which nothing else is read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from runtime.importing.imported import Array, ImportRefused

_MOST_TENSORS = 20_000
_PARAMETER, _NAME, _SHAPE, _DATA = 200, 1, 20, 100  # numbers of fields in nnabla.proto
_FLOAT = 4


def from_hdf5(file: BinaryIO, name: str) -> dict[str, Array]:
    """The data sets of an HDF5 file by their path. Raises ImportRefused."""
    import h5py

    found: dict[str, Array] = {}

    def keep(key: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "fiu" and not item.external:
            if len(found) >= _MOST_TENSORS:
                raise ImportRefused(f"{name} has more than {_MOST_TENSORS:,} tensors, which no network has.")
            found[key] = np.asarray(item[()], dtype=np.float32)

    try:
        with h5py.File(file, "r") as weights:
            weights.visititems(keep)
    except (OSError, ValueError, KeyError, RuntimeError, MemoryError) as error:
        raise ImportRefused(f"The weights in {name} cannot be read: {' '.join(str(error).split())[:200]}.") from error
    return found


def from_protobuf(raw: bytes, name: str) -> dict[str, Array]:
    """The parameters of a NNablaProtoBuf message. Raises ImportRefused."""
    found: dict[str, Array] = {}
    try:
        for number, value in _fields(memoryview(raw)):
            if number == _PARAMETER and isinstance(value, memoryview):
                key, array = _parameter(value)
                found[key] = array
    except (IndexError, ValueError, UnicodeDecodeError) as error:
        raise ImportRefused(f"The weights in {name} cannot be read; the file is damaged.") from error
    return found


def _parameter(raw: memoryview) -> tuple[str, Array]:
    name, shape, data = "", [], []
    for number, value in _fields(raw):
        if not isinstance(value, memoryview):
            continue
        if number == _NAME:
            name = bytes(value).decode("utf-8")
        elif number == _SHAPE:
            shape = [size for field, part in _fields(value) for size in _sizes(field, part)]
        elif number == _DATA:
            data.append(np.frombuffer(value, dtype="<f4"))
    array = np.concatenate(data) if data else np.zeros(0, dtype=np.float32)
    if math.prod(shape) != array.size:
        raise ValueError(f"{name} has {array.size} numbers for the shape {shape}")
    return name, array.reshape(shape).astype(np.float32)


def _sizes(field: int, value: int | memoryview) -> list[int]:
    """The sizes of a Shape: one by one, or packed."""
    if field != 1:
        return []
    if isinstance(value, int):
        return [value]
    sizes, place = [], 0
    while place < len(value):
        size, place = _varint(value, place)
        sizes.append(size)
    return sizes


def _fields(raw: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a message: their number, and a whole number or the bytes."""
    place = 0
    while place < len(raw):
        key, place = _varint(raw, place)
        match key & 7:
            case 0:
                value, place = _varint(raw, place)
                yield key >> 3, value
                continue
            case 1:
                size = 8
            case 2:
                size, place = _varint(raw, place)
            case 5:
                size = _FLOAT
            case other:
                raise ValueError(f"a field of the kind {other}")
        if place + size > len(raw):
            raise ValueError("a field goes beyond the end")
        yield key >> 3, raw[place : place + size]
        place += size


def _varint(raw: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70:
        byte = raw[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7
    raise ValueError("a number without an end")
