"""What an answer rests on: the map of one case beside the map of random weights, and what the two say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QSlider, QStackedWidget, QVBoxLayout, QWidget

from designer.busy import BusyLine
from designer.looking.map_picture import MapPicture
from designer.looking.question import Question
from designer.parts import Empty, button, label, row_of, set_possible
from runtime.looking.heat import strongest_slice
from runtime.looking.method_names import METHODS, TITLES
from runtime.looking.record import Record

_KIND = "map"
_PERCENT = 70


class MapPanel(QWidget):
    """Shows a map as soon as a case is told with `show_case`; method and class can be changed.

    `shown` brings the Record of each map that came, `said` what goes wrong when a picture is saved.
    """

    shown = Signal(object)
    said = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Path | None = None
        self._case = ""
        self._data: Path | None = None
        self.name_of: Callable[[str], str] = str  # how a case is named on the screen, by its key
        self._record: Record | None = None
        self._question = Question(_KIND, parent=self)
        self.method, self.target = QComboBox(), QComboBox()
        self.opacity, self.slice = QSlider(Qt.Orientation.Horizontal), QSlider(Qt.Orientation.Horizontal)
        self.own = MapPicture(self.tr("Map of the trained network"))
        self.random = MapPicture(self.tr("Map of a network with random weights"))
        self.about, self.shows = label(""), label("", "muted")
        self.sanity, self.notes, self.fault = label(""), label("", "small"), label("", "wrong")
        self.which = label("", "small", wrap=False)
        self.save_button = button(self.tr("Save picture …"))
        self.busy = BusyLine(self.tr("Stop making this map"))
        self.empty = Empty(
            self.tr("What does the answer rest on?"),
            self.tr("Choose a case: its map shows which pixels speak for the answer, beside what a network that has "
                    "learned nothing would show."),
        )  # fmt: skip
        self._lay_out()
        self._connect()

    def show_case(
        self, run: Path, case: str, classes: Sequence[str] = (), target: str = "", data: Path | None = None
    ) -> None:
        """Explain a case (its key) of a run, or of another folder; `target` is the class, "" the one
        answered; a class that was chosen before stays for the next case."""
        chosen = str(self.target.currentData() or "")
        self._run, self._case, self._data, self._record = run, case, data, None
        self.target.blockSignals(True)
        self.target.clear()
        self.target.addItem(self.tr("what was answered"), "")
        for name in classes:
            self.target.addItem(name, name)
        self.target.setCurrentIndex(max(0, self.target.findData(target or chosen)))
        self.target.blockSignals(False)
        self.pages.setCurrentIndex(1)
        for picture in (self.own, self.random):
            picture.clear()
        self._ask()

    def close_down(self) -> None:
        """End what is on its way."""
        self._question.forget()

    def _ask(self) -> None:
        if self._run is None:
            return
        words = ["explain", str(self._run), f"--case={self._case}", "--method", self.method.currentData()]
        words += ["--data", str(self._data)] if self._data is not None else []
        target = self.target.currentData()
        self.fault.hide()
        self._question.ask([*words, f"--class={target}"] if target else words)

    def _on_answer(self, record: Record) -> None:
        self._record = record
        facts, found = record.facts, record.arrays["map"]
        self._offer(facts["classes"])
        deep = found.ndim == 3
        self.slice.setVisible(deep)
        self.which.setVisible(deep)
        if deep:
            self.slice.setRange(0, len(found) - 1)
            self.slice.setValue(strongest_slice(found))
        truth = self.tr(", the data say “{0}”").format(facts["truth"]) if facts["truth"] else ""
        case = self.name_of(facts["case"])
        self.about.setText(self.tr("{0}: answered “{1}”{2}.").format(case, facts["predicted"], truth))
        self.shows.setText(str(facts["shows"]))
        self.sanity.setText(str(facts["sanity"]["sentence"]))
        doubtful = facts["sanity"]["verdict"] in ("alike", "partly", "unknown")
        self.sanity.setProperty("role", "warning" if doubtful else "")
        self.sanity.style().polish(self.sanity)
        self.notes.setText(" ".join(facts["notes"]))
        self.notes.setVisible(bool(facts["notes"]))
        self._draw()
        self.shown.emit(record)

    def _offer(self, classes: Sequence[str]) -> None:
        """The classes of the output, where they were not told before."""
        if self.target.count() == 1:
            for name in classes:
                self.target.addItem(name, name)

    def _draw(self) -> None:
        if self._record is None:
            return
        image, found, random = (self._record.arrays[name] for name in ("image", "map", "random"))
        if found.ndim == 3:
            at = self.slice.value()
            self.which.setText(self.tr("slice {0} of {1}").format(at + 1, len(found)))
            image, found, random = image[:, at], found[at], random[at]
        self.own.show_map(image, found)
        self.random.show_map(image, random)

    def _on_change(self) -> None:
        busy = self._question.busy
        if busy:
            self.busy.begin(self.tr("Making the map and those of random weights …"))
        self.busy.setVisible(busy)
        why = self.tr("There is no map yet.") if self._record is None else ""
        set_possible(self.save_button, why, self.tr("Save both maps as a PNG picture."))

    def _fail(self, reason: str) -> None:
        self.fault.setText(reason)
        self.fault.show()

    def _save(self) -> None:
        title = self.tr("Save picture")
        name, _ = QFileDialog.getSaveFileName(self, title, f"{self.method.currentData()}.png", "PNG (*.png)")
        if name and not self.pictures.grab().save(name):
            self.said.emit(self.tr("{0} could not be written; choose another place.").format(name))

    def _connect(self) -> None:
        for method in METHODS:
            self.method.addItem(TITLES[method], method)
        self.method.setAccessibleName(self.tr("Method"))
        self.method.setToolTip(self.tr("How the map is made. Methods differ; trust what several of them show."))
        self.target.setAccessibleName(self.tr("Class"))
        self.target.setToolTip(self.tr("The class whose score is explained."))
        self.opacity.setRange(0, 100)
        self.opacity.setValue(_PERCENT)
        self.opacity.setAccessibleName(self.tr("Strength of the map"))
        self.opacity.setToolTip(self.tr("How strongly the map covers the picture."))
        self.slice.setAccessibleName(self.tr("Slice"))
        self.method.activated.connect(self._ask)
        self.target.activated.connect(self._ask)
        self.opacity.valueChanged.connect(lambda value: self.own.set_opacity(value / 100))
        self.opacity.valueChanged.connect(lambda value: self.random.set_opacity(value / 100))
        self.slice.valueChanged.connect(self._draw)
        self.save_button.clicked.connect(self._save)
        self.busy.cancelled.connect(self._question.forget)
        self._question.answered.connect(self._on_answer)
        self._question.answered.connect(self._on_change)
        self._question.failed.connect(self._fail)
        self._question.changed.connect(self._on_change)
        self._on_change()

    def _lay_out(self) -> None:
        self.pictures = QWidget()
        beside = QHBoxLayout(self.pictures)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(8)
        for title, picture in ((self.tr("Trained"), self.own), (self.tr("Random weights"), self.random)):
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(label(title, "small", wrap=False))
            column.addWidget(picture, 1)
            beside.addLayout(column, 1)
        page = QWidget()
        inside = QVBoxLayout(page)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        self.opacity.setFixedWidth(120)
        strength = label(self.tr("Strength"), "small", wrap=False)
        inside.addLayout(row_of(self.method, self.target, strength, self.opacity))
        inside.addWidget(self.busy)
        inside.addWidget(self.fault)
        inside.addWidget(self.pictures, 1)
        inside.addLayout(row_of(self.which, self.slice, stretch=1))
        for text in (self.about, self.shows, self.sanity, self.notes):
            inside.addWidget(text)
        inside.addLayout(row_of(self.save_button))
        for hidden in (self.fault, self.notes, self.slice, self.which):
            hidden.hide()
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.pages)
