"""The operating point: class, slider, prevalence, the numbers at the threshold, and storing it with the run."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QSlider, QVBoxLayout, QWidget

from designer.evaluation.wording import spelled_interval, spelled_value, title_of
from designer.evaluation.working_point import WorkingPoint
from designer.parts import SPIN, button, label, row_of, set_possible
from designer.tables import Row, RowsTable, Short
from runtime.errors import RunError
from runtime.evaluation.intervals import Interval
from runtime.evaluation.operating_point import OperatingPoint, forget_operating_point, save_operating_point

_STEPS = 1000
_RATES = ("sensitivity", "specificity", "ppv", "npv", "f1", "accuracy", "balanced_accuracy")
_SHORT = {"ppv": "PPV", "npv": "NPV"}


class ThresholdPanel(QWidget):
    """Everything that is set and read of the threshold of one class."""

    said = Signal(str, str)
    stored = Signal(object)  # the OperatingPoint that is kept now, or None

    def __init__(self, point: WorkingPoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._point = point
        self._following = False
        self.classes = QComboBox()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.number = _share_field(self.tr("Threshold"), 3)
        self.prevalence = _share_field(self.tr("Prevalence"), 1, " %", 100.0)
        self.meaning = label("", "small")
        self.table = RowsTable([self.tr("At this threshold"), self.tr("Value"), self.tr("95 % interval")],
                               self.tr("Numbers at this threshold"))  # fmt: skip
        self.cells = label("", "small")
        self.wish = QComboBox()
        self.use_button = button(self.tr("Use this threshold"), primary=True)
        self.back_button = button(self.tr("Forget it"))
        self._set_up()
        self._lay_out()
        self._connect()

    def _set_up(self) -> None:
        self.classes.setAccessibleName(self.tr("Class that counts as positive"))
        self.classes.setToolTip(self.tr("Which class or label is looked for; the others count as negative."))
        self.slider.setRange(0, _STEPS)
        self.slider.setAccessibleName(self.tr("Threshold"))
        self.slider.setToolTip(self.tr(
            "From which probability on a case is called positive: lower finds more and raises more false alarms."
        ))  # fmt: skip
        self.number.setToolTip(self.slider.toolTip())
        self.prevalence.setToolTip(self.tr(
            "How many of the patients you will meet have it. PPV and NPV are given for that share; the study's own "
            "share may be quite another."
        ))  # fmt: skip
        self.wish.setAccessibleName(self.tr("Choose a threshold by a rule"))
        self.wish.setPlaceholderText(self.tr("Choose by a rule …"))
        for text, wish in (
            (self.tr("Greatest sensitivity + specificity"), ("youden", 0.0)),
            (self.tr("Sensitivity of at least 95 %"), ("sensitivity", 0.95)),
            (self.tr("Sensitivity of at least 99 %"), ("sensitivity", 0.99)),
            (self.tr("Specificity of at least 95 %"), ("specificity", 0.95)),
            (self.tr("As usual: 0.5"), ("", 0.5)),
        ):
            self.wish.addItem(text, wish)
        self.wish.setCurrentIndex(-1)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.addRow(self.tr("Positive is"), self.classes)
        form.addRow(self.tr("Threshold"), row_of(self.slider, self.number, stretch=0))
        form.addRow("", self.wish)
        form.addRow(self.tr("Prevalence"), row_of(self.prevalence))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(form)
        for widget in (self.meaning, self.table, self.cells):
            column.addWidget(widget)
        column.addLayout(row_of(self.use_button, self.back_button))
        column.addStretch(1)

    def _connect(self) -> None:
        self.classes.activated.connect(self._point.choose)
        self.slider.valueChanged.connect(self._on_slider)
        self.number.valueChanged.connect(self._on_number)
        self.prevalence.valueChanged.connect(self._show_numbers)
        self.wish.activated.connect(self._on_wish)
        self.use_button.clicked.connect(self.use)
        self.back_button.clicked.connect(self.forget)
        self._point.shown.connect(self._on_shown)
        self._point.moved.connect(self._on_moved)

    def use(self) -> None:
        """Keep this threshold with the run; evaluations and exports of it then go by it."""
        point, measured = self._point, self._point.measured
        if measured is None:
            return
        before = dict(point.stored.thresholds) if point.stored is not None else {}
        rule = self.wish.currentText() if self.wish.currentIndex() >= 0 else "set by hand"
        held = OperatingPoint({**before, point.name: point.threshold}, "user", rule, measured.record.epoch)
        try:
            save_operating_point(measured.folder, held)
        except RunError as error:
            self.said.emit(str(error), "error")
            return
        told = self.tr("The threshold %s for %s is kept with this run, and goes with its exports.") % (
            f"{point.threshold:.3f}", point.name)  # fmt: skip
        elsewhere = measured.record.part != "validation" or measured.record.external
        risk = self.tr(" Chosen on these cases it makes their results too good: choose it on validation cases.")
        self.said.emit(told + (risk if elsewhere else ""), "warning" if elsewhere else "good")
        self.stored.emit(held)

    def forget(self) -> None:
        """Go back to the most probable class."""
        measured, stored = self._point.measured, self._point.stored
        if measured is None or stored is None:
            return
        rest = {name: value for name, value in stored.thresholds.items() if name != self._point.name}
        held = replace(stored, thresholds=rest) if rest else None
        try:
            if held is None:
                forget_operating_point(measured.folder)
            else:
                save_operating_point(measured.folder, held)
        except RunError as error:
            self.said.emit(str(error), "error")
            return
        self.stored.emit(held)

    def _on_shown(self) -> None:
        point = self._point
        self.classes.clear()
        self.classes.addItems(point.measured.record.classes if point.measured is not None else ())
        self.classes.setCurrentIndex(point.place)
        ranked = point.ranked
        share = ranked.positives / len(ranked.truth) if ranked is not None and len(ranked.truth) else 0.0
        self.prevalence.blockSignals(True)
        self.prevalence.setValue(100 * share)
        self.prevalence.blockSignals(False)
        self.wish.setCurrentIndex(-1)

    def _on_moved(self) -> None:
        self._following = True
        self.slider.setValue(round(_STEPS * self._point.threshold))
        self.number.setValue(self._point.threshold)
        self._following = False
        self._show_numbers()
        self._refresh_buttons()

    def _show_numbers(self) -> None:
        point, ranked = self._point, self._point.ranked
        if ranked is None:
            return
        counts = point.counts
        self.meaning.setText(self.tr("From a probability of %s on a case is called %s, below it %s.") % (
            f"{point.threshold:.3f}", point.name, point.other))  # fmt: skip
        rates, intervals = counts.rates(), ranked.intervals(point.threshold)
        here = point.predicted_at(self.prevalence.value() / 100)
        own = abs(self.prevalence.value() / 100 - ranked.positives / max(1, len(ranked.truth))) < 0.0006
        if not own:
            rates |= dict(zip(("ppv", "npv"), here, strict=True))
            intervals |= point.predicted_within(self.prevalence.value() / 100)
        self.table.content.show([_rate_row(name, rates.get(name), intervals.get(name)) for name in _RATES])
        self.table.resizeColumnToContents(0)
        self.table.setColumnWidth(0, self.table.columnWidth(0) + 8)
        self.table.setColumnWidth(1, 72)
        self.table.fit_height(len(_RATES))
        self.cells.setText(self.tr("found %s · missed %s · false alarms %s · rightly let pass %s") % (
            *(f"{count:.0f}" for count in (counts.true_positives, counts.false_negatives, counts.false_positives,
                                           counts.true_negatives)),))  # fmt: skip

    def _refresh_buttons(self) -> None:
        point = self._point
        held = point.stored.thresholds.get(point.name) if point.stored is not None else None
        same = self.tr("This threshold is kept already.") if held == point.threshold else ""
        set_possible(self.use_button, same, self.tr(
            "Keep it with the run: evaluations then tell how it does, and exports carry it."))  # fmt: skip
        none = "" if held is not None else self.tr("No threshold is kept for this class; 0.5 counts.")
        told = f"{held:.3f}" if held is not None else ""
        set_possible(self.back_button, none, self.tr("Forget the kept threshold %s; 0.5 counts again") % told)

    def _on_slider(self, value: int) -> None:
        if not self._following:
            self.wish.setCurrentIndex(-1)
            self._point.move(value / _STEPS)

    def _on_number(self, value: float) -> None:
        if not self._following:
            self.wish.setCurrentIndex(-1)
            self._point.move(value)

    def _on_wish(self, _row: int) -> None:
        wish, least = self.wish.currentData()
        ranked = self._point.ranked
        if ranked is None:
            return
        try:
            self._point.move(ranked.best(wish, least) if wish else least)
        except ValueError as error:
            self.said.emit(str(error), "warning")


def _rate_row(name: str, value: float | None, interval: Interval | None) -> Row:
    spelled = Short(spelled_value(name, value), value) if value is not None and value == value else None
    if interval is None or interval.low is None or interval.high is None:
        return _SHORT.get(name, title_of(name)), spelled, "–"
    return _SHORT.get(name, title_of(name)), spelled, Short(spelled_interval(name, interval.low, interval.high),
                                          f"{interval.low} – {interval.high}")  # fmt: skip


def _share_field(name: str, digits: int, unit: str = "", most: float = 1.0) -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    made.setRange(0.0, most)
    made.setDecimals(digits)
    made.setSingleStep(most / 100)
    made.setSuffix(unit)
    made.setKeyboardTracking(False)
    made.setAccessibleName(name)
    made.setStyleSheet(SPIN)
    made.lineEdit().setTextMargins(8, 0, 0, 0)
    made.setFixedWidth(80)
    return made
