"""Labels of images that lie in one file as arrays: beside them in the npz, or in the idx file that belongs to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.data.catalogue import DataError, Found, LabelKind, Part
from runtime.data.label_folders import part_of_word
from runtime.data.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from runtime.data.arrays import Block

_ENDINGS = (".npz", ".npy")
_TEST_NAMES = frozenset({"t10k"})  # as the test part of MNIST is called


@dataclass(frozen=True, slots=True)
class FrameLabel:
    """What is known of one image in a file of many."""

    label: str | None = None
    number: float | None = None
    labels: tuple[str, ...] | None = None
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class ArrayLabels:
    """The labels of every image in files of arrays, by path and in the order of the images."""

    kind: LabelKind
    frames: Mapping[str, Sequence[FrameLabel]]
    classes: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    files: tuple[str, ...] = ()  # of labels only


@dataclass(frozen=True, slots=True)
class _Piece:
    """The labels of one array of images (None where there are none), and its part."""

    path: str
    count: int
    part: Part | None
    labels: NDArray[Any] | None
    where: str
    file: str = ""  # of labels only, beside the images


def array_files(folder: Path, images: Sequence[Found]) -> list[Found]:
    """The images that lie in files of arrays. Files of one page are only asked when they are named like arrays."""
    from runtime.data.arrays import is_array_file

    likely = [item for item in images if item.kind == "image" and (item.frames > 1 or item.path.endswith(_ENDINGS))]
    return [item for item in likely if is_array_file(folder / item.path)]


def array_labels(folder: Path, files: Sequence[Found]) -> ArrayLabels:
    """Reads the labels. Raises DataError when they do not belong to the images, in number or in kind."""
    pieces = [piece for item in files for piece in _pieces(folder, item)]
    beside = tuple(sorted({piece.file for piece in pieces if piece.file}))
    pieces = [piece for piece in pieces if piece.path not in beside]  # labels in two axes look like an image
    labelled = [piece.labels for piece in pieces if piece.labels is not None]
    kind = _kind(labelled)
    names = _classes(kind, labelled)
    frames: dict[str, list[FrameLabel]] = {piece.path: [] for piece in pieces}
    for piece in pieces:
        frames[piece.path] += _frame_labels(piece, kind)
    return ArrayLabels(kind, frames, names, _said(pieces, kind, names), _warnings(pieces, kind), beside)


def _pieces(folder: Path, item: Found) -> list[_Piece]:
    from runtime.data.arrays import blocks_of, headers_of
    from runtime.data.faults import FileFault

    path = folder / item.path
    try:
        blocks = blocks_of(path)
        if blocks[0].name:
            names = set(headers_of(path))
            return [_in_npz(path, item.path, block, names) for block in blocks]
        return [_beside(path, item.path, block) for block in blocks]
    except FileFault as fault:
        raise DataError(f"{item.path} {fault}.") from fault


def _in_npz(path: Path, name: str, block: Block, members: set[str]) -> _Piece:
    from runtime.data.arrays import read_member

    before = block.name[: len(block.name) - len(re.split("_", block.name)[-1])]
    after = f"_{block.part}" if block.part else ""
    wanted = (f"{before}labels", f"{before}label", f"{before}targets", f"y{after}", f"Y{after}")
    found = next((member for member in wanted if member in members and member != block.name), "")
    labels = read_member(path, found) if found else None
    return _checked(_Piece(name, block.count, part_of_word(block.part), labels, f"{name}, {found}"))


def _beside(path: Path, name: str, block: Block) -> _Piece:
    """The labels of a file of one array: in the file of the same name with "labels" for "images", or "y" for "x"."""
    from runtime.data.arrays import is_array_file, read_member

    words = [part_of_word(word) or ("test" if word in _TEST_NAMES else None) for word in re.split(r"[\W_]+", path.name)]
    part = next((word for word in words if word is not None), None)
    stem = path.name.casefold().removesuffix(".gz")
    wanted = {re.sub(r"idx\d", "idx1", stem.replace("images", "labels").replace("image", "label"))}
    wanted.add(re.sub(r"^x(?=[_.])", "y", stem))
    beside = (other for other in sorted(path.parent.iterdir()) if other.name.casefold().removesuffix(".gz") in wanted)
    found = next((other for other in beside if other.name != path.name and is_array_file(other)), None)
    labels = read_member(found) if found is not None else None
    title = found.name if found is not None else ""
    file = name[: len(name) - len(path.name)] + title if title else ""
    return _checked(_Piece(name, block.count, part, labels, title, file))


def _checked(piece: _Piece) -> _Piece:
    """Raises DataError when the labels are not as many as the images."""
    labels = piece.labels
    if labels is None:
        return piece
    if labels.ndim == 0 or labels.shape[0] != piece.count:
        raise DataError(
            f"{piece.path} holds {counted(piece.count, 'image')}, but its labels ({piece.where}) are "
            f"{labels.size if labels.ndim < 2 else '×'.join(map(str, labels.shape))}: they do not belong together."
        )
    if labels.dtype.kind not in "uifb":
        raise DataError(f"The labels of {piece.path} ({piece.where}) are no numbers but {labels.dtype}.")
    flat = labels.reshape(labels.shape[0], -1)
    return replace(piece, labels=flat)


def _kind(labelled: Sequence[NDArray[Any]]) -> LabelKind:
    """A class for each whole number; several labels where each image has a row of 0 and 1; else a number."""
    if not labelled:
        return ""
    widths = {labels.shape[1] for labels in labelled}
    if len(widths) > 1:
        raise DataError(f"The labels of the images have {' and '.join(map(str, sorted(widths)))} columns: one fits.")
    if widths != {1}:
        if any(((labels != 0) & (labels != 1)).any() for labels in labelled):
            raise DataError(
                f"The labels have {widths.pop()} numbers for each image, which are not 0 and 1: one number, or columns "
                "of 0 and 1, can be learned."
            )
        one_hot = all((labels.sum(axis=1) == 1).all() for labels in labelled)
        return "class" if one_hot else "labels"
    whole = all(labels.dtype.kind in "uib" or (labels == labels.round()).all() for labels in labelled)
    return "class" if whole else "number"


def _classes(kind: LabelKind, labelled: Sequence[NDArray[Any]]) -> tuple[str, ...]:
    """The names: the numbers themselves, in their order."""
    if kind not in ("class", "labels"):
        return ()
    if labelled[0].shape[1] > 1:
        return tuple(str(place) for place in range(labelled[0].shape[1]))
    return tuple(str(number) for number in sorted({int(number) for labels in labelled for number in labels[:, 0]}))


def _frame_labels(piece: _Piece, kind: LabelKind) -> list[FrameLabel]:
    if piece.labels is None:
        return [FrameLabel(part=piece.part)] * piece.count
    rows = piece.labels.tolist()
    if kind == "labels":
        return [FrameLabel(labels=tuple(str(at) for at, yes in enumerate(row) if yes), part=piece.part) for row in rows]
    if kind == "number":
        return [FrameLabel(number=float(row[0]), part=piece.part) for row in rows]
    if len(rows[0]) > 1:
        return [FrameLabel(label=str(row.index(1)), part=piece.part) for row in rows]
    return [FrameLabel(label=str(int(row[0])), part=piece.part) for row in rows]


def _said(pieces: Sequence[_Piece], kind: LabelKind, classes: Sequence[str]) -> tuple[str, ...]:
    said = [
        f"{piece.path}: {counted(piece.count, 'image')}{f' ({piece.part})' if piece.part else ''}" for piece in pieces
    ]
    what = {
        "class": f"{len(classes)} classes",
        "labels": f"{len(classes)} labels, each yes or no",
        "number": "a number",
    }
    where = ", ".join(piece.where for piece in pieces if piece.labels is not None)
    told = f"Labels are taken from {where}: {what[kind]}." if kind else "The arrays have no labels."
    return (f"The images lie in arrays: {'; '.join(said)}.", told)


def _warnings(pieces: Sequence[_Piece], kind: LabelKind) -> tuple[str, ...]:
    without = [piece for piece in pieces if piece.labels is None]
    if not kind or not without:
        return ()
    names = ", ".join(piece.path for piece in without)
    return (
        f"{counted(sum(piece.count for piece in without), 'image')} without labels ({names}) cannot be learned from.",
    )
