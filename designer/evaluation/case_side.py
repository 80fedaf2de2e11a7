"""What stands beside a case that is looked at: answer and truth, probabilities, overlaps, groups, and its label."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from designer.data.windowing import MASK_COLORS
from designer.evaluation.case_files import CaseFiles
from designer.evaluation.case_words import boxes_by_class, more_of_case, title_of_case, verdict_of
from designer.evaluation.contours import FOUND_COLOUR, TRUE_COLOUR, Contours
from designer.evaluation.measured import WITH_CLASSES, Measured, spelled_amount
from designer.parts import button, judge, label, line, row_of, set_possible
from designer.tables import Row, RowsTable
from designer.training.share_bars import ShareBars

_MOST_BARS = 8
_LABELLED = (*WITH_CLASSES, "regression")
_BY_HAND = ("class", "labels", "number")


class CaseSide(QWidget):
    """Says everything of one case; a wrong label is mended here as in the Data workspace."""

    said = Signal(str, str)
    outlines_changed = Signal()

    def __init__(self, files: CaseFiles, contours: Contours, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files, self._contours = files, contours
        self._measured: Measured | None = None
        self._case = -1
        self._told = ""  # the label that was given last here, until it is taken back
        self.name = label("", "title")
        self.verdict, self.more = label("", "title"), label("", "small")
        self.bars = ShareBars()
        self.overlaps = RowsTable([self.tr("Measure"), self.tr("Value")], self.tr("Overlap of this case"))
        self.true_box = QCheckBox(self.tr("True: solid line"))
        self.found_box = QCheckBox(self.tr("Found: dotted line"))
        self.legend = label("", "small")  # which colour is which class
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.groups = label("", "small")
        self.labels = QComboBox()
        self.set_button = button(self.tr("The label is wrong: change it"))
        self.undo_button = button(self.tr("Undo"))
        self.mended = label("", "small")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.labels.setEditable(True)
        self.labels.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.labels.setAccessibleName(self.tr("The right label"))
        for box in (self.true_box, self.found_box):
            box.setChecked(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.name, self.verdict, self.more, self.bars, self.true_box, self.found_box, self.legend,
                       self.overlaps, self.groups, line()):  # fmt: skip
            column.addWidget(widget)
        self.wrong = label(self.tr("Right label"), "small", wrap=False)
        column.addLayout(row_of(self.wrong, self.labels, stretch=1))
        column.addLayout(row_of(self.set_button, self.undo_button))
        column.addWidget(self.mended)
        column.addStretch(1)

    def _connect(self) -> None:
        self.set_button.clicked.connect(self.set_label)
        self.undo_button.clicked.connect(self._undo)
        self._files.changed.connect(self.refresh)
        self._files.project.analysed.connect(lambda _analysis: self.refresh())
        for box in (self.true_box, self.found_box):
            box.toggled.connect(self._on_outlines)

    def show_case(self, measured: Measured, case: int) -> None:
        """Another case."""
        self._measured, self._case, self._told = measured, case, ""
        self.labels.clear()
        self.refresh()

    def forget(self) -> None:
        """Other cases come: what is shown is of none of them."""
        self._measured, self._case = None, -1

    def refresh(self) -> None:
        """Everything anew."""
        measured = self._measured
        if measured is None or self._case >= len(measured.cases):
            return
        self.name.setText(self._files.name_of(self._case))
        self.verdict.setText(title_of_case(measured, self._case))
        judge(self.verdict, verdict_of(measured, self._case))
        self.more.setText(more_of_case(measured, self._case))
        self.bars.show_shares(_shares(measured, self._case))
        self.bars.setVisible(bool(self.bars.shares))
        rows = _overlap_rows(measured, self._case)
        self.overlaps.show_rows(rows)
        self.overlaps.fit_height(12)
        boxes = bool(measured.cases.boxes)
        self.overlaps.setVisible(bool(rows))
        for widget in (self.true_box, self.found_box):
            widget.setVisible(bool(rows) or boxes)
        two = len(measured.record.classes) <= 2 and not boxes
        for box, shade in ((self.true_box, TRUE_COLOUR), (self.found_box, FOUND_COLOUR)):
            box.setStyleSheet(f"QCheckBox {{ border-left: 4px solid {shade}; padding-left: 6px; }}" if two else "")
        self.legend.setText("" if two else _legend(measured, self._case))
        self.legend.setVisible(bool(self.legend.text()))
        told = [
            f"{name}: {column[self._case]}" for name, column in measured.cases.columns.items() if column[self._case]
        ]
        self.groups.setText("\n".join(told))
        self.groups.setVisible(bool(told))
        self._refresh_label()

    def set_label(self) -> None:
        """Give the case the label in the field, as one step of undo."""
        place, text = self._files.place_of(self._case), self.labels.currentText().strip()
        if place is None or not text or not self.set_button.isEnabled():
            return
        if text == str(self._files.book.label_of(place)):
            self.said.emit(self.tr("The label is %s already; choose the right one first.") % text, "warning")
            return
        why = self._files.book.set_label([place], text)
        if why:
            self.said.emit(why, "warning")
        else:
            self._told = str(self._files.book.label_of(place))
            self.said.emit(self.tr(
                "The label is %s now. It counts from the next training or evaluation on; Ctrl+Z takes it back."
            ) % text, "good")  # fmt: skip
        self.refresh()

    def _undo(self) -> None:
        self._files.project.undo()
        self._files.book.follow()
        self.refresh()

    def _on_outlines(self) -> None:
        self._contours.truth_shown = self.true_box.isChecked()
        self._contours.found_shown = self.found_box.isChecked()
        self.outlines_changed.emit()

    def _refresh_label(self) -> None:
        book, place, measured = self._files.book, self._files.place_of(self._case), self._measured
        kind = book.base.label if book.base is not None else ""
        if self.labels.count() == 0 and book.base is not None and kind == "class":
            self.labels.addItems(book.base.classes)
            answered = measured.said(self._case, answered=True) if measured is not None else ""
            self.labels.setCurrentText(answered)
        why = self._why_not(place, kind)
        for widget in (self.wrong, self.labels, self.set_button, self.undo_button):
            widget.setVisible(measured is not None and measured.record.task in _LABELLED)
        set_possible(self.set_button, why, self.tr("Give the case this label, as one step that Ctrl+Z takes back"))
        self.labels.setEnabled(not why)
        mended = place is not None and book.is_mended(place)
        now = book.label_of(place) if place is not None else None
        if self._told and str(now) != self._told:
            self._told = ""
            self.said.emit(self.tr("The label is %s again.") % now, "good")
        self.mended.setText(self.tr("Label by hand: %s. It counts from the next training or evaluation on.") % now
                            if mended else why)  # fmt: skip
        self.mended.setVisible(bool(self.mended.text()))
        undo = self._files.project.document.undo_label
        set_possible(self.undo_button, "" if undo else self.tr("There is nothing to take back."),
                     self.tr("Undo: %s") % undo)  # fmt: skip

    def _why_not(self, place: int | None, kind: str) -> str:
        """Why the label cannot be changed now; "" when it can."""
        if self._measured is not None and self._measured.record.task not in _LABELLED:
            return self.tr("Masks and boxes are mended with the program they were drawn with.")
        if self._measured is not None and self._measured.record.external:
            return self.tr("Labels of another folder are mended where that folder is the project's own.")
        if place is None:
            return self._files.why or self.tr("The files of the cases are still being looked for.")
        if kind not in _BY_HAND:
            return self.tr("Masks and boxes are mended with the program they were drawn with.")
        return self._files.book.why_not()


def _shares(measured: Measured, case: int) -> Sequence[tuple[str, float, bool]]:
    found = measured.cases.probabilities
    if found is None or measured.record.task not in WITH_CLASSES:
        return ()
    rows = [(name, float(found[case, place]), bool(measured.having(place)[case]))
            for place, name in enumerate(measured.record.classes)]  # fmt: skip
    return sorted(rows, key=lambda row: -row[1])[:_MOST_BARS]


def _legend(measured: Measured, case: int) -> str:
    """The classes in the colours of their outlines, of boxes with what was found of each; "" where none is drawn."""
    if measured.cases.boxes:
        says = _tr("%s: %s of %s found, %s false")
        told = [says % (html.escape(name), *counts) for name, *counts in boxes_by_class(measured, case)]
    else:
        drawn = measured.record.classes[1:] if measured.record.task == "segmentation" else ()
        told = [html.escape(name) for name in drawn]
    colours = (MASK_COLORS[place % len(MASK_COLORS)] for place in range(len(told)))
    return "<br>".join(f'<span style="color:{hue}">■</span> {text}' for hue, text in zip(colours, told, strict=True))


def _overlap_rows(measured: Measured, case: int) -> list[Row]:
    record, found = measured.record, measured.overlaps
    if record.task != "segmentation":
        return []

    rows: list[Row] = []
    much = _tr("area") if record.volume_unit == "mm²" else _tr("volume")
    for place, name in list(enumerate(record.classes))[1:]:
        values = {key: float(table[case, place]) for key, table in found.items()}
        of = f" · {name}" if len(record.classes) > 2 else ""
        error = values["found_volume"] - values["true_volume"]
        rows += [
            (f"Dice{of}", _spelled(values["dice"])),
            (f"IoU{of}", _spelled(values["iou"])),
            (_tr("Hausdorff 95 %%%s") % of, _spelled(values["hausdorff"], record.distance_unit)),
            (_tr("True %s%s") % (much, of), _spelled(values["true_volume"], record.volume_unit)),
            (_tr("Found %s%s") % (much, of), _spelled(values["found_volume"], record.volume_unit)),
            (_tr("Error of the %s%s") % (much, of), _spelled(error, record.volume_unit)),
        ]
    return rows


def _spelled(value: float, unit: str = "") -> str | None:
    """A number with its unit; a share without one has three digits."""
    if math.isnan(value):
        return None
    return f"{spelled_amount(value)} {unit}" if unit else f"{value:.3f}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("CaseSide", text)
