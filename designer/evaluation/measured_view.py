"""What an evaluation found, page by page: numbers, threshold, calibration, cases, masks, boxes, agreement, groups."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from designer.data.pixel_server import PixelServer
from designer.evaluation.boxes_page import BoxesPage
from designer.evaluation.calibration_page import CalibrationPage
from designer.evaluation.case_choice import CaseChoice
from designer.evaluation.case_files import CaseFiles, Known
from designer.evaluation.case_maps import CaseMaps
from designer.evaluation.case_page import CasePage
from designer.evaluation.case_pictures import CasePictures
from designer.evaluation.contours import Contours
from designer.evaluation.gallery_page import GalleryPage
from designer.evaluation.groups_page import GroupsPage
from designer.evaluation.measured import WITH_CLASSES, Measured, Reading
from designer.evaluation.overlap_page import OverlapPage
from designer.evaluation.regression_page import RegressionPage
from designer.evaluation.results import Results
from designer.evaluation.threshold_page import ThresholdPage
from designer.evaluation.working_point import WorkingPoint
from designer.looking.scatter_panel import ScatterPanel
from designer.looking.shortcuts_panel import ShortcutsPanel
from designer.parts import button, row_of, scrolled
from designer.project import Project
from designer.segments import Segments
from runtime.evaluation.folds import POOLED
from runtime.evaluation.operating_point import OperatingPoint

_ONLY = {
    "threshold": WITH_CLASSES,
    "calibration": WITH_CLASSES,
    "agreement": ("regression",),
    "masks": ("segmentation",),
    "boxes": ("detection",),
    "shortcuts": ("classification",),
}  # tasks that a page is for


class MeasuredView(QStackedWidget):
    """The pages share which cases are wanted, the working point, and where the files of the cases lie."""

    said = Signal(str, str)

    def __init__(self, project: Project, known: Known | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.measured: Measured | None = None
        self.server = PixelServer(self)
        self.choice, self.point = CaseChoice(self), WorkingPoint(self)
        self.files, self.contours = CaseFiles(project, known, self), Contours(self)
        self.maps = CaseMaps(self.files, self)
        self.pictures = CasePictures(self.server, self.files, self.contours, self.maps, self)
        self.numbers, self.calibration = Results(), CalibrationPage()
        self.threshold = ThresholdPage(self.point, self.choice, self.pictures)
        self.gallery = GalleryPage(self.choice, self.files, self.pictures)
        self.masks, self.agreement, self.groups = OverlapPage(self.files), RegressionPage(), GroupsPage()
        self.boxes, self.alike, self.shortcuts = BoxesPage(), ScatterPanel(), ShortcutsPanel()
        self.alike.name_of = self.files.name_of_key
        self.case = CasePage(self.server, self.files, self.contours)
        self.copy_button = button(self.tr("Copy numbers"), self.tr("Copy metrics and confusion matrix as CSV"))
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.tabs = Segments(self.tr("Pages of the evaluation"))
        pages: tuple[tuple[str, str, QWidget, str], ...] = (
            ("numbers", self.tr("Numbers"), scrolled(self.numbers), self.tr("Metrics and confusion matrix")),
            ("threshold", self.tr("Threshold"), self.threshold,
             self.tr("ROC and precision-recall curve, operating point, and the cases that flip")),
            ("calibration", self.tr("Calibration"), self.calibration,
             self.tr("Whether probabilities are as often right as they say")),
            ("masks", self.tr("Masks"), self.masks, self.tr("Dice, IoU, Hausdorff distance and volume case by case")),
            ("boxes", self.tr("Boxes"), self.boxes,
             self.tr("What is found, and at how many false positives in an image")),
            ("agreement", self.tr("Agreement"), self.agreement, self.tr("Scatter and Bland-Altman plot")),
            ("cases", self.tr("Cases"), self.gallery, self.tr("All cases, worst first")),
            ("groups", self.tr("Groups"), self.groups, self.tr("Results by sex, age, scanner, site …")),
            ("alike", self.tr("Alike"), self.alike, self.tr("Which cases the last hidden layer sees as alike")),
            ("shortcuts", self.tr("Shortcuts"), self.shortcuts,
             self.tr("Whether the label can be foretold without any anatomy")),
        )  # fmt: skip
        for page in pages:
            self.tabs.add(*page)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        head = row_of(self.tabs)
        head.addWidget(self.copy_button)
        column.addLayout(head)
        column.addWidget(self.tabs.pages, 1)
        self.addWidget(whole)
        self.addWidget(self.case)

    def _connect(self) -> None:
        for part in (self.threshold, self.calibration, self.gallery, self.agreement, self.boxes, self.case):
            part.said.connect(self.said)
        for page in (self.threshold, self.gallery, self.masks, self.agreement):
            page.opened.connect(self.open_case)
        self.tabs.changed.connect(self._on_page)
        self.case.left.connect(self._on_left)
        self.numbers.cell_asked.connect(lambda truth, predicted: self._show_cases(truth, predicted))
        self.groups.group_asked.connect(self._show_group)
        self.threshold.flipped_asked.connect(self._show_flipped)
        self.alike.cases_chosen.connect(self._show_lassoed)
        self.threshold.panel.stored.connect(self._on_stored)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.numbers.csv()))

    def show_reading(self, reading: Reading, part: str, external: Path | None) -> None:
        """Show an evaluation; `part` is the part of the data in words, `external` the other folder."""
        measured = reading.measured
        self.measured = measured
        self.pictures.forget()
        self.case.forget()
        self.setCurrentIndex(0)
        self.contours.show(measured, reading.output_fits)
        self.maps.show(measured, reading.source_fits)
        self.files.show(measured, external)
        self.choice.show(measured)
        self.point.show(measured, reading.point)
        for page in (self.calibration, self.masks, self.boxes, self.agreement, self.groups):
            page.show_measured(measured)
        own = measured is not None and measured.of_one_network
        self.alike.show_run(measured.folder if measured is not None and own else None)
        self.shortcuts.show_data(measured.folder / "project.netloom" if measured is not None and own else None)
        if measured is None:
            return
        self.numbers.show_result(measured.as_dict, part)
        for name, tasks in _ONLY.items():
            self.tabs.buttons[name].setVisible(measured.record.task in tasks)
        if measured.point_hits is not None:
            self.tabs.buttons["boxes"].show()
        self.tabs.rename("boxes", self.tr("FROC") if measured.point_hits is not None else self.tr("Boxes"))
        if measured.stem == POOLED:
            self.tabs.buttons["threshold"].hide()  # there is no network that would keep a threshold
        self.tabs.buttons["alike"].setVisible(own)
        self.tabs.buttons["shortcuts"].setVisible(own and measured.record.task in _ONLY["shortcuts"])
        if not self.tabs.buttons[self.tabs.current].isVisibleTo(self.tabs):
            self.tabs.show_page("numbers")
        self._on_page(self.tabs.current)

    def open_case(self, case: int) -> None:
        """Look at a case large; the others of the gallery, or of the cases that flip, can be gone through."""
        measured = self.measured
        if measured is None:
            return
        flips = self.tabs.current == "threshold"
        among = self.threshold.flips.cards.cases if flips else self.choice.places().tolist()
        self.files.read()
        self.setCurrentWidget(self.case)
        self.case.show_case(measured, case, among)
        self.case.viewer.view.setFocus()

    def on_seen(self) -> None:
        """Somebody comes to see: what the page needs is read."""
        self._on_page(self.tabs.current)

    def close_down(self) -> None:
        """The window is closing."""
        for looking in (self.alike, self.shortcuts, self.case):
            looking.close_down()
        self.files.close_down()
        self.contours.close_down()
        self.maps.close_down()
        self.server.close_down()

    def _show_cases(self, truth: int, predicted: int) -> None:
        self.choice.want_cell(truth, predicted)
        self.tabs.show_page("cases")

    def _show_group(self, column: str, value: str) -> None:
        self.choice.want_group(column, value)
        self.tabs.show_page("cases")

    def _show_flipped(self) -> None:
        self.choice.want_flipped()
        self.tabs.show_page("cases")

    def _show_lassoed(self, keys: Sequence[str]) -> None:
        """The cases within a lasso, as far as they were measured here."""
        self.files.read()
        found = [self.files.case_of(key) for key in keys]
        cases = frozenset(case for case in found if case is not None)
        if cases:
            self.choice.want_lassoed(cases)
            self.tabs.show_page("cases")
        else:
            self.said.emit(self.tr("These cases are of another part of the data; choose that part above."), "warning")

    def _on_page(self, name: str) -> None:
        """Pages with pictures need the files of the cases; numbers do not."""
        if name in ("cases", "threshold", "masks", "alike") and self.isVisible():
            self.files.read()

    def _on_left(self) -> None:
        self.setCurrentIndex(0)
        page = self.tabs.pages.currentWidget()
        if page is not None:
            page.setFocus()

    def _on_stored(self, stored: OperatingPoint | None) -> None:
        self.point.store(stored)
