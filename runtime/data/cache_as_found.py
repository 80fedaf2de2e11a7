"""The pixels of a folder's files as they are, decoded once: from the cache where they lie there, else kept in it.

Entries are those of a training whose images keep their size, so each takes rows from the other. Only images of the
form (kind, channels, size) that most files of the folder have are kept: an entry holds images of one form. What lies
there is read, and checked, by whoever takes it: several threads may do that at once.
"""

from __future__ import annotations

import math
import shutil
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.cache import preparation_key
from runtime.data.cache_bound import limit_of
from runtime.data.cache_files import Entry, Layout
from runtime.data.cache_images import Images
from runtime.data.cache_pages import Pages
from runtime.data.cache_place import default_cache_folder
from runtime.data.cache_rows import plain_codes
from runtime.data.cache_write import PackedRows
from runtime.data.catalogue import DataSet, Found, Sample
from runtime.data.fitting import not_a_number
from runtime.data.pool import Decoded, Failed, Request, decode

KEY = "fit stretch 1"
"""What a training names its way of fitting, of which nothing is left for images that have the size already."""

_LEAST = 16  # files of one form below which an entry would save next to nothing
_SHARE = 0.25  # of what all entries may take, for one that nobody asked for
_SPARE = 2**28  # bytes that stay free on the disk


@dataclass(frozen=True, slots=True)
class Stored:
    """A file whose frames all lie in the cache, in these rows."""

    root: Path
    found: Found
    rows: Sequence[int]
    lying: _Lying

    @property
    def frame_size(self) -> int:
        """Values of a frame."""
        return math.prod(self.lying.images.shape[1:])

    def decoded(self) -> Decoded | Failed:
        """As `decode` of the file, which it is where the entry is damaged."""
        request = Request(self.root / self.found.path, self.found.kind)
        blocks = list(frames_of([(self, number) for number in range(len(self.rows))]))
        if not all(all(sound) for _, sound in blocks):
            return next(decode([request]))
        return Decoded(request, np.concatenate([block for block, _ in blocks], dtype=np.float32, casting="unsafe"))


def frames_of(asked: Sequence[tuple[Stored, int]]) -> Iterator[tuple[NDArray[Any], list[bool]]]:
    """Frames (n, channels, *size) of files of one folder in the type in which they are stored, in their order, and
    whether each is sound: an entry that is damaged is built again the next time."""
    lying = asked[0][0].lying
    for block, sound in lying.images.checked([stored.rows[number] for stored, number in asked]):
        if not all(sound):
            lying.entry.drop()
        lying.pages.used(block.nbytes)
        yield block, sound


@dataclass(frozen=True, slots=True)
class _Lying:
    """An entry that is read from: its images, and the rows of these codes that are no failures."""

    entry: Entry
    images: Images
    pages: Pages
    rows: Mapping[str, int]


Answers = Generator[Decoded | Failed | Stored, None, None]


def decoded_as_found(
    root: Path, found: Sequence[Found], cancelled: Callable[[], bool] | None = None, keep: bool = True
) -> Answers:
    """As `decode` of these files of the folder, in their order; what lies in the cache is not decoded again.

    With `keep`, a folder of images of one form is kept in the cache once all of it was given. Where it cannot be, that
    is no failure: its files are decoded each time.
    """
    kept = _kept(root, found) if keep else None
    if kept is None:
        return _decoded(root, found, cancelled)
    return kept.answers(found, cancelled)


def _decoded(root: Path, found: Sequence[Found], cancelled: Callable[[], bool] | None) -> Answers:
    yield from decode([Request(root / item.path, item.kind) for item in found], cancelled=cancelled)


def _kept(root: Path, found: Sequence[Found]) -> _Kept | None:
    """The entry of the files of the commonest form; None where too few have one."""
    forms = Counter((item.kind, item.channels, item.size) for item in found if item.kind != "volume" and item.channels)
    (form, count), *_ = forms.most_common(1) or [(("image", 0, ()), 0)]
    if count < _LEAST or 2 * count < len(found):
        return None
    return _Kept(root, [item for item in found if (item.kind, item.channels, item.size) == form])


class _Kept:
    """Files of one form, whose frames are the samples of a data set, and the entry of the cache that they get."""

    def __init__(self, root: Path, alike: Sequence[Found]) -> None:
        one = alike[0]
        self._root = root
        self._files = {item.path: codes for item, codes in zip(alike, plain_codes(str(root), alike), strict=True)}
        self._codes = [code for codes in self._files.values() for code in codes]
        self._layout = Layout((len(self._codes), one.channels, *one.size), False, "uint8")
        self._folder = default_cache_folder()
        dataset = DataSet(str(root), one.kind, (), "", (), one.channels, one.size, "")
        self._entry = Entry(self._folder, preparation_key(dataset, one.channels, one.size, KEY), self._codes)

    def answers(self, found: Sequence[Found], cancelled: Callable[[], bool] | None) -> Answers:
        """What `decode` gives of the files, from the cache where it lies there."""
        whole = self._entry.read(self._layout, by_row=True)
        if whole is not None:
            rows = {code: row for row, code in enumerate(self._codes) if row not in whole[2]}
            yield from self._given(found, _Lying(self._entry, whole[0], Pages(whole[0].stored), rows), cancelled)
            return
        alike = self._entry.most_alike(self._layout)
        known = None if alike is None else _Lying(self._entry, alike[1], Pages(alike[1].stored), alike[0])
        answers = self._given(found, known, cancelled)
        yield from self._keeping(answers, found) if self._has_room() else answers

    def _has_room(self) -> bool:
        """Whether the entry may be written: it must crowd out neither other entries nor the disk."""
        if self._layout.total_bytes > _SHARE * limit_of(self._folder):
            return False
        with suppress(OSError):
            self._entry.make_room(self._layout)
            return shutil.disk_usage(self._folder).free > self._layout.total_bytes + _SPARE
        return False

    def _given(self, found: Sequence[Found], known: _Lying | None, cancelled: Callable[[], bool] | None) -> Answers:
        """Each file in its rows that are known, or decoded; none is taken whose rows are not all there."""
        stored = [self._stored(item, known) for item in found]
        left = [item for item, there in zip(found, stored, strict=True) if there is None]
        decoded = _decoded(self._root, left, cancelled)
        try:
            for there in stored:
                if cancelled is not None and cancelled():
                    return
                answer = there or next(decoded, None)
                if answer is None:
                    return
                yield answer
        finally:
            decoded.close()

    def _stored(self, item: Found, known: _Lying | None) -> Stored | None:
        codes = self._files.get(item.path)
        if codes is None or known is None:
            return None
        rows = [known.rows[code] for code in codes if code in known.rows]
        return Stored(self._root, item, rows, known) if rows and len(rows) == len(codes) else None

    def _keeping(self, given: Answers, found: Sequence[Found]) -> Iterator[Decoded | Failed]:
        """The answers as they come; the entry is whole before the last is given: nobody may ask for more.

        A disk that fails ends the keeping, and nothing else.
        """
        failed: dict[int, str] = {}
        last: list[Decoded | Failed] = []
        answers = (answer.decoded() if isinstance(answer, Stored) else answer for answer in given)
        place = 0
        try:
            with self._entry.writing(self._layout) as (images, _):
                for number, (item, answer) in enumerate(zip(found, answers, strict=False), start=1):
                    last = [answer]
                    places = range(place, place + len(self._files.get(item.path, ())))
                    place = places.stop
                    sound = self._put(images, item, places, answer, failed)
                    if number == len(found) and sound:
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

    def _put(
        self, images: PackedRows, item: Found, places: range, answer: Decoded | Failed, failed: dict[int, str]
    ) -> bool:
        """Keep the frames of a file, or note as a training does why they cannot be used; gives whether that worked."""
        if isinstance(answer, Failed):
            failed |= dict.fromkeys(places, answer.reason)
            return True
        if places and answer.array.shape != (len(places), *self._layout.images[1:]):
            return False  # its header says otherwise
        for number, (place, frame) in enumerate(zip(places, answer.array, strict=False)):
            if not np.isfinite(frame).all():
                failed[place] = not_a_number(Sample(item.path, number, 1, (), "").key)
                continue
            try:
                images.put(place, frame)
            except OSError:
                return False
        return True


class _NotKept(Exception):
    """The entry cannot be made."""
