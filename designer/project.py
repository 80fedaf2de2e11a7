"""The open project: the document, its file, and its analysis kept fresh. Every view gets this one object."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from designer.batch_search import BatchSearch
from designer.known_devices import KnownDevices
from designer.place import Place
from designer.weights.look import WeightsLook
from runtime.analysis import Analysis, analyse
from runtime.changes import Change, Step
from runtime.document import Document
from runtime.files import Loaded, load_graph, save_graph
from runtime.graph import Graph
from runtime.journal_lines import Head
from runtime.sheet_view import sheet_view
from runtime.store import sha256_of


class Project(QObject):
    """Holds what is being worked on. Views edit `document` and listen here; they hold no state of their own."""

    changed = Signal(object)  # every Change, at once
    analysed = Signal(object)  # Analysis, once after each turn of the event loop that brought changes
    settling = Signal()  # the drawing is wanted as it is meant: what is being typed belongs into it now
    saved_state_changed = Signal(bool)  # whether there is anything to save
    saved = Signal()  # the file holds the document as it is
    replaced = Signal()  # another document took the place of the last: start afresh
    place_changed = Signal()  # another sheet is looked at
    seen_changed = Signal(object)  # Analysis of the sheet that is looked at, after `analysed` and `place_changed`

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path: Path | None = None
        self.read_only = False
        self.sha256 = ""  # of the file as it was last loaded or saved, "" when there is none
        self.document = Document()
        self.analysis: Analysis = analyse(self.document.graph())
        self.devices = KnownDevices(self)
        self.batch_search = BatchSearch(self)
        self.weights_look = WeightsLook(self)
        self.place = Place()
        self.seen: Analysis = self.analysis
        self._saved: object = self.document.state
        self._was_dirty = False
        self._unobserve: Callable[[], None] = self.document.observe(self._on_change)
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(0)
        self._due.timeout.connect(self.analyse_now)

    @property
    def name(self) -> str:
        """The project's name: its file name, or "untitled"."""
        return self.path.stem if self.path else self.tr("untitled")

    @property
    def dirty(self) -> bool:
        """Whether there are edits that no file holds."""
        return self.document.state is not self._saved

    def new(self, graph: Graph | None = None) -> None:
        """Begin an unsaved project, empty or from a graph."""
        self._take(graph or Graph(), None)
        if graph is not None and graph.nodes:
            self._saved = object()
            self._tell_dirty()

    def load(self, path: Path) -> tuple[str, ...]:
        """Open a project file; gives notes for the user. Raises ProjectError and leaves all as it was."""
        sha256 = sha256_of(path)  # before it is read: what changes meanwhile is noticed at the next saving
        loaded: Loaded = load_graph(path)
        self._take(loaded.graph, path, sha256, loaded.read_only)
        return loaded.notes

    def recover(self, head: Head, steps: Iterable[Step]) -> None:
        """Open what a journal holds: the project as it was saved last, the steps after that as edits to be saved."""
        self._take(head.graph, head.project, head.sha256)
        if head.project is None:
            self._saved = object()
        for step in steps:
            self.document.repeat(step)
        self.analyse_now()

    def save(self, path: Path) -> None:
        """Write the project; raises ProjectError and loses nothing when that cannot be done."""
        self.sha256 = save_graph(self.document.graph(), path)
        self.path = path
        self.read_only = False
        self.document.seal()
        self._saved = self.document.state
        self.saved.emit()
        self._tell_dirty()

    def changed_on_disk(self) -> bool:
        """Whether the project's file holds something else than was last loaded from it or saved to it."""
        return self.path is not None and self.path.exists() and sha256_of(self.path) != self.sha256

    def go(self, place: Place) -> None:
        """Look at another sheet: the main one, or a block as one of its uses shows it."""
        if place != self.place and place.exists_in(self.document.graph()):
            self.place = place
            self.place_changed.emit()
            self._see()

    def close_down(self) -> None:
        """The window is going away: nothing that was begun for it goes on."""
        self.devices.close_down()
        self.batch_search.close_down()
        self.weights_look.close_down()

    def undo(self) -> None:
        """Take the last step back."""
        self.document.undo()
        self._tell_dirty()

    def redo(self) -> None:
        """Do the last undone step again."""
        self.document.redo()
        self._tell_dirty()

    def analyse_now(self) -> Analysis:
        """The analysis of the document as it is; views are told."""
        self._due.stop()
        self.analysis = analyse(self.document.graph(), self.analysis)
        self._tell_dirty()
        self.analysed.emit(self.analysis)
        place = self.place
        while not place.exists_in(self.document.graph()):
            place = place.around(self.document.graph())
        if place != self.place:
            self.go(place)
        else:
            self._see()
        return self.analysis

    def _see(self) -> None:
        self.seen = sheet_view(self.analysis, self.place.sheet, self.place.path)
        self.seen_changed.emit(self.seen)

    def _take(self, graph: Graph, path: Path | None, sha256: str = "", read_only: bool = False) -> None:
        self._unobserve()
        self.document = Document(graph)
        self._unobserve = self.document.observe(self._on_change)
        self.path = path
        self.sha256 = sha256
        self.read_only = read_only
        self._saved = self.document.state
        self.place = Place()
        self.replaced.emit()
        self.analyse_now()

    def _on_change(self, change: Change) -> None:
        self.changed.emit(change)
        self._due.start()

    def _tell_dirty(self) -> None:
        if self.dirty is not self._was_dirty:
            self._was_dirty = self.dirty
            self.saved_state_changed.emit(self.dirty)
