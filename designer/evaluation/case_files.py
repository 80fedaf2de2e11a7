"""From the salted hashes of an evaluation to the cases of a folder: the folder is read beside the window, on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from designer.data.cases import CaseBook
from designer.data.lookup import Lookup
from designer.data.survey import Found, Survey
from designer.data.use import held_folder, mended_in, taking_of
from designer.data.viewer import Shown
from designer.evaluation.measured import Measured
from designer.process import End
from designer.project import Project
from runtime.attach import sources_in_use
from runtime.data.catalogue import Sample
from runtime.evaluation.record import DIGITS
from runtime.leading import lead_of
from runtime.plan import FittedSize
from runtime.splits import hashed

Known = Callable[[], Found | None]


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder and how its labels are found."""

    path: Path
    labels: str
    patients: str


class CaseFiles(QObject):
    """Finds the files of the cases of an evaluation. Hashes are compared here: no name goes into the run folder."""

    changed = Signal()  # more cases are found, or why none is
    progress = Signal(str, int, int)

    def __init__(self, project: Project, known: Known | None = None, parent: QObject | None = None) -> None:
        """`known` gives what the Data workspace has read already, so that nothing is read twice."""
        super().__init__(parent)
        self.project = project
        self.book = CaseBook(project, self)
        self.book.names.shown = False
        self.why = ""  # why there are no pictures
        self._known = known or (lambda: None)
        self._survey: Survey | None = None
        self.external: Path | None = None  # the other folder that was measured, where it is known
        self._measured: Measured | None = None
        self._folder: _Folder | None = None
        self._lookup = Lookup(self.book)
        self._places: dict[str, int] = {}
        self._keys: dict[str, int] = {}
        self._cases: dict[str, int] = {}
        self.book.changed.connect(self._on_cases)
        self.book.names_changed.connect(self.changed)
        project.analysed.connect(lambda _analysis: self.book.follow())

    @property
    def reading(self) -> bool:
        """Whether the folder is being read now."""
        return self._survey is not None

    def show(self, measured: Measured | None, external: Path | None) -> None:
        """Another evaluation; its folder is read when `read` is called. `external`: the other folder, where known."""
        self._measured = measured
        self.external = external if measured is not None and measured.record.external else None
        self._folder = self._asked_folder(measured, external)
        found = self.book.found
        if self._folder is None or found is None or found.folder != self._folder.path:
            self._stop()
            self.book.show(None)
        self._index()

    def read(self) -> None:
        """Begin to read the folder, unless that was done."""
        folder = self._folder
        if folder is None or self._survey is not None or self.book.base is not None or self._measured is None:
            return
        known = self._known()
        if known is not None and known.dataset and known.settings and known.folder == folder.path:
            self.book.show(known)
            return
        if not folder.path.is_dir():
            self._fail(self.tr("The folder %s is not there; choose in Data where it lies now.") % folder.path)
            return
        document, lead = self.project.document, self.book.node
        asked = taking_of(document, lead), mended_in(document, lead)
        self._survey = Survey(folder.path, folder.labels, folder.patients, self, *asked, pictures=False)
        self._survey.progress.connect(self.progress)
        self._survey.ended.connect(self._on_end)
        self._survey.start()
        self.changed.emit()

    def stop(self) -> None:
        """End the reading; cases stay without pictures."""
        if self._survey is not None:
            self._stop()
            self._fail(self.tr("Reading the folder was stopped."))

    def close_down(self) -> None:
        """The window is closing."""
        self._stop()

    def place_of(self, case: int) -> int | None:
        """Where a case of the evaluation is among the cases of the folder; None when it is not there (yet)."""
        if self._measured is None:
            return None
        return self._places.get(str(self._measured.cases.case[case]))

    def key_of(self, case: int) -> str | None:
        """By what the commands know a case of the evaluation; None when it is not among those of the folder (yet)."""
        place = self.place_of(case)
        return self.book.samples[place].key if place is not None else None

    def case_of(self, key: str) -> int | None:
        """The case of the evaluation that a case of the folder is; None when it was not measured."""
        if self._measured is None:
            return None
        return self._cases.get(hashed(self._measured.record.salt, key)[:DIGITS])

    def shown(self, case: int) -> Shown | None:
        """The slices among which a case lies, at its own."""
        place = self.place_of(case)
        return self._lookup.of_case(place) if place is not None else None

    def resampling_of(self, case: int) -> tuple[FittedSize, ...]:
        """What brought the image of a case to the spacing asked for, before its source fitted it; () as found."""
        place = self.place_of(case)
        size = self.book.samples[place].resampled if place is not None else ()
        return (FittedSize(size, "stretch"),) if size else ()

    def point_of(self, case: int) -> Sample | None:
        """A case that is a patch round a point of its image; None for others, and while not known."""
        place = self.place_of(case)
        sample = self.book.samples[place] if place is not None else None
        return sample if sample is not None and sample.point is not None else None

    def sides_of(self, case: int) -> tuple[int, ...]:
        """How many pixels, or samples of a signal, a case has along each axis, as found; () while not known."""
        place = self.place_of(case)
        return tuple(self.book.samples[place].size) if place is not None else ()

    def name_of(self, case: int) -> str:
        """A case as it may be named: by number, until names are asked for."""
        place = self.place_of(case)
        return self.tr("Case %s") % (case + 1) if place is None else self.book.name_of(place)

    def name_of_key(self, key: str) -> str:
        """A case of the folder as it may be named, by its key; of another part than the measured one, too."""
        place = self._keys.get(key)
        return self.tr("one of the cases") if place is None else self.book.name_of(place)

    def _asked_folder(self, measured: Measured | None, external: Path | None) -> _Folder | None:
        self.why = ""
        if measured is None:
            return None
        self.book.node = self._lead()
        path, labels, patients = held_folder(self.project.document, self.book.node)
        if measured.record.external:
            self.why = "" if external else self.tr("Choose the other folder again to see its pictures.")
            return _Folder(external, labels, patients) if external else None
        if path is None:
            self.why = self.tr("The project names no folder, so there are no pictures; choose one in Data.")
            return None
        return _Folder(path, labels, patients)

    def _lead(self) -> str:
        """Of several sources the one whose cases are divided, measured and named; "" where none reads a folder."""
        analysis = self.project.analysis
        return lead_of(analysis) if sources_in_use(analysis.graph) else ""

    def _on_end(self, end: End) -> None:
        survey = self._survey
        if survey is None:
            return
        self._survey = None
        survey.deleteLater()
        if survey.found.dataset and survey.found.cases:
            self.book.show(survey.found)
        else:
            self._fail(end.message or self.tr("No case was found in %s.") % survey.found.folder.name)

    def _on_cases(self) -> None:
        self._lookup = Lookup(self.book)
        self._index()

    def _index(self) -> None:
        """Which case of the folder belongs to which hash of the evaluation."""
        self._places = {}
        self._keys = {one.key: at for at, one in enumerate(self.book.samples)}
        listed = self._measured.cases.case if self._measured is not None else ()
        self._cases = {str(code): case for case, code in enumerate(listed)}
        if self._measured is not None:
            salt = self._measured.record.salt
            self._places = {hashed(salt, one.key)[:DIGITS]: at for at, one in enumerate(self.book.samples)}
            if self._places and self._places.keys().isdisjoint(self._cases):
                self.why = self.tr("The project reads another folder than this run did, so there are no pictures.")
        self.changed.emit()

    def _fail(self, why: str) -> None:
        self.why = why
        self.changed.emit()

    def _stop(self) -> None:
        if self._survey is not None:
            self._survey.abandon()
            self._survey.deleteLater()
            self._survey = None
