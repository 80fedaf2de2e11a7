"""The gallery of cases, worst first: filtered by class, answer, correctness and group; its table can be saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from designer.busy import BusyLine
from designer.data.windowing import CT_WINDOWS
from designer.evaluation.case_choice import CaseChoice, Wanted
from designer.evaluation.case_files import CaseFiles
from designer.evaluation.case_grid import CaseGrid
from designer.evaluation.case_pictures import CasePictures
from designer.evaluation.case_table import cases_as_csv
from designer.gallery.flow import Flow
from designer.parts import Empty, button, counted, label, row_of, set_possible, whole
from runtime.looking.method_names import METHODS, TITLES

_MOST_FAULTS = 2


class GalleryPage(QWidget):
    """Shows the cases that are wanted; the filters want others."""

    said = Signal(str, str)
    opened = Signal(int)

    def __init__(
        self, choice: CaseChoice, files: CaseFiles, pictures: CasePictures, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._choice, self._files, self._pictures = choice, files, pictures
        self.truth, self.predicted = _combo(self.tr("True class")), _combo(self.tr("Predicted class"))
        self.kind, self.order = _combo(self.tr("Right or wrong")), _combo(self.tr("Order"))
        self.column, self.value = _combo(self.tr("Column of groups")), _combo(self.tr("Group"))
        self.window_ = _combo(self.tr("Window of all pictures"))
        self.map_ = _combo(self.tr("Map over the pictures"))
        self.map_note = label("", "small")
        self.map_note.hide()
        self.all_button = button(self.tr("Show all"), self.tr("Take back all filters"))
        self.save_button = button(self.tr("Save table …"))
        self.names_box = QCheckBox(self.tr("Show names"))
        self.names_box.setToolTip(self.tr("Show the names of patients and files"))
        self.count = label("", "small", wrap=False)
        self.note = label("", "warning")
        self.busy = BusyLine(self.tr("Stop reading the folder; cases stay without pictures"))
        self.grid = CaseGrid(choice, pictures, self.tr("Cases, worst first"))
        self.empty = Empty(self.tr("No case is like that"), self.tr("Take back a filter to see others."))
        self._fill_fixed()
        self._lay_out()
        self._connect()

    def _fill_fixed(self) -> None:
        kinds = {"all": self.tr("right and wrong"), "wrong": self.tr("wrong"), "right": self.tr("right"),
                 "flipped": self.tr("flipped by the threshold"), "lassoed": self.tr("within the lasso")}  # fmt: skip
        orders = {"worst": self.tr("worst first"), "unsure": self.tr("least sure first"), "best": self.tr("best first")}
        for combo, entries in ((self.kind, kinds), (self.order, orders)):
            for name, text in entries.items():
                combo.addItem(text, name)
        self.window_.addItem(self.tr("window: automatic"), "")
        self.window_.addItem(self.tr("window: full range"), "full")
        for name in CT_WINDOWS:
            self.window_.addItem(self.tr("window: %s") % name.lower(), name)
        self.map_.addItem(self.tr("map: none"), "")
        for method in METHODS:
            self.map_.addItem(self.tr("map: %s") % TITLES[method], method)
        self.map_.setToolTip(self.tr(
            "Lay over each picture which pixels speak for the answer (red) or against it (blue). A map is made when "
            "its picture is seen, and kept with the run."
        ))  # fmt: skip
        self.window_.setToolTip(self.tr("Which values are spread over the greys; those of CT count for images in HU."))

    def _lay_out(self) -> None:
        filters = QWidget()
        flow = Flow(8)
        filters.setLayout(flow)
        for widget in (self.truth, self.predicted, self.kind, self.column, self.value, self.order, self.window_,
                       self.map_, self.all_button):  # fmt: skip
            flow.addWidget(widget)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.grid)
        self.pages.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(filters)
        column.addLayout(row_of(self.count, self.names_box, self.save_button, stretch=0))
        column.addWidget(self.busy)
        column.addWidget(self.note)
        column.addWidget(self.map_note)
        column.addWidget(self.pages, 1)

    def _connect(self) -> None:
        for combo in (self.truth, self.predicted, self.kind, self.order, self.value):
            combo.activated.connect(self._want)
        self.column.activated.connect(self._on_column)
        self.window_.activated.connect(self._on_window)
        self.map_.activated.connect(self._on_map)
        self._pictures.maps.came.connect(lambda _case: self._say_maps())
        self.all_button.clicked.connect(self._choice.without_filter)
        self.save_button.clicked.connect(self._ask_and_save)
        self.names_box.toggled.connect(self._files.book.show_names)
        self.grid.opened.connect(self.opened)
        self.busy.cancelled.connect(self._files.stop)
        self._files.changed.connect(self._on_files)
        self._files.progress.connect(self.busy.tell)
        self._choice.changed.connect(self.refresh)

    def refresh(self) -> None:
        """Everything anew: filters, cases, what can be done."""
        self._refresh_filters()
        places = self._choice.places().tolist()
        measured = self._choice.measured
        total = len(measured.cases) if measured is not None else 0
        self.grid.show_cases(places)
        self.pages.setCurrentIndex(0 if places else 1)
        self.count.setText(self.tr("%s of %s") % (whole(len(places)), counted(total, "case")))
        set_possible(self.save_button, "" if places else self.tr("No case is shown."),
                     self.tr("Save the cases that are shown as CSV, in this order"))  # fmt: skip
        filtered = self._choice.wanted != Wanted(order=self._choice.wanted.order)
        set_possible(self.all_button, "" if filtered else self.tr("All cases are shown."),
                     self.tr("Take back all filters"))  # fmt: skip

    def save(self, path: Path) -> None:
        """Write the table of the cases that are shown."""
        measured = self._choice.measured
        if measured is None:
            return
        places = self._choice.places().tolist()
        text = cases_as_csv(measured, places, self._files.name_of)
        try:
            path.write_text(text, encoding="utf-8-sig", newline="")
        except OSError as error:
            self.said.emit(self.tr("%s could not be written: %s.") % (path.name, error.strerror), "error")
            return
        hidden = "" if self._files.book.names.shown else self.tr(" Names are numbers in it, as on the screen.")
        self.said.emit(self.tr("The table of %s is in %s.%s") % (counted(len(places), "case"), path, hidden), "good")

    def _refresh_filters(self) -> None:
        measured, wanted = self._choice.measured, self._choice.wanted
        classes = measured.record.classes if measured is not None and measured.has_classes else ()
        for combo, text, place in ((self.truth, self.tr("true: any"), wanted.truth),
                                   (self.predicted, self.tr("predicted: any"), wanted.predicted)):  # fmt: skip
            named = [(text, -1), *((f"{text.split(':')[0]}: {name}", at) for at, name in enumerate(classes))]
            _fill(combo, named, place)
            combo.setVisible(bool(classes))
        self.kind.setVisible(bool(classes))
        self.kind.setCurrentIndex(self.kind.findData(wanted.kind))
        self.order.setCurrentIndex(self.order.findData(wanted.order))
        columns = list(measured.cases.columns) if measured is not None else []
        _fill(self.column, [(self.tr("any group"), ""), *((name, name) for name in columns)], wanted.column)
        values = sorted({str(value) for value in measured.cases.columns[wanted.column]}) if (
            measured is not None and wanted.column in columns) else []  # fmt: skip
        _fill(self.value, [(value or self.tr("not known"), value) for value in values], wanted.value)
        self.map_.setVisible(measured is not None and measured.record.task != "detection")  # boxes have no map
        self.column.setVisible(bool(columns))
        self.value.setVisible(bool(values))

    def _want(self, _row: int) -> None:
        self._choice.want(Wanted(
            int(self.truth.currentData()), int(self.predicted.currentData()), self.kind.currentData(),
            str(self.column.currentData() or ""), str(self.value.currentData() or ""), self.order.currentData(),
        ))  # fmt: skip

    def _on_column(self, _row: int) -> None:
        column, measured = str(self.column.currentData() or ""), self._choice.measured
        value = ""
        if column and measured is not None:
            value = min(str(one) for one in measured.cases.columns[column])
        self._choice.want(replace(self._choice.wanted, column=column, value=value))

    def _on_window(self, _row: int) -> None:
        self._pictures.use_window(str(self.window_.currentData()))
        self.grid.viewport().update()

    def _on_map(self, _row: int) -> None:
        self._pictures.use_map(str(self.map_.currentData()))
        self._say_maps()
        self.grid.ask_again()

    def _say_maps(self) -> None:
        """How far the maps can be trusted, and why there are none."""
        maps = self._pictures.maps
        made, doubtful = maps.counts
        told = [*maps.faults[:_MOST_FAULTS]]
        if made:
            few = self.tr("%s of %s depend on what was learned (compared with random weights).")
            told.insert(0, few % (made - doubtful, counted(made, "map")))
        self.map_note.setText(" ".join(told) if maps.method else "")
        self.map_note.setProperty("role", "warning" if doubtful * 2 > made or maps.faults else "small")
        self.map_note.style().polish(self.map_note)
        self.map_note.setVisible(bool(maps.method) and bool(told))

    def _on_files(self) -> None:
        if self._files.reading and not self.busy.isVisibleTo(self):
            self.busy.begin(self.tr("Reading the folder …"))
        self.busy.setVisible(self._files.reading)
        self.note.setText(self._files.why)
        self.note.setVisible(bool(self._files.why))
        self.grid.ask_again()

    def _ask_and_save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the table"), "cases.csv", self.tr("Tables (*.csv)"))
        if name:
            self.save(Path(name))


def _combo(name: str) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return made


def _fill(combo: QComboBox, entries: Sequence[tuple[str, object]], wanted: object) -> None:
    if [combo.itemText(row) for row in range(combo.count())] != [text for text, _ in entries]:
        combo.clear()
        for text, held in entries:
            combo.addItem(text, held)
    combo.setCurrentIndex(max(0, combo.findData(wanted)) if entries else -1)
