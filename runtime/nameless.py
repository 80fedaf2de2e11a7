"""Sentences for a run folder: files of the data set stand under a number, because their names are often patients'."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from runtime.data.catalogue import DataSet
from runtime.data.wording import Naming

_SHORTEST = 4  # signs


class Nameless:
    """Takes the names of a data set's files and folder out of sentences.

    A file becomes “file 17”: its place among all files of the folder in path order, as `netloom scan` lists them. What
    a sentence names besides (`runtime.data.wording.Naming`) is left out.
    `whose` follows, where it is to be said which of several data sets is meant.
    """

    def __init__(self, dataset: DataSet, whose: str = "") -> None:
        self._whose = whose
        paths = {sample.path for sample in dataset.samples} | {item.path for item in dataset.skipped}
        paths |= set(dataset.label_files)
        paths |= {sample.mask for sample in dataset.samples if sample.mask}
        self._rows = dataset.kind == "table"
        numbers = {path: number for number, path in enumerate(sorted(paths), start=1)}
        self._folder = dataset.folder
        # The longest first: the name of one file may be part of another's.
        self._numbers = sorted(numbers.items(), key=lambda entry: -len(entry[0]))

    def __call__(self, text: str) -> str:
        """The sentence without names."""
        if isinstance(text, Naming):
            text = text.nameless
        for path, number in self._numbers:
            if path in text:
                text = self._without(text, path, number)
        return text.replace(self._folder, f"the data folder{self._whose}")


    def _without(self, text: str, path: str, number: int) -> str:
        """Names of rows of a table stand out as words alone; those of a few signs are found in every sentence."""
        if not self._rows or path.startswith(self._folder):
            return text.replace(path, f"file {number}{self._whose}")
        if len(path) < _SHORTEST:
            return text
        return re.sub(rf"(?<!\w){re.escape(path)}(?!\w)", f"row {number}{self._whose}", text)


def nameless_by_source(datasets: Mapping[str, DataSet], names: Mapping[str, str]) -> dict[str, Callable[[str], str]]:
    """For each source what takes the names of its files out of sentences; `names` are those of the sources.

    With several sources it is said whose file is meant.
    """
    several = len(datasets) > 1
    return {
        source: Nameless(dataset, f" of “{names[source]}”" if several else "") for source, dataset in datasets.items()
    }
