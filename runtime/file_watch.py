"""The files of a data set while it is learned from: whether one changed or vanished since the training began."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from runtime.changed_files import note_names
from runtime.data.catalogue import DataSet, Sample
from runtime.data.mask_names import file_of
from runtime.errors import DataChanged

Stamp = tuple[int, int]  # bytes, time of last change in ns: what a resumed run compares too
_RATIO = 200  # a look is taken when the last one lies this many times its own duration back
_NAMED = 5


class FileWatch:
    """Remembers size and time of every file that the cases of a data set are made of. Paths are relative to it.

    Pixels are read from the cache during training, so a change does no harm to the numbers; but it means that the
    run can no longer be repeated or resumed, and that somebody is at work on the data.
    """

    def __init__(self, dataset: DataSet, nameless: Callable[[str], str]) -> None:
        self._folder = Path(dataset.folder)
        self._nameless = nameless
        self._owners = _files_of(dataset)
        self._stamps = {path: _stamp(self._folder / path) for path in self._owners}
        self._took = 0.0
        self._last = time.monotonic()

    def check(self, run_folder: Path, epoch: int, *, now: bool = False) -> None:
        """Raise DataChanged when a file is not what it was; `now`: even if the last look was taken a moment ago.

        The sentence has numbers for names; who is allowed to know the names asks `changed_files.changed_names`.
        """
        if not now and time.monotonic() - self._last < _RATIO * self._took:
            return
        began = time.monotonic()
        changed = [path for path, stamp in self._stamps.items() if _stamp(self._folder / path) != stamp]
        self._last = time.monotonic()
        self._took = self._last - began
        if changed:
            note_names(run_folder, changed)
            raise DataChanged(self._sentence(changed, epoch))

    def _sentence(self, changed: list[str], epoch: int) -> str:
        numbers = list(dict.fromkeys(self._nameless(self._owners[path]) for path in changed))
        named = ", ".join(numbers[:_NAMED]) + (f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else "")
        gone = all(_stamp(self._folder / path) is None for path in changed)
        happened = "vanished" if gone else "changed"
        return (
            f"Files of the data {happened} while they were learned from: {named}, counted in the order of their paths "
            f"when the training began. It stopped after epoch {epoch}, which is kept. Bring the files back as they "
            "were and resume, or train a new run."
        )


def _files_of(dataset: DataSet) -> dict[str, str]:
    """Each file that the cases are made of, and the file under whose number it is told."""
    folder = Path(dataset.folder)
    owners = {path: path for path in dataset.label_files}
    for sample in dataset.samples:
        for path in _parts(sample):
            owners.setdefault(file_of(path, folder), sample.path)
    return {path: owner for path, owner in owners.items() if (folder / path).is_file()}


def _parts(sample: Sample) -> tuple[str, ...]:
    slices = tuple(path for path, _ in (*sample.slices, *sample.masks))
    return (sample.path, *((sample.mask,) if sample.mask else ()), *slices)


def _stamp(path: Path) -> Stamp | None:
    """None for a file that is gone, or cannot be looked at."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns
