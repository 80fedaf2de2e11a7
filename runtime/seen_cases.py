"""The file of a run that shows a few validation cases as the network answered them in some of its epochs. No torch."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.store import write_whole

FILE = "cases.json"
SIDE = 128  # pixels that the longer side of a picture has at most
MOST_CASES = 8
_FORMAT = 1
_MOST_EPOCHS = 32
_BOX_BYTES = 48  # that a box takes in the file, about
_MOST_BYTES = 2 * 2**20  # of the answers of all epochs together

Pixels = NDArray[np.uint8]
Shares = tuple[tuple[int, float], ...]
"""Classes by their indexes with their probabilities, the highest first; not all where there are many."""


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """`rows` (boxes, 6): left, top, right, bottom as shares of the sides of the picture, probability, class index."""

    rows: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Several numbers, in the order of the classes, which name them."""

    values: tuple[float, ...]


Truth = tuple[int, ...] | float | Numbers | Pixels | Boxes
Answer = Shares | float | Numbers | Pixels | Boxes


@dataclass(frozen=True, slots=True, eq=False)
class SeenCase:
    """One validation case, or an image that is made of noise. `truth` is as `Answer`, but of classes it holds only the
    indexes of those that the case has.

    `picture` is (rows, columns), or (rows, columns, 3) for colour, and so is the truth where pictures are learned; a
    mask (rows, columns) has class indexes, and may have other sides than the picture on which it lies.
    """

    name: str  # never that of a file or a patient
    picture: Pixels | None  # None where the network takes none
    truth: Truth | None  # None where nothing is true or wrong
    slice: tuple[int, int] | None = None  # of a volume: which slice is shown, counted from 1, and of how many


@dataclass(frozen=True)
class SeenCases:
    """What the file holds: for each epoch that is kept, an answer for each case."""

    task: str = ""
    classes: tuple[str, ...] = ()
    planned: int = 0  # epochs that the run was to have
    unit: str = ""  # of numbers
    cases: tuple[SeenCase, ...] = ()
    epochs: Mapping[int, tuple[Answer, ...]] = field(default_factory=dict)


class SeenHistory:
    """Writes the file: all epochs while they are few, then fewer and fewer between the first and the newest."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._head: dict[str, Any] = {}
        self._epochs: dict[int, list[Any]] = {}

    def begin(
        self, task: str, classes: Sequence[str], planned: int, cases: Sequence[SeenCase], unit: str = ""
    ) -> None:
        """Say what is seen. What an earlier start of the run wrote of the same cases is gone on with."""
        listed = [
            {"name": case.name, "slice": case.slice and [*case.slice], "picture": _packed(case.picture),
             "truth": _packed(case.truth)}
            for case in cases
        ]  # fmt: skip
        self._head = {
            "format": _FORMAT, "task": task, "classes": [*classes], "cases": listed, "planned": planned, "unit": unit,
        }  # fmt: skip
        try:
            before = json.loads(self._file.read_text(encoding="utf-8"))
            read_cases(self._file.parent, damaged=True)
        except (OSError, ValueError):
            return
        if all(before[name] == self._head[name] for name in ("task", "classes", "cases")):
            self._epochs = {int(entry["epoch"]): entry["answers"] for entry in before["seen"]}

    def add(self, epoch: int, answers: Sequence[Answer]) -> None:
        """One more epoch; what was said of it and later ones, before a resumed run began again, is forgotten."""
        self._epochs = {old: told for old, told in self._epochs.items() if old < epoch}
        self._epochs[epoch] = [_packed(answer) for answer in answers]
        while len(self._epochs) > _MOST_EPOCHS or (len(self._epochs) > 2 and self._bytes() > _MOST_BYTES):
            del self._epochs[least_missed(tuple(self._epochs))]

    def write(self) -> None:
        """Replace the file. Raises OSError."""
        seen = [{"epoch": epoch, "answers": answers} for epoch, answers in self._epochs.items()]
        text = json.dumps({**self._head, "seen": seen}, ensure_ascii=False, allow_nan=False)
        write_whole(self._file, text.encode("utf-8"))

    def _bytes(self) -> int:
        packed = (one for answers in self._epochs.values() for one in answers if isinstance(one, dict))
        return sum(len(one["pixels"]) if "pixels" in one else _BOX_BYTES * len(one.get("boxes", "1")) for one in packed)


def least_missed(epochs: Sequence[int]) -> int:
    """Of three epochs or more, which leaves the smallest gap: early ones, in which much happens, lie denser."""
    gaps = {now: after / before for (before, now), (_, after) in pairwise(pairwise(epochs))}
    return min(gaps, key=lambda epoch: gaps[epoch])


def changed_at(folder: Path) -> int:
    """When the file of a run was last written; 0 where there is none."""
    try:
        return (folder / FILE).stat().st_mtime_ns
    except OSError:
        return 0


def read_cases(folder: Path, damaged: bool = False) -> SeenCases:
    """The file of a run folder; empty where there is none, or none that this program wrote.

    With `damaged`, raises ValueError for the latter.
    """
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if told["format"] != _FORMAT:
            raise ValueError("written by another version")
        cases = tuple(map(_case, told["cases"]))
        classes = tuple(map(str, told["classes"]))
        unit = str(told.get("unit", ""))
        found = SeenCases(str(told["task"]), classes, int(told["planned"]), unit, cases, _epochs(told["seen"]))
        if any(len(answers) != len(cases) for answers in found.epochs.values()):
            raise ValueError("an answer is missing")
        return found
    except OSError:
        return SeenCases()
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        if damaged:
            raise ValueError(f"{FILE} is damaged") from error
        return SeenCases()


def _epochs(told: Sequence[Mapping[str, Any]]) -> dict[int, tuple[Answer, ...]]:
    return {int(entry["epoch"]): tuple(map(_answer, entry["answers"])) for entry in told}


def _case(told: Mapping[str, Any]) -> SeenCase:
    at = told["slice"]
    truth, picture = told["truth"], told["picture"]
    found: Truth | None = None
    if truth is not None:
        found = tuple(int(one) for one in truth) if isinstance(truth, list) else _value(truth)
    shown = None if picture is None else _unpacked(picture)
    return SeenCase(str(told["name"]), shown, found, (int(at[0]), int(at[1])) if at else None)


def _answer(told: Any) -> Answer:
    return tuple((int(place), _finite(share)) for place, share in told) if isinstance(told, list) else _value(told)


def _value(told: Any) -> float | Numbers | Pixels | Boxes:
    if isinstance(told, dict) and "numbers" in told:
        return Numbers(tuple(map(_finite, told["numbers"])))
    if isinstance(told, dict) and "boxes" in told:
        rows = np.array(told["boxes"], np.float64).reshape(-1, 6)
        if not np.isfinite(rows).all():
            raise ValueError("a box with a number that is none")
        return Boxes(rows)
    return _unpacked(told) if isinstance(told, dict) else _finite(told)


def _finite(told: Any) -> float:
    value = float(told)
    if not math.isfinite(value):
        raise ValueError("a number that is none")
    return value


def _packed(value: Truth | Answer | None) -> Any:
    if isinstance(value, Boxes):
        return {"boxes": value.rows.tolist()}
    if isinstance(value, Numbers):
        return {"numbers": [*value.values]}
    if not isinstance(value, np.ndarray):
        return json.loads(json.dumps(value))  # as it will be read again
    pixels = zlib.compress(np.ascontiguousarray(value).tobytes(), 4)
    return {"size": [*value.shape], "pixels": base64.b64encode(pixels).decode("ascii")}


def _unpacked(told: Mapping[str, Any]) -> Pixels:
    size = tuple(int(side) for side in told["size"])
    if len(size) not in (2, 3) or not all(0 < side <= SIDE for side in size) or size[2:] not in ((), (3,)):
        raise ValueError("a picture of another size")
    wanted = math.prod(size)
    pixels = zlib.decompressobj().decompress(base64.b64decode(told["pixels"], validate=True), wanted + 1)
    if len(pixels) != wanted:
        raise ValueError("a picture that is cut off")
    return np.frombuffer(pixels, np.uint8).reshape(size)
