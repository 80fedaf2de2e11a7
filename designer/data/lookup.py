"""From a series, a stack, a file or a case to the slices that the viewer shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from designer.data.cases import CaseBook
from designer.data.patches import marked_slices, point_mark, slice_of
from designer.data.slices import SliceRef
from designer.data.viewer import Shown
from runtime.data.catalogue import Box, Sample

_Key = TypeVar("_Key")


class Lookup:
    """Files and stacks of a survey by their paths."""

    def __init__(self, book: CaseBook) -> None:
        self._book = book
        found = book.found
        self._root = Path(str(found.settings.get("folder") or found.folder)) if found is not None else Path()
        self._files: dict[str, Mapping[str, Any]] = {str(item["path"]): item for item in found.listed} if found else {}
        self._stacks: dict[tuple[str, int], Sequence[Sequence[Any]]] = {}
        for series in found.series if found is not None else ():
            for stack in series.get("stacks", ()):
                for path, frame, _ in stack["slices"]:
                    self._stacks[path, frame] = stack["slices"]
        self._boxes = {(sample.path, sample.frame): sample.boxes for sample in book.samples if sample.boxes}
        self._deep: dict[tuple[str, int], dict[int, tuple[Box, ...]]] = {}  # of a volume in one file, by slice
        for sample in book.samples:
            self._mark(sample)
        self._masks = {(sample.path, sample.frame): sample.mask for sample in book.samples if sample.mask}

    def _mark(self, sample: Sample) -> None:
        """Keep the mark of a point where its slice will be shown; images of points keep their spacing."""
        if sample.point is None:
            return
        mark = point_mark(sample, sample.point)
        if len(sample.size) == 2:
            self._add(self._boxes, (sample.path, sample.frame), mark)
        else:
            for own in sample.slices:
                self._add(self._boxes, own, mark)
            for place in marked_slices(sample):
                self._add(self._deep.setdefault((sample.path, sample.frame), {}), place, mark)

    @staticmethod
    def _add(marks: dict[_Key, tuple[Box, ...]], key: _Key, mark: Box) -> None:
        marks[key] = (*marks.get(key, ()), mark)

    def file(self, path: str) -> Mapping[str, Any]:
        """What the survey tells of a file; {} when it does not."""
        return self._files.get(path, {})

    def of_case(self, place: int) -> Shown | None:
        """The stack in which a case lies, at its slice."""
        sample = self._book.samples[place]
        path, frame = sample.slices[0] if sample.slices else (sample.path, sample.frame)
        shown, at = self.of_file(path, frame), slice_of(sample)
        if shown is None or at is None:
            return shown
        return replace(shown, begins=at)

    def of_file(self, path: str, frame: int = 0) -> Shown | None:
        """The stack in which a frame of a file lies."""
        item = self._files.get(path)
        if item is None:
            return None
        slices = self._stacks.get((path, frame)) if item["kind"] == "dicom" else None
        return self.of_slices(slices or [[path, number, None] for number in range(item["frames"])], (path, frame))

    def of_slices(self, slices: Iterable[Sequence[Any]], at: tuple[str, int] | None = None) -> Shown | None:
        """These slices (path, frame, place in mm), beginning with one of them, else in the middle."""
        refs = tuple(self._ref(str(path), int(frame), where) for path, frame, where in slices if path in self._files)
        if not refs:
            return None
        places = [(str(path), int(frame)) for path, frame, _ in slices]
        first = places.index(at) if at in places else len(refs) // 2
        data = self._book.base
        whole = refs[0].kind == "volume"
        title = self.title_of(places[first][0])
        drawn = data is not None and (data.label in ("mask", "boxes") or data.points)
        classes, values = (data.classes, data.mask_values) if data is not None and drawn else ((), ())
        return Shown(
            refs[:1] if whole else refs, 0 if whole else first, title, classes, values, whole,
            deep=self._deep.get(places[first], {}) if whole else {}, points=data is not None and data.points,
        )  # fmt: skip

    def title_of(self, path: str) -> tuple[str, ...]:
        """Patient, kind and name of the series, as they may be shown."""
        item, found = self._files[path], self._book.found
        places = self._book.of_files([path])
        patient = self._book.samples[places[0]].patient if places else str(item["patient"])
        traits = found.traits.get(str(item["series"]), {}) if found is not None else {}
        names = self._book.names
        about = [str(item["modality"]), names.told(str(traits.get("series_name", "")))]
        first = names.patient(patient) if patient else names.file(path)
        return first, " · ".join(part for part in about if part)

    def _ref(self, path: str, frame: int, where: float | None) -> SliceRef:
        item = self._files[path]
        mask = self._masks.get((path, frame))
        kind = str(self._files[mask]["kind"]) if mask in self._files and mask is not None else str(item["kind"])
        key = path if frame == 0 else f"{path}#{frame}"
        return SliceRef(
            self._root / path, str(item["kind"]), frame, None, self._root / mask if mask else None, kind, key, where,
            self._boxes.get((path, frame), ()), tuple(map(str, item.get("leads", ()))),
        )  # fmt: skip
