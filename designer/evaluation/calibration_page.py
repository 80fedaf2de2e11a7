"""Whether probabilities are as often right as they say: reliability, Brier score, temperature, likelihood histogram."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from designer.evaluation.measured import Measured
from designer.evaluation.plot_panel import PlotPanel, Rows
from designer.evaluation.wording import spelled_interval, spelled_value
from designer.parts import label, row_of
from designer.theme import Theme
from runtime.evaluation.calibration import Bin, histogram, reliability, sigmoid, softmax
from runtime.evaluation.intervals import FEWEST
from runtime.evaluation.record import Array, Floats

_SMALLEST = 5.0  # pixels that a dot has across


class ReliabilityPlot(PlotPanel):
    """What was said against what was so, bin by bin; the diagonal is a promise that is kept."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bins: tuple[Bin, ...] = ()
        self.plot.setXRange(0, 1, padding=0.02)
        self.plot.setYRange(0, 1, padding=0.02)
        self.entitle(self.tr("Calibration"), self.tr("probability that was given"), self.tr("share that has it"))

    def show_bins(self, bins: tuple[Bin, ...]) -> None:
        """Draw these bins; those with few cases are small."""
        self.bins = bins
        told = self.tr(
            "on the dashed line, a probability of 70 %% is right in 70 of 100 cases; larger dots are more cases; bars "
            "are 95 %% intervals, from %s patients on"
        )
        self.tell(self._name, told % FEWEST)
        self.redraw()

    def rows(self) -> Rows:
        """The bins."""
        yield ("from", "to", "cases", "mean probability", "share that has it", "low", "high")
        for one in self.bins:
            ends = (one.interval.low, one.interval.high) if one.interval is not None else (None, None)
            yield (one.low, one.high, one.cases, one.said, one.seen, *ends)

    def _draw(self, theme: Theme) -> None:
        self._line([0, 1], [0, 1], theme.faint, 1.5, dashed=True)
        there = [one for one in self.bins if one.cases]
        most = max((one.cases for one in there), default=1)
        for one in there:
            if one.interval is not None and one.interval.low is not None and one.interval.high is not None:
                self._line([one.said, one.said], [one.interval.low, one.interval.high], theme.muted, 1.5)
        for one in there:
            self._dots([one.said], [one.seen], theme.accent, _SMALLEST + 11 * math.sqrt(one.cases / most))


class LikelihoodPlot(PlotPanel):
    """How probabilities are spread, of the cases that have the class and of those that do not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edges: Array = np.zeros(0)
        self.having: Array = np.zeros(0)
        self.lacking: Array = np.zeros(0)
        self._of = ("", "")
        self.plot.setXRange(0, 1, padding=0.02)
        self.entitle(self.tr("Likelihood histogram"), self.tr("probability that was given"), self.tr("cases"))

    def show_cases(self, probability: Floats, truth: Array, having: str, lacking: str) -> None:
        """Draw the two kinds of cases, one above the axis and one below."""
        self.edges, self.having, self.lacking = histogram(probability, truth)
        self._of = (having, lacking)
        told = self.tr("up: %s, down: %s; the better they are told apart, the farther apart they lie")
        self.tell(self._name, told % (having, lacking))
        self.redraw()

    def rows(self) -> Rows:
        """The bars."""
        yield ("from", "to", *self._of)
        yield from zip(self.edges[:-1].tolist(), self.edges[1:].tolist(), self.having.tolist(), self.lacking.tolist(),
                       strict=True)  # fmt: skip

    def _draw(self, theme: Theme) -> None:
        if not len(self.edges):
            return
        middles, wide = (self.edges[:-1] + self.edges[1:]) / 2, 0.9 * float(self.edges[1] - self.edges[0])
        for heights, colour in ((self.having, theme.accent), (-self.lacking, theme.warning)):
            self.plot.addItem(pg.BarGraphItem(x=middles, height=heights, width=wide, brush=QColor(colour), pen=None))
        self._level(0, theme.border, dashed=False)
        most = int(max(self.having.max(), self.lacking.max(), 1))
        step = max(1, round(most / 4))
        ticks = [(sign * count, str(count)) for count in range(0, most + step, step) for sign in (-1, 1)]
        self.plot.getAxis("left").setTicks([ticks])


class CalibrationPage(QWidget):
    """Both plots of one class, before or after the temperature."""

    said = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured: Measured | None = None
        self.classes = QComboBox()
        self.classes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.classes.setAccessibleName(self.tr("Class"))
        self.classes.activated.connect(self._show)
        self.warm = QCheckBox(self.tr("after temperature scaling"))
        self.warm.toggled.connect(self._show)
        self.scores = label("", "")
        self.hint = label("", "small")
        self.reliability, self.likelihood = ReliabilityPlot(), LikelihoodPlot()
        plots = QHBoxLayout()
        plots.setSpacing(24)
        for plot in (self.reliability, self.likelihood):
            plots.addWidget(plot, 1)
            plot.said.connect(self.said)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(row_of(label(self.tr("Class"), wrap=False), self.classes, self.warm))
        column.addWidget(self.scores)
        column.addWidget(self.hint)
        column.addLayout(plots, 1)
        self.scores.setTextFormat(Qt.TextFormat.PlainText)

    def show_measured(self, measured: Measured | None) -> None:
        """Another evaluation."""
        usable = measured is not None and measured.has_classes
        self._measured = measured if usable else None
        self.classes.clear()
        if self._measured is None:
            return
        record = self._measured.record
        self.classes.addItems(record.classes)
        self.classes.setCurrentIndex(record.positive_place or 0)
        fitted = record.temperature is not None
        self.warm.setEnabled(fitted)
        self.warm.blockSignals(True)
        self.warm.setChecked(False)
        self.warm.blockSignals(False)
        spelled = f"{record.temperature or 1:.3g}"
        told = self.tr("Scores are divided by %s, fitted on validation cases") % spelled
        self.warm.setText(self.tr("after temperature scaling") + (f" ({spelled})" if fitted else ""))
        self.warm.setToolTip(told if fitted else self.tr(
            "No temperature is fitted to this epoch yet: evaluate the validation part first."))  # fmt: skip
        self._show()

    def probabilities(self) -> Floats | None:
        """(N, K) as they are, or after the temperature."""
        measured = self._measured
        if measured is None or measured.cases.scores is None:
            return None
        warmed = softmax if measured.record.task == "classification" else sigmoid
        temperature = measured.record.temperature if self.warm.isChecked() else None
        return measured.cases.probabilities if temperature is None else warmed(measured.cases.scores, temperature)

    def _show(self, _choice: object = None) -> None:
        measured, found, place = self._measured, self.probabilities(), self.classes.currentIndex()
        if measured is None or found is None or place < 0:
            return
        own, truth, record = found[:, place], measured.having(place), measured.record
        two = record.task == "classification" and len(record.classes) == 2
        other = record.classes[1 - place] if two else self.tr("not %s") % record.classes[place]
        self.reliability.show_bins(reliability(own, truth, measured.cases.patient))
        self.likelihood.show_cases(own, truth, record.classes[place], other)
        self.scores.setText("   ·   ".join(self._numbers(measured)))
        self.hint.setText(self.tr(
            "Brier score and log loss: 0 is best. Calibration error: how far probabilities are off on average."
        ))  # fmt: skip

    def _numbers(self, measured: Measured) -> list[str]:
        """Brier score and its kin, before and after the temperature where that is known."""
        record, told = measured.record, []
        for name, title in (("brier", self.tr("Brier score")), ("log_loss", self.tr("log loss")),
                            ("calibration_error", self.tr("calibration error"))):  # fmt: skip
            if name not in record.metrics:
                continue
            interval = record.intervals.get(name)
            known = interval is not None and interval.low is not None and interval.high is not None
            between = f" ({spelled_interval(name, interval.low, interval.high)})" if known else ""  # type: ignore[union-attr, arg-type]
            after = record.metrics.get(f"{name}_calibrated")
            then = "" if after is None else self.tr(" → %s after temperature") % spelled_value(name, after)
            told.append(f"{title} {spelled_value(name, record.metrics[name])}{between}{then}")
        return told
