"""The cases of the folder that is shown, with what was mended by hand; which are chosen; who is named."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from PySide6.QtCore import QObject, Signal

from designer.data.known import dataset_of, learned_labels
from designer.data.names import Names
from designer.data.survey import Found
from designer.data.use import entry_of
from designer.project import Project
from runtime.data.catalogue import DataError, DataSet, Sample
from runtime.data.corrections import Corrections, corrected, corrections_in
from runtime.data.several_numbers import spoken


class CaseBook(QObject):
    """What the table, the tree, the charts and the viewer share. Corrections live in the project's source node."""

    changed = Signal()  # other cases, or other labels of the same
    chosen_changed = Signal()
    names_changed = Signal()

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.names = Names()
        self.node = ""  # the source that they are cases of; "" for the first
        self.found: Found | None = None
        self.base: DataSet | None = None  # as the folder says
        self.corrections = Corrections()
        self.chosen: tuple[int, ...] = ()  # places in `base.samples`
        self.masks: frozenset[str] = frozenset()  # the files that hold masks of cases
        self._by_path: dict[str, list[int]] = {}
        self._known: tuple[int, ...] = ()

    # What there is

    @property
    def samples(self) -> Sequence[Sample]:
        """All cases as the folder says, those left out by hand too."""
        return self.base.samples if self.base is not None else ()

    @property
    def columns(self) -> Sequence[str]:
        """Of a table of numbers: the columns that are taken."""
        return self.base.columns if self.base is not None else ()

    @property
    def is_labelled(self) -> bool:
        """Whether there is something to be learned of the cases."""
        return self.base is not None and bool(self.base.label)

    def now(self) -> DataSet | None:
        """The data set with what was mended. Raises DataError when nothing is left of it."""
        return corrected(self.base, self.corrections) if self.base is not None else None

    def label_of(self, place: int) -> str | float | None:
        """What is to be learned of a case: its class, its number or its labels, by hand or as found."""
        sample = self.samples[place]
        by_hand = self.corrections.label_of(sample.key) if self.corrections.labels else None
        if by_hand is not None:
            return by_hand
        if sample.labels is not None:
            return "; ".join(sample.labels)
        if sample.numbers:
            return spoken(sample.numbers)
        return sample.label if sample.label is not None else sample.number

    def is_left_out(self, place: int) -> bool:
        """Whether a case is left out by hand."""
        held = self.corrections
        return bool(held.left_out) and held.is_left_out(self.samples[place].key)

    def is_mended(self, place: int) -> bool:
        """Whether its label was given by hand."""
        held = self.corrections
        return bool(held.labels) and held.label_of(self.samples[place].key) is not None

    def of_files(self, paths: Iterable[str]) -> list[int]:
        """The cases in these files."""
        return [place for path in paths for place in self._by_path.get(path, ())]

    def of_keys(self, keys: Collection[str]) -> list[int]:
        """The cases with these keys."""
        wanted = set(keys)
        return [place for place, sample in enumerate(self.samples) if sample.key in wanted]

    def name_of(self, place: int) -> str:
        """A case as it may be named on the screen."""
        sample = self.samples[place]
        if self.columns and not self.names.shown:
            return self.tr("Row %s") % (place + 1)
        return self.names.file(sample.path) + (f" #{sample.frame + 1}" if sample.frame else "")

    # What is done

    def show(self, found: Found | None) -> None:
        """Other data, or more of the same."""
        if found is None or self.found is not found:
            self.names.forget()
            self.chosen, self._known = (), ()
        self.found = found
        self._learn(found)
        self.corrections = self._held()
        self.changed.emit()

    def _learn(self, found: Found | None) -> None:
        """Cases and names, unless nothing of them is new."""
        count = (len(found.cases), len(found.listed), len(found.skipped)) if found is not None else (0, 0, 0)
        known = (id(found), id(found.dataset) if found is not None else 0, *count)
        if known == self._known:
            return
        self._known = known
        cases = found.cases if found is not None and found.dataset else []
        self.base = dataset_of(found) if found is not None and cases else None
        if found is not None:
            paths = {str(item["path"]) for item in found.listed}
            rows = {sample.path for sample in self.samples} if self.columns else set()
            others = ({path for path, _ in found.skipped} | rows) - paths
            self.names.signals = (found.dataset or {}).get("kind") == "signal"
            self.names.learn((str(item["patient"]) for item in (*found.listed, *cases)), paths, others)
        self._by_path = {}
        for place, sample in enumerate(self.samples):
            self._by_path.setdefault(sample.path, []).append(place)
        self.masks = frozenset(sample.mask.partition("#")[0] for sample in self.samples if sample.mask)

    def choose(self, places: Iterable[int]) -> None:
        """Other cases are chosen."""
        chosen = tuple(place for place in dict.fromkeys(places) if place < len(self.samples))
        if chosen != self.chosen:
            self.chosen = chosen
            self.chosen_changed.emit()

    def show_names(self, shown: bool) -> None:
        """Name patients and files, or number them."""
        if shown != self.names.shown:
            self.names.shown = shown
            self.names_changed.emit()

    def follow(self) -> None:
        """After an edit or its undoing: what the source node holds is what counts."""
        held = self._held()
        if held != self.corrections:
            self.corrections = held
            self.changed.emit()

    def source(self) -> str:
        """The node that holds this folder, "" when none does."""
        source = entry_of(self.project.document, self.node)
        if not source or self.base is None:
            return ""
        return source if self.project.document.nodes[source].settings.get("folder") == self.base.folder else ""

    # Mending

    def why_not(self) -> str:
        """Why nothing can be mended by hand now, "" when it can."""
        if self.base is None:
            return self.tr("There are no cases yet.")
        if not self.source():
            return self.tr("Press “Use this data” first: what is mended by hand is kept in the project.")
        return ""

    def set_label(self, places: Sequence[int], label: str) -> str:
        """Give cases another label, as one step of undo; why it cannot be done, or ""."""
        keys = [self.samples[place].key for place in places]
        text = self.tr("Label %s as %s") % (_cases(len(keys)), label)
        return self._mend(text, self.corrections.with_label(keys, label))

    def reset_label(self, places: Sequence[int]) -> str:
        """The labels that the data give."""
        keys = [self.samples[place].key for place in places]
        return self._mend(self.tr("Labels of %s as found") % _cases(len(keys)), self.corrections.without_label(keys))

    def leave_out(self, places: Sequence[int], out: bool = True) -> str:
        """Leave cases out of the data set, or take them back, as one step of undo."""
        keys = [self.samples[place].key for place in places]
        after = self.corrections.leaving_out(keys) if out else self.corrections.taking_back(keys)
        text = self.tr("Leave out %s") if out else self.tr("Take back %s")
        return self._mend(text % _cases(len(keys)), after)

    def _mend(self, text: str, after: Corrections) -> str:
        why, source, base = self.why_not(), self.source(), self.base
        if why or base is None:
            return why
        try:
            settings = learned_labels(corrected(base, after))
        except DataError as error:
            return self.names.hidden_in(str(error))
        document = self.project.document
        with document.edit(text):
            document.change(source, corrections=[*after.as_setting()], **settings)
        self.follow()
        return ""

    def _held(self) -> Corrections:
        source = self.source()
        held = self.project.document.nodes[source].settings.get("corrections") if source else None
        return corrections_in(held)


def _cases(count: int) -> str:
    return "1 case" if count == 1 else f"{count} cases"
