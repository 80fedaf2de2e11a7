"""Fetching studies and series into a folder: what is there is not fetched again, what did not come is retried."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from runtime.pacs.address import Address, Wanted
from runtime.pacs.archive import Archive, open_archive
from runtime.pacs.events import Fetched, Image, Progress, Warned
from runtime.pacs.faults import PacsError
from runtime.pacs.receive import KEEP_FREE, Receiver

_TRIES = 3
_PAUSES_S = (1.0, 4.0)  # before the second and the third try
_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """One series and what the PACS says it holds: no images where it does not list them."""

    study: str
    series: str
    images: tuple[Image, ...]
    count: int | None

    def missing(self, receiver: Receiver) -> tuple[Image, ...]:
        """What is not there yet."""
        return tuple(image for image in self.images if not receiver.has(image.uid))


def fetch(
    address: Address,
    wanted: Sequence[Wanted],
    folder: Path,
    cancelled: threading.Event | None = None,
    keep_free: int = KEEP_FREE,
) -> Iterator[Progress | Warned | Fetched]:
    """Fetch into a folder; the last event is Fetched. Raises PacsError; what has come by then is kept.

    Files are called PATIENT/IMAGE.dcm after the ID and the UID in them; nothing is written outside of the folder, and
    `keep_free` bytes of its disk are left free.
    """
    over = cancelled or threading.Event()
    receiver = Receiver(folder, keep_free)
    with open_archive(address) as archive:
        plans = _plans(archive, wanted, over)
        if not plans and not over.is_set():
            raise PacsError("The PACS holds nothing of what is to be fetched: look for it again.")
        yield from _Work(archive, plans, receiver, over).run()


def _plans(archive: Archive, wanted: Sequence[Wanted], over: threading.Event) -> list[Plan]:
    """The series of all that is wanted, each once."""
    plans: dict[str, Plan] = {}
    for item in wanted:
        for series in archive.series(item.study):
            if over.is_set():
                return []
            if item.series in ("", series.uid) and series.uid not in plans:
                images = tuple({image.uid: image for image in archive.images(item.study, series.uid)}.values())
                plans[series.uid] = Plan(item.study, series.uid, images, len(images) or series.images)
    return [*plans.values()]


class _Work:
    """One fetch: counts, words of progress, tries."""

    def __init__(self, archive: Archive, plans: Sequence[Plan], receiver: Receiver, over: threading.Event) -> None:
        self._archive = archive
        self._plans = plans
        self._receiver = receiver
        self._over = over
        self._began = time.monotonic()
        counts = [plan.count for plan in plans]
        self._total = None if None in counts else sum(count or 0 for count in counts)
        self._present = sum(len(plan.images) - len(plan.missing(receiver)) for plan in plans)
        self._warned = False

    def run(self) -> Iterator[Progress | Warned | Fetched]:
        """All series, one after the other."""
        yield self._progress()
        for plan in self._plans:
            yield from self._series(plan)
            if self._over.is_set():
                break
        missing = sum(len(plan.missing(self._receiver)) for plan in self._plans)
        yield self._progress()
        yield Fetched(
            str(self._receiver.folder),
            self._receiver.new,
            self._present,
            missing,
            self._receiver.bytes,
            self._over.is_set(),
        )

    def _series(self, plan: Plan) -> Iterator[Progress | Warned]:
        """One series, tried again as long as something is missing and trying may help."""
        for attempt in range(_TRIES):
            missing = plan.missing(self._receiver)
            if self._over.is_set() or (plan.images and not missing):
                return
            problem = yield from self._try(plan, missing)
            if self._receiver.problem is not None:
                raise self._receiver.problem
            if problem is None and (not plan.images or not plan.missing(self._receiver)):
                return
            if problem is not None and (not problem.passing or attempt == _TRIES - 1):
                raise problem
            if attempt < _TRIES - 1 and not self._over.is_set():
                yield Warned(f"Not all images of a series came; trying again ({attempt + 2} of {_TRIES}).")
                self._over.wait(_PAUSES_S[attempt])

    def _try(self, plan: Plan, missing: tuple[Image, ...]) -> Generator[Progress | Warned, None, PacsError | None]:
        """Fetch in a thread of its own, and tell how it goes; returns what went wrong, if anything."""
        receiver, whole = self._receiver, len(missing) == len(plan.images)
        receiver.expect([plan.series])
        if not plan.images:
            yield Warned("The PACS does not list the images of a series: whether all of them came cannot be checked.")
        told = receiver.new
        with ThreadPoolExecutor(1) as worker:
            work = worker.submit(
                self._archive.retrieve, plan.study, plan.series, missing, whole, receiver.keep, self._over
            )
            try:
                while not _done(work):
                    if told != receiver.new:
                        told = receiver.new
                        yield self._progress()
                        yield from self._look_at_room()
            except BaseException:  # whoever listens is gone
                self._over.set()
                raise
        yield self._progress()
        error = work.exception()
        if error is not None and not isinstance(error, PacsError):
            raise error
        return None if self._over.is_set() else error

    def _progress(self) -> Progress:
        files = self._present + self._receiver.new
        left = None
        if self._total is not None and self._receiver.new:
            left = (time.monotonic() - self._began) / self._receiver.new * max(0, self._total - files)
        return Progress(files, self._total, self._receiver.bytes, left)

    def _look_at_room(self) -> Iterator[Warned]:
        """Says early when what is to come will hardly fit."""
        if self._warned or self._total is None or self._receiver.new < 20:
            return
        to_come = self._receiver.bytes / self._receiver.new * (self._total - self._present - self._receiver.new)
        room = self._receiver.room()
        if to_come > room:
            self._warned = True
            yield Warned(
                f"About {to_come / 1e9:.1f} GB are still to come, and {room / 1e9:.1f} GB fit on the disk: make room "
                "meanwhile."
            )


def _done(work: Future[None]) -> bool:
    """Whether the work ends within a moment."""
    return bool(wait([work], timeout=_EVERY_S).done)
