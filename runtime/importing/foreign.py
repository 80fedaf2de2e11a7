"""Which reader a file needs, told by its content; and the one way to read a file of another program. No torch."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runtime.importing.imported import Imported, ImportRefused

_HEAD = 64 * 1024
_MOST_BYTES = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Reader:
    """A kind of file: its usual endings, how its first bytes look, and what reads it (imported when needed)."""

    title: str
    endings: tuple[str, ...]
    fits: Callable[[bytes], bool]
    read: Callable[[Path], Imported]


def read_foreign(path: Path) -> Imported:
    """The drawing that a file of another program becomes. Raises ImportRefused with one sentence."""
    return reader_of(path).read(path)


def reader_of(path: Path) -> Reader:
    """The reader whose content the file has, whatever its name ends in. Raises ImportRefused."""
    if path.is_dir():
        raise ImportRefused(f"{path} is a folder; name one file: {_kinds()}.")
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise ImportRefused(f"{path} could not be read: {error.strerror or error}.") from error
    if not head.strip(b"\0 \r\n\t"):
        raise ImportRefused(f"{path.name} is empty; {_kinds()} can be opened.")
    if size > _MOST_BYTES:
        raise ImportRefused(f"{path.name} has {size / 2**30:.0f} GB; up to {_MOST_BYTES >> 30} GB are read.")
    for reader in READERS:
        if reader.fits(head):
            return reader
    raise ImportRefused(f"{path.name} is none of the files of other programs that can be opened: {_kinds()} fit.")


def is_foreign(path: Path) -> bool:
    """Whether the name ends as a file of another program does, so that it is worth reading as one."""
    return path.suffix.casefold() in endings()


def endings() -> tuple[str, ...]:
    """All endings of the files that can be opened, such as ".nnp"."""
    return tuple(ending for reader in READERS for ending in reader.endings)


def _kinds() -> str:
    return ", ".join(f"{reader.title} ({', '.join(reader.endings)})" for reader in READERS)


def _nnc_project(path: Path) -> Imported:
    from runtime.importing.nnc import project

    return project.read(path)


def _nnabla_text(path: Path) -> Imported:
    from runtime.importing.nnabla import files

    return files.read_text(path)


def _nnabla_package(path: Path) -> Imported:
    from runtime.importing.nnabla import files

    return files.read_package(path)


def _caffe(path: Path) -> Imported:
    from runtime.importing.caffe import prototxt

    return prototxt.read(path)


def _onnx(path: Path) -> Imported:
    from runtime.importing.onnx import model

    return model.read(path)


def _is_onnx(head: bytes) -> bool:
    """Whether a protobuf message begins as ONNX models do: the version of the format, then who made it or the graph."""
    return re.match(rb"\x08[\x01-\x7f][\x12\x1a\x22\x28\x32\x3a\x42]", head) is not None


def _has(head: bytes, pattern: bytes) -> bool:
    return b"\0" not in head and re.search(pattern, head, re.MULTILINE) is not None


READERS: tuple[Reader, ...] = (
    Reader("NNabla network with weights", (".nnp",), lambda head: head.startswith(b"PK\3\4"), _nnabla_package),
    Reader(
        "Neural Network Console project", (".sdcproj",),
        lambda head: _has(head, rb"^\[(\w+_)?Network_Global\]|^\[Engine\]"), _nnc_project,
    ),
    Reader(
        "NNabla network", (".nntxt",),
        lambda head: _has(head, rb"^(network|global_config|training_config)\s*:?\s*\{"), _nnabla_text,
    ),
    Reader(
        "Caffe or DIGITS network or solver", (".prototxt",),
        lambda head: _has(head, rb"^\s*layers?\s*:?\s*\{|^\s*(net|train_net|base_lr|test_iter)\s*:"), _caffe,
    ),
    Reader("ONNX model", (".onnx",), _is_onnx, _onnx),
)  # fmt: skip
"""In the order in which they are tried; a new kind of file is one line here."""
