"""What lies in a folder: one walk, every file judged by its content, nothing dropped silently."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from runtime.data.cache import default_cache_folder
from runtime.data.catalogue import Catalogue, DataError, Found, Series, Skipped
from runtime.data.dicomdir import missing_files
from runtime.data.facts import Facts
from runtime.data.faults import Cancelled
from runtime.data.file_stamp import Stamp, stamp_of
from runtime.data.headers import read_headers
from runtime.data.pool import SECONDS, Failed, Request, decode
from runtime.data.scan_index import ScanIndex
from runtime.data.series import series_of
from runtime.data.signal_wfdb import ENDING, IS_SAMPLES
from runtime.data.sniff import refused_by_name
from runtime.data.twins import compare
from runtime.data.walk import walk
from runtime.data.wording import counted, tally

Progress = Callable[[int, int], None]
INDEXED = 500  # files from which on a folder is worth remembering


def scan(
    folder: Path,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    *,
    decoding: bool = False,
    on_decoded: Progress | None = None,
    workers: int | None = None,
    seconds: float = SECONDS,
    remember: bool | None = None,
    only: Collection[str] | None = None,
    grouped: bool = True,
) -> Catalogue:
    """Read the headers of all files below `folder`; each is found, or skipped with its reason.

    `on_progress(done, total)` is called while headers are read. With `decoding`, the pixels of every image are decoded
    too, each file in `seconds` at most, and what cannot be decoded is skipped. Large folders (or any, with `remember`)
    are noted in an index, so that a second scan reads only what is new. `workers`: children to read with. `only` these
    files are looked at (relative to the folder). Not `grouped`: each file for itself, also copies and scouts; there are
    no series then.

    Raises DataError when there is no such folder, Cancelled when `cancelled` answers True.
    """
    root = Path(os.path.realpath(folder))  # as os.path.isdir, it does not fail on what may not be looked at
    if not os.path.isdir(root):
        raise DataError(f"There is no folder {folder}; choose the folder that holds the images.")
    stopped = cancelled or (lambda: False)
    reading = _Reading(root)
    reading.walk(stopped, only)
    reading.judge(on_progress, stopped, workers, remember if only is None else False, grouped)
    if decoding:
        reading.decode(on_decoded, stopped, workers, seconds)
    return reading.catalogue(folder, grouped)


@dataclass
class _Reading:
    """The files of one scan on their way into the catalogue."""

    root: Path
    files: list[str] = field(default_factory=list)
    facts: dict[str, Facts] = field(default_factory=dict)
    skipped: dict[str, Skipped] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def walk(self, stopped: Callable[[], bool], only: Collection[str] | None) -> None:
        """List the files; those that are refused by their names or places are skipped."""
        for entry in walk(self.root):
            _stop_if(stopped)
            if only is not None and (entry.path if isinstance(entry, Skipped) else entry) not in only:
                continue
            if isinstance(entry, Skipped):
                self.skipped[entry.path] = entry
                continue
            name = entry.rpartition("/")[2]
            if name.lower() == "dicomdir":
                self._check_medium(entry)
            reason = refused_by_name(name)
            if reason is None:
                self.files.append(entry)
            else:
                self.skipped[entry] = Skipped(entry, reason)

    def judge(
        self,
        on_progress: Progress | None,
        stopped: Callable[[], bool],
        workers: int | None,
        remember: bool | None,
        grouped: bool = True,
    ) -> None:
        """Read all headers, but for those that the index knows."""
        total = len(self.files) + len(self.skipped)
        done = len(self.skipped)
        index = ScanIndex(default_cache_folder()) if remember or (remember is None and total >= INDEXED) else None
        stamps = _stamps(self.root, self.files) if index else {}
        known = index.known(self.root, stamps, grouped) if index else {}
        new: dict[str, Facts | Skipped] = {}
        done += len(known)
        if on_progress is not None and done:
            on_progress(done, total)
        try:
            unknown = [path for path in self.files if path not in known]
            for path, judged in read_headers(self.root, unknown, stopped, workers):
                new[path] = judged
                done += 1
                if on_progress is not None:
                    on_progress(done, total)
            _stop_if(stopped)
        finally:
            if index is not None:
                gone = index.held - set(self.files)
                if new or gone:
                    index.store(self.root, ((p, stamps[p], fact) for p, fact in new.items() if p in stamps), gone)
        for path in self.files:
            judged = known[path] if path in known else new[path]
            if isinstance(judged, Skipped):
                self.skipped[path] = judged
            else:
                self.facts[path] = judged

    def decode(
        self, on_decoded: Progress | None, stopped: Callable[[], bool], workers: int | None, seconds: float
    ) -> None:
        """Decode every image; what cannot be decoded is skipped."""
        requests = [Request(self.root / path, fact.found.kind) for path, fact in self.facts.items()]
        answers = decode(requests, workers, seconds, stopped)
        for done, (path, answer) in enumerate(zip(list(self.facts), answers, strict=False), start=1):
            if isinstance(answer, Failed):
                del self.facts[path]
                reason = answer.reason.removeprefix(f"{answer.request.path.name} ").rstrip(".")
                self.skipped[path] = Skipped(path, reason)
            if on_decoded is not None:
                on_decoded(done, len(requests))
        _stop_if(stopped)

    def catalogue(self, folder: Path, grouped: bool) -> Catalogue:
        """All that was read, in order of the paths."""
        self._set_signals_aside()
        self._join_samples()
        series = self._grouped() if grouped else ()
        found = tuple(fact.found for path, fact in self.facts.items() if path not in self.skipped)
        skipped = tuple(self.skipped[path] for path in sorted(self.skipped))
        files = len(found) + sum(not item.folder for item in skipped)
        problems = (*self.problems, *_nothing(folder, found, skipped))
        return Catalogue(str(self.root), files, found, skipped, series, problems)

    def _grouped(self) -> tuple[Series, ...]:
        """The series; copies and what is excluded from them are skipped."""
        twins = compare(self.root, self.facts.values())
        self.skipped.update((item.path, item) for item in twins.skipped)
        series = series_of(twins)
        self.skipped.update((item.path, item) for item in _excluded(series))
        return series

    def _set_signals_aside(self) -> None:
        """Signals are cases where a folder holds nothing else; beside images, numbers in a text are notes on these."""
        signals = [path for path, fact in self.facts.items() if fact.found.kind == "signal"]
        if len(signals) < len(self.facts):
            for path in signals:
                self.skipped[path] = Skipped(path, self.facts.pop(path).no_image)

    def _join_samples(self) -> None:
        """The files of samples that are read with the header of their record are part of it, and not left out."""
        for path in [path for path, item in self.skipped.items() if item.reason == IS_SAMPLES]:
            if f"{path.rpartition('.')[0]}{ENDING}" in self.facts:
                del self.skipped[path]

    def _check_medium(self, path: str) -> None:
        missing = missing_files(self.root / path)
        if missing:
            self.problems.append(
                f"The index of the medium ({path}) names {counted(len(missing), 'file')} that "
                f"{'is' if len(missing) == 1 else 'are'} not there, such as {missing[0]}."
            )


def _stop_if(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise Cancelled("The scan was stopped.")


def _stamps(root: Path, paths: Sequence[str]) -> dict[str, Stamp]:
    stamps: dict[str, Stamp] = {}
    start = str(root)
    for path in paths:
        try:
            stamps[path] = stamp_of(f"{start}/{path}")
        except OSError:
            continue
    return stamps


def _excluded(series: Sequence[Series]) -> list[Skipped]:
    """The files all of whose images lie in excluded stacks."""
    stacks = [stack for row in series for stack in row.stacks]
    used = {place.path for stack in stacks if stack.verdict != "excluded" for place in stack.slices}
    return [
        Skipped(path, stack.reason, image=True)
        for stack in stacks
        if stack.verdict == "excluded"
        for path in sorted({place.path for place in stack.slices} - used)
    ]


def _nothing(folder: Path, found: tuple[Found, ...], skipped: tuple[Skipped, ...]) -> tuple[str, ...]:
    """The one problem of a folder without any image."""
    if found:
        return ()
    if not skipped:
        return (f"The folder {folder} is empty; choose the folder that holds the images.",)
    files = sum(not item.folder for item in skipped)
    none = "The only file" if files == 1 else f"None of the {files} files" if files else "Nothing"
    told = f"{none} in {folder} is {'no' if files == 1 else 'an'} image that can be used"
    return (f"{told}: {'; '.join(tally(skipped)[:5])}.",)
