"""What is evaluated: the run's output that is judged, the cases of a part or of another folder, their pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from runtime.analysis import Analysis, Meaning, analyse
from runtime.attach import labelling_sources, learns_labels, sources_in_use
from runtime.data.cache import CachedImages
from runtime.data.catalogue import PARTS, DataError, DataSet, Part
from runtime.data.matched import Matched, matched
from runtime.data.wording import counted, tally
from runtime.errors import InputError, RunError
from runtime.evaluation.judged import judged_output
from runtime.evaluation.rebuilt import poorer_before, wanted_at
from runtime.events import Event
from runtime.leading import drawn_apart, lead_of
from runtime.material import Material, labels_of, prepared, read_cases
from runtime.nameless import nameless_by_source
from runtime.other_folder import other_dataset
from runtime.part_counts import with_counts
from runtime.plan import Place
from runtime.runs import Run
from runtime.splits import SavedSplit, load_split

_Compared = tuple[Meaning, Place | None, Place | None]


class Subject:
    """The cases of a part of a run's data, or of another folder. Raises RunError, as InputError when the data cannot be
    judged; `warnings` grows with what speaks against the result."""

    def __init__(
        self, run: Run, part: Part | None, data: Path | Mapping[str, Path] | None, on_event: Callable[[Event], None]
    ) -> None:
        self.run = run
        self.data = data
        self.on_event = on_event
        self._wanted: Part | None = part if data is not None else part or "test"
        self.part: str = part or ("test" if data is None else "all")
        self.split: SavedSplit = load_split(run.folder)
        plain = analyse(run.job.graph)
        self.source = lead_of(plain)
        self.analysis: Analysis = with_counts(plain, self.split.counts)
        self.takes_labels = learns_labels(plain.graph)
        self.meaning, self.place, self.wanted = self._output()
        self.poorer = None if self.wanted is None or self.place is None else poorer_before(self.analysis, self.place)
        self.warnings: list[str] = []
        self.unknown: tuple[str, ...] = ()
        cases = self._cases()
        self.found = cases.found[cases.lead]
        self.dataset = cases.cases
        self.material = self._material(cases)
        self.chosen = self._chosen(self.dataset, self.material)

    @property
    def groups(self) -> list[str]:
        """The patient of each case, or the case itself."""
        return [self.dataset.samples[index].group for index in self.chosen]

    @property
    def unknown_patients(self) -> int:
        """Of how many cases the patient is not known."""
        return sum(not self.dataset.samples[index].patient for index in self.chosen)

    def _output(self) -> _Compared:
        """The output that is judged, and where its tensor arises: the first one whose scores a loss compares with
        labels, or else with an image, which arises at the third place.

        None for a network that learns without either: only its own losses and metrics can be measured.
        """
        found = judged_output(self.analysis)
        if found is not None:
            return *found, None
        if self.takes_labels:
            raise RunError(
                "No output of this project is compared with labels, so it cannot be evaluated; draw the wire to Output "
                "from where the loss takes its prediction."
            )
        for node_id, meaning in self.analysis.meanings.items():
            wire = self.analysis.graph.wires_into(node_id)[0]
            place = wire.source, wire.output
            if meaning.task == "image" and self._is_image(place):
                return meaning, place, wanted_at(self.analysis, place)
        return Meaning(), None, None

    def _is_image(self, place: Place) -> bool:
        value = self.analysis.facts[place[0]].outputs[place[1]].value
        return isinstance(value, tuple) and len(value) > 1

    def _cases(self) -> Matched:
        if self.data is None:
            return self._own_data()
        nodes, sources = self.analysis.graph.nodes, sources_in_use(self.analysis.graph)
        names = {source: nodes[source].name for source in sources}
        places = dict.fromkeys(sources, self.data) if isinstance(self.data, Path) else self.data
        unnamed = [name for source, name in names.items() if source not in places]
        if unnamed or len(set(places.values())) < len(sources):
            learned = f"This run learned from several folders ({', '.join(names.values())}), and not each was named"
            raise InputError([f"{learned}: give one for each (--data NAME=FOLDER), or measure a part of its own data."])
        order = [self.source, *(source for source in sources if source != self.source)]
        try:
            datasets = {source: self._dataset(source, places[source]) for source in order}
            return matched(datasets, names, drawn_apart(self.analysis))
        except DataError as error:
            raise InputError([str(error)]) from error

    def _dataset(self, source: str, data: Path) -> DataSet:
        dataset = other_dataset(self.analysis, source, data)
        if source in labelling_sources(self.analysis.graph) or source == self.source:
            self._check_labels(source, dataset, data)
        if source != self.source:
            return dataset
        own = self.meaning.classes if self.takes_labels else dataset.classes
        self.unknown = tuple(name for name in dataset.classes if name not in own)
        if dataset.label == "number":
            self._check_numbers(dataset, data)
        elif self.unknown:
            names = ", ".join(self.unknown)
            self.warnings.append(f"The run does not know {names}; cases of these classes are left out.")
        return dataset

    def _check_numbers(self, dataset: DataSet, data: Path) -> None:
        """Raise InputError when a folder has not the several numbers that the run learned."""
        wanted = set(self.meaning.classes)
        if self.takes_labels and not wanted <= set(dataset.classes):
            found = f"has {', '.join(dataset.classes)}" if dataset.classes else "has one number for each case"
            raise InputError([
                f"{data} {found}, but the run learned {', '.join(self.meaning.classes)}; choose a folder with a table "
                "that has these columns."
            ])  # fmt: skip

    def _check_labels(self, source: str, dataset: DataSet, data: Path) -> None:
        """Raise InputError when a folder has not the labels that the run learned from its source."""
        label = getattr(self.analysis.facts[source].type, "label", "")
        if self.takes_labels and dataset.label != label:
            told = f"a {dataset.label} for each case" if dataset.label else "no labels that could be used"
            raise InputError(
                [
                    f"{data} has {told}, but the run learned from a {label or 'folder without labels'}; choose a "
                    "folder with labels of that kind, laid out and named as the run's own.",
                    *dataset.warnings,
                ]
            )

    def _own_data(self) -> Matched:
        self.warnings.extend(self.run.job.notes)
        cases = read_cases(self.analysis)
        dataset = cases.cases
        if dataset.fingerprint != self.split.fingerprint:
            changed = "Files or labels of the data changed since the run began; those that are there now are measured"
            gone = sum(len(self.split.parts[part]) - len(self.split.indexes(dataset, part)) for part in PARTS)
            missing = f", without {counted(gone, 'case')} no longer there" if gone else ""
            self.warnings.append(f"{changed}{missing}.")
        return cases

    def _material(self, cases: Matched) -> Material:
        found: Material | None = None
        nodes = self.analysis.graph.nodes
        names = nameless_by_source(cases.found, {source: nodes[source].name for source in cases.found})
        try:
            for item in prepared(self.analysis, cases, names=names):
                if isinstance(item, Material):
                    found = item
                else:
                    self.on_event(item)
        except DataError as error:
            raise RunError(str(error)) from error
        if found is None:
            raise RunError("The images were not decoded.", self.source)
        for one in found.all():
            if one.cached.failed:
                count, reasons = counted(len(one.cached.failed), "case"), "; ".join(tally(one.cached.failed))
                self.warnings.append(names[one.source](f"{count} could not be read: {reasons}."))
        if self.data is None:
            found = found.in_parts(self.split.found(cases))
        own = self.meaning.classes if self.takes_labels else found.dataset.classes
        cached = self._in_own_classes(found.dataset, found.cached)
        return replace(found, cached=cached, labels=labels_of(found.dataset, own))

    def _in_own_classes(self, dataset: DataSet, cached: CachedImages) -> CachedImages:
        """Masks of another folder in the class order of the run."""
        if cached.masks is None or not self.takes_labels or dataset.classes == self.meaning.classes:
            return cached
        places = {name: place for place, name in enumerate(self.meaning.classes)}
        order = np.array([places.get(name, -1) for name in dataset.classes], np.int16)
        masks = order[cached.masks]
        usable = tuple(index for index in cached.usable if masks[index].min() >= 0)
        return replace(cached, masks=masks, usable=usable)

    def _chosen(self, dataset: DataSet, material: Material) -> tuple[int, ...]:
        usable = material.usable
        if self.data is None and self._wanted is not None:
            indexes = self.split.indexes(dataset, self._wanted)
        else:
            samples = enumerate(dataset.samples)
            indexes = tuple(index for index, sample in samples if self._wanted in (None, sample.part))
        known = {None, *(self.meaning.classes if self.takes_labels else dataset.classes)}
        chosen = tuple(index for index in indexes if index in usable and dataset.samples[index].label in known)
        if not chosen:
            places = self.data.values() if isinstance(self.data, Mapping) else [self.data]
            where = f"the {self.part} part" if self._wanted else " and ".join(map(str, places))
            raise InputError([f"There is no case in {where} that could be evaluated; choose another part or folder."])
        return chosen
