"""The decoded files of one case after the other; each file is decoded once, and kept while a later case needs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from runtime.data.assembly import files_of, masks_of
from runtime.data.catalogue import FileKind, Sample
from runtime.data.faults import Cancelled, FileFault
from runtime.data.pool import SECONDS, Decoded, Failed, Request, decode
from runtime.data.sniff import content_of

Kinds = Callable[[str], FileKind]


@dataclass(frozen=True, slots=True)
class Files:
    """The decoded files of the case at `index`; `done` of `total` files were decoded so far."""

    index: int
    images: Mapping[str, Decoded | Failed]
    masks: Mapping[str, Decoded | Failed]
    done: int
    total: int


def gathered(
    folder: Path,
    samples: Sequence[Sample],
    kind_of: Kinds,
    masked: bool = False,
    workers: int | None = None,
    seconds: float = SECONDS,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[Files]:
    """The files of every sample, in order of `samples`. Raises Cancelled when `cancelled` answers True."""
    needs = [[(path, False) for path in files_of(sample)] for sample in samples]
    if masked:
        for need, sample in zip(needs, samples, strict=True):
            need.extend((path, True) for path in masks_of(sample))
    left = Counter(key for need in needs for key in need)
    order = list(left)  # a Counter keeps the order in which its keys came
    mask_kinds = _MaskKinds(folder, kind_of)
    requests = [Request(folder / path, mask_kinds(path) if mask else kind_of(path), mask=mask) for path, mask in order]
    answers = zip(order, decode(requests, workers, seconds, cancelled), strict=False)
    held: dict[tuple[str, bool], Decoded | Failed] = {}
    done, total = 0, sum(not mask for _, mask in order)
    for index, need in enumerate(needs):
        while any(key not in held for key in need):
            key, answer = next(answers, (None, None))
            if key is None or answer is None:
                raise Cancelled("Decoding was stopped.")
            held[key] = answer
            done += not key[1]
        images, masks = ({path: held[path, kind] for path, kind in need if kind is mask} for mask in (False, True))
        yield Files(index, images, masks, done, total)
        for key in need:
            left[key] -= 1
            if not left[key]:
                del held[key]


class _MaskKinds:
    """The kind of a mask file; one that cannot be judged keeps the images' kind, and the decoder says what is wrong."""

    def __init__(self, folder: Path, usual: Kinds) -> None:
        self._folder = folder
        self._usual = usual
        self._known: dict[str, FileKind] = {}

    def __call__(self, path: str) -> FileKind:
        if path not in self._known:
            try:
                self._known[path] = content_of(self._folder / path).kind
            except (FileFault, OSError):
                self._known[path] = self._usual(path)
        return self._known[path]
