"""The slices that the viewer scrolls through: asked for nearest first, kept within a bound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from designer.data.pixel_server import Answer, PixelServer, taken
from runtime.data.catalogue import Box

_BOUND = 256 * 2**20  # bytes of pictures that are kept
_AT_ONCE = 2  # questions under way: what is looked at now comes soon


@dataclass(frozen=True, slots=True)
class SliceRef:
    """Where one slice lies: a frame of a file, or a place in a volume. Paths are absolute."""

    path: Path
    kind: str
    frame: int = 0
    index: int | None = None  # of a volume
    mask: Path | None = None
    mask_kind: str = "image"
    case: str = ""  # the key of the case it belongs to
    position_mm: float | None = None
    boxes: tuple[Box, ...] = ()
    leads: tuple[str, ...] = ()  # of a signal: the names of its curves, from above


@dataclass(frozen=True, slots=True)
class Picture:
    """One slice in real values, (channels, rows, columns), and what is known of it; `fault` says why it is not."""

    values: NDArray[np.float32] | None = None
    mask: NDArray[np.int32] | None = None
    display: Mapping[str, Any] = field(default_factory=dict)
    range: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)
    slices: int = 1
    fault: str = ""
    mask_fault: str = ""

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        return sum(part.nbytes for part in (self.values, self.mask) if part is not None)


class Slices(QObject):
    """One stack of slices, filled from the one looked at outwards."""

    came = Signal(int)  # the place of a slice that is there now

    def __init__(self, server: PixelServer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = server
        self.refs: tuple[SliceRef, ...] = ()
        self.plane = "axial"
        self.at = 0
        self._kept: dict[int, Picture] = {}
        self._asked: dict[int, int] = {}  # place -> number of the question

    def show(self, refs: Sequence[SliceRef], at: int, plane: str = "axial") -> None:
        """Another stack, looked at from this slice on."""
        self._server.forget(list(self._asked.values()))
        self.refs, self.plane, self.at = tuple(refs), plane, at
        self._kept.clear()
        self._asked.clear()
        self._ask_more()

    def go(self, at: int) -> None:
        """Another slice is looked at."""
        self.at = at
        self._ask_more()

    def picture(self, at: int) -> Picture | None:
        """A slice, None while it is not there."""
        return self._kept.get(at)

    @property
    def loaded(self) -> int:
        """How many slices are there."""
        return len(self._kept)

    def _ask_more(self) -> None:
        while len(self._asked) < _AT_ONCE:
            place = next((place for place in self._wanted() if place not in self._asked), None)
            if place is None:
                return
            self._ask(place)

    def _wanted(self) -> Iterator[int]:
        """Places that are not there yet, the nearest first, as many as the bound allows."""
        most = self._most()
        order = sorted(range(len(self.refs)), key=lambda place: (abs(place - self.at), place < self.at))
        return (place for place in order[:most] if place not in self._kept)

    def _most(self) -> int:
        size = max((picture.nbytes for picture in self._kept.values()), default=0)
        return max(3, _BOUND // size) if size else _AT_ONCE

    def _ask(self, place: int) -> None:
        ref = self.refs[place]
        request: dict[str, Any] = {"ask": "picture", "path": str(ref.path), "kind": ref.kind, "frame": ref.frame}
        request |= {"plane": self.plane, "index": ref.index}
        if ref.mask is not None:
            request |= {"mask": str(ref.mask), "mask_kind": ref.mask_kind}
        self._asked[place] = self._server.ask(request, lambda answer: self._on_answer(place, answer))

    def _on_answer(self, place: int, answer: Answer) -> None:
        self._asked.pop(place, None)
        self._kept[place] = _picture(answer)
        while sum(picture.nbytes for picture in self._kept.values()) > _BOUND and len(self._kept) > 3:
            del self._kept[max(self._kept, key=lambda other: abs(other - self.at))]
        self.came.emit(place)
        self._ask_more()


def _picture(answer: Answer) -> Picture:
    if "error" in answer:
        return Picture(fault=str(answer["error"]))
    low, high, least, most = (float(value) for value in answer["range"])
    mask = taken(answer["mask"]) if "mask" in answer else None
    return Picture(
        taken(answer["image"]), mask, answer["display"], (low, high, least, most), int(answer["slices"]),
        mask_fault=str(answer.get("mask_error", "")),
    )  # fmt: skip
