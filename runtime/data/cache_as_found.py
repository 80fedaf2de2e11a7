"""The pixels of a folder's files as they are, decoded once: from the cache where they lie there, else kept in it.

Entries are those of a training whose images keep their size, so each takes rows from the other. Only images of the
form (kind, channels, size) that most files of the folder have are kept: an entry holds images of one form.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runtime.data.cache import preparation_key
from runtime.data.cache_bound import limit_of
from runtime.data.cache_files import Entry, Layout
from runtime.data.cache_images import Images
from runtime.data.cache_pages import Pages
from runtime.data.cache_place import default_cache_folder
from runtime.data.cache_rows import row_codes
from runtime.data.cache_write import PackedRows
from runtime.data.catalogue import DataSet, Found, Sample
from runtime.data.fitting import not_a_number
from runtime.data.pool import Decoded, Failed, Request, decode

KEY = "fit stretch 1"
"""What a training names its way of fitting, of which nothing is left for images that have the size already."""

_LEAST = 16  # files of one form below which an entry would save next to nothing
_SHARE = 0.25  # of what all entries may take, for one that nobody asked for
_SPARE = 2**28  # bytes that stay free on the disk
Answers = Generator[Decoded | Failed, None, None]
Floats = NDArray[np.float32]


def decoded_as_found(
    root: Path, found: Sequence[Found], cancelled: Callable[[], bool] | None = None, keep: bool = True
) -> Answers:
    """As `decode` of these files of the folder, in their order; what lies in the cache is not decoded again.

    With `keep`, a folder of images of one form is kept in the cache once all of it was given. Where it cannot be, that
    is no failure: its files are decoded each time.
    """
    requests = [Request(root / item.path, item.kind) for item in found]
    kept = _kept(root, found) if keep else None
    if kept is None:
        return decode(requests, cancelled=cancelled)
    return kept.answers(requests, cancelled)


def _kept(root: Path, found: Sequence[Found]) -> _Kept | None:
    """The entry of the files of the commonest form; None where too few have one."""
    forms = Counter((item.kind, item.channels, item.size) for item in found if item.kind != "volume" and item.channels)
    (form, count), *_ = forms.most_common(1) or [(("image", 0, ()), 0)]
    if count < _LEAST or 2 * count < len(found):
        return None
    alike = [item for item in found if (item.kind, item.channels, item.size) == form]
    samples = tuple(
        Sample(item.path, frame, item.channels, item.size, "") for item in alike for frame in range(item.frames)
    )
    dataset = DataSet(str(root), form[0], samples, "", (), form[1], form[2], "")
    return _Kept(dataset, Layout((len(samples), form[1], *form[2]), False, "uint8"))


@dataclass(frozen=True, slots=True)
class _Known:
    """Rows of an entry by their codes."""

    rows: Mapping[str, int]
    images: Images
    pages: Pages

    def file(self, codes: Sequence[str]) -> Floats | None:
        """The frames of a file (frames, channels, *size); None unless all are there."""
        rows = [self.rows[code] for code in codes if code in self.rows]
        if len(rows) != len(codes):
            return None
        frames = np.empty((len(rows), *self.images.shape[1:]), np.float32)
        self.pages.used(self.images.fill(frames, rows))
        return frames


class _Kept:
    """Files whose frames are the samples of a data set, and the entry of the cache that they have or get."""

    def __init__(self, dataset: DataSet, layout: Layout) -> None:
        self._layout = layout
        self._folder = default_cache_folder()
        self._codes = row_codes(dataset)
        self._entry = Entry(self._folder, preparation_key(dataset, dataset.channels, dataset.size, KEY), self._codes)
        self._keys = [sample.key for sample in dataset.samples]
        root = Path(dataset.folder)
        self._places: dict[Path, list[int]] = {}  # the samples of each file
        for place, sample in enumerate(dataset.samples):
            self._places.setdefault(root / sample.path, []).append(place)

    def answers(self, requests: Sequence[Request], cancelled: Callable[[], bool] | None) -> Answers:
        """What `decode` gives of the requests, from the cache where it lies there."""
        whole = self._entry.read(self._layout)
        if whole is not None:
            rows = {code: row for row, code in enumerate(self._codes) if row not in whole[2]}
            yield from self._given(requests, _known(rows, whole[0]), cancelled)
            return
        alike = self._entry.most_alike(self._layout)
        answers = self._given(requests, None if alike is None else _known(alike[0], alike[1]), cancelled)
        yield from self._keeping(answers, len(requests)) if self._has_room() else answers

    def _has_room(self) -> bool:
        """Whether the entry may be written: it must crowd out neither other entries nor the disk."""
        if self._layout.total_bytes > _SHARE * limit_of(self._folder):
            return False
        with suppress(OSError):
            self._entry.make_room(self._layout)
            return shutil.disk_usage(self._folder).free > self._layout.total_bytes + _SPARE
        return False

    def _given(
        self, requests: Sequence[Request], known: _Known | None, cancelled: Callable[[], bool] | None
    ) -> Answers:
        """Each file from the rows that are known, or decoded; none is taken whose rows are not all there."""
        left = [request for request in requests if not self._lies(request, known)]
        decoded = decode(left, cancelled=cancelled)
        waiting = iter(left)
        nearest = next(waiting, None)
        try:
            for request in requests:
                if cancelled is not None and cancelled():
                    return
                if request is nearest:
                    answer = next(decoded, None)
                    if answer is None:
                        return
                    nearest = next(waiting, None)
                    yield answer
                elif known is not None and (frames := known.file(self._codes_of(request))) is not None:
                    yield Decoded(request, frames)
        finally:
            decoded.close()

    def _lies(self, request: Request, known: _Known | None) -> bool:
        codes = self._codes_of(request)
        return known is not None and bool(codes) and all(code in known.rows for code in codes)

    def _codes_of(self, request: Request) -> list[str]:
        return [self._codes[place] for place in self._places.get(request.path, ())]

    def _keeping(self, answers: Answers, count: int) -> Iterator[Decoded | Failed]:
        """The `count` answers as they come; the entry is whole before the last is given: nobody may ask for more.

        A disk that fails ends the keeping, and nothing else.
        """
        failed: dict[int, str] = {}
        last: list[Decoded | Failed] = []
        try:
            with self._entry.writing(self._layout) as (images, _):
                for number, answer in enumerate(answers, start=1):
                    last = [answer]
                    sound = self._put(images, self._places.get(answer.request.path, []), answer, failed)
                    if number == count and sound:
                        break
                    last = []
                    yield answer
                    if not sound:
                        raise _NotKept
                else:
                    raise _NotKept
            self._entry.finish(self._layout, failed)
        except (OSError, _NotKept):
            yield from last
            yield from answers
            return
        yield from last

    def _put(self, images: PackedRows, places: Sequence[int], answer: Decoded | Failed, failed: dict[int, str]) -> bool:
        """Keep the frames of a file, or note as a training does why they cannot be used; gives whether that worked."""
        if isinstance(answer, Failed):
            failed |= dict.fromkeys(places, answer.reason)
            return True
        if places and answer.array.shape != (len(places), *self._layout.images[1:]):
            return False  # its header says otherwise
        for place, frame in zip(places, answer.array, strict=False):
            if not np.isfinite(frame).all():
                failed[place] = not_a_number(self._keys[place])
                continue
            try:
                images.put(place, frame)
            except OSError:
                return False
        return True


class _NotKept(Exception):
    """The entry cannot be made."""


def _known(rows: Mapping[str, int], images: Images) -> _Known:
    return _Known(rows, images, Pages(images.stored))
