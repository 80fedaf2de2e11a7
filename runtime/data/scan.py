"""What lies in a folder: one walk, every file judged by its content, nothing dropped silently."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from runtime.data.catalogue import Catalogue, DataError, Found, Skipped
from runtime.data.facts import Facts, facts_of
from runtime.data.faults import READ_ERRORS, Cancelled, FileFault, in_words
from runtime.data.series import series_of
from runtime.data.sniff import content_of, refused_by_name
from runtime.data.walk import walk
from runtime.data.wording import tally


def scan(
    folder: Path,
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Catalogue:
    """Read the headers of all files below `folder`; each is found, or skipped with its reason.

    `on_progress(done, total)` is called after each file. Raises DataError when there is no such folder, Cancelled
    when `cancelled` answers True.
    """
    root = Path(os.path.realpath(folder))  # as os.path.isdir, it does not fail on what may not be looked at
    if not os.path.isdir(root):
        raise DataError(f"There is no folder {folder}; choose the folder that holds the images.")
    entries = _entries(root, cancelled)
    facts: list[Facts] = []
    skipped: list[Skipped] = []
    for index, entry in enumerate(entries):
        _stop_if(cancelled)
        judged = entry if isinstance(entry, Skipped) else _judge(root, entry)
        if isinstance(judged, Skipped):
            skipped.append(judged)
        else:
            facts.append(judged)
        if on_progress is not None:
            on_progress(index + 1, len(entries))
    found = tuple(fact.found for fact in facts)
    files = len(entries) - sum(item.folder for item in skipped)
    problems = _problems(folder, found, tuple(skipped))
    return Catalogue(str(root), files, found, tuple(skipped), series_of(facts), problems)


def _entries(root: Path, cancelled: Callable[[], bool] | None) -> list[str | Skipped]:
    entries = []
    for entry in walk(root):
        _stop_if(cancelled)
        entries.append(entry)
    return entries


def _stop_if(cancelled: Callable[[], bool] | None) -> None:
    if cancelled is not None and cancelled():
        raise Cancelled("The scan was stopped.")


def _judge(root: Path, path: str) -> Facts | Skipped:
    reason = refused_by_name(path.rpartition("/")[2])
    if reason is not None:
        return Skipped(path, reason)
    try:
        return facts_of(root, path, content_of(root / path))
    except FileFault as fault:
        return Skipped(path, str(fault))
    except READ_ERRORS as error:
        return Skipped(path, in_words(error))


def _problems(folder: Path, found: tuple[Found, ...], skipped: tuple[Skipped, ...]) -> tuple[str, ...]:
    if found:
        return ()
    if not skipped:
        return (f"The folder {folder} is empty; choose the folder that holds the images.",)
    files = sum(not item.folder for item in skipped)
    none = "The only file" if files == 1 else f"None of the {files} files" if files else "Nothing"
    told = f"{none} in {folder} is {'no' if files == 1 else 'an'} image that can be used"
    return (f"{told}: {'; '.join(tally(skipped)[:5])}.",)
