"""Sentences for a run folder: files of the data set stand under a number, because their names are often patients'."""

from __future__ import annotations

from runtime.data.catalogue import DataSet


class Nameless:
    """Takes the names of a data set's files and folder out of sentences.

    A file becomes “file 17”: its place among all files of the folder in path order, as `netloom scan` lists them.
    """

    def __init__(self, dataset: DataSet) -> None:
        paths = {sample.path for sample in dataset.samples} | {item.path for item in dataset.skipped}
        paths |= set(dataset.label_files)
        paths |= {sample.mask for sample in dataset.samples if sample.mask}
        numbers = {path: number for number, path in enumerate(sorted(paths), start=1)}
        self._folder = dataset.folder
        # The longest first: the name of one file may be part of another's.
        self._numbers = sorted(numbers.items(), key=lambda entry: -len(entry[0]))

    def __call__(self, text: str) -> str:
        """The sentence without names."""
        for path, number in self._numbers:
            if path in text:
                text = text.replace(path, f"file {number}")
        return text.replace(self._folder, "the data folder")
