"""Boxes or points that were found: precision over sensitivity for each class of boxes, and sensitivity over false
positives in an image (FROC) of both."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from designer.data.windowing import MASK_COLORS
from designer.evaluation.measured import Measured
from designer.evaluation.plot_panel import PlotPanel, Rows
from designer.evaluation.wording import spelled_interval
from designer.theme import Theme
from runtime.evaluation.box_hits import FALSE_ALARMS, Froc, Hits, average_precisions, precision_recall
from runtime.evaluation.detection import case_hits
from runtime.evaluation.record import Evaluation

Floats = NDArray[np.float64]
_OVERLAP = (0.5,)


def class_colour(place: int) -> str:
    """The colour of a class of boxes, as in the viewer of the data."""
    return MASK_COLORS[place % len(MASK_COLORS)]


class PrecisionCurves(PlotPanel):
    """A curve for each class, at an overlap (IoU) of 0.5."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.classes: Sequence[str] = ()
        self.curves: list[tuple[Floats, Floats]] = []
        self.values.setTextFormat(Qt.TextFormat.RichText)
        self.plot.setXRange(0, 1, padding=0.02)
        self.plot.setYRange(0, 1, padding=0.02)
        self.entitle(self.tr("Precision and sensitivity"), self.tr("sensitivity (recall)"),
                     self.tr("positive predictive value (precision)"))  # fmt: skip

    def show_hits(self, record: Evaluation, hits: Sequence[Hits]) -> None:
        """Draw the curves of the classes of an evaluation."""
        self.classes, self.curves = record.classes, [precision_recall(one) for one in hits]
        areas = [float(average_precisions(one)[0]) for one in hits]
        entries = [
            f'<nobr><span style="color: {class_colour(place)}">■</span> {html.escape(name)} '
            f"{_told(record, f'ap_50:{name}', area)}</nobr>"
            for place, (name, area) in enumerate(zip(self.classes, areas, strict=True))
        ]
        self.tell(self._name, self.tr("Average precision at an overlap of 0.5: %s") % " &nbsp; ".join(entries))
        self.redraw()

    def rows(self) -> Rows:
        """Class, sensitivity and precision, as the threshold falls."""
        yield (self.tr("class"), *self._axes)
        for name, (recall, precision) in zip(self.classes, self.curves, strict=True):
            yield from ((name, one, other) for one, other in zip(recall.tolist(), precision.tolist(), strict=True))

    def _draw(self, theme: Theme) -> None:
        for place, (recall, precision) in enumerate(self.curves):
            if len(recall):
                self._line(recall, precision, class_colour(place))


class FrocCurve(PlotPanel):
    """Sensitivity of all classes together over false positives in an image, which are drawn as doublings."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.froc: Froc | None = None
        self.plot.setYRange(0, 1, padding=0.02)
        ticks = [(math.log2(rate), f"1/{round(1 / rate)}" if rate < 1 else f"{rate:g}") for rate in FALSE_ALARMS]
        self.plot.getAxis("bottom").setTicks([ticks])
        self.plot.setXRange(math.log2(FALSE_ALARMS[0]), math.log2(FALSE_ALARMS[-1]), padding=0.02)
        self.entitle(self.tr("FROC"), self.tr("false positives in an image"), self.tr("sensitivity"))

    def show_hits(self, record: Evaluation, hits: Sequence[Hits]) -> None:
        """Draw the curve of the classes of an evaluation together."""
        self.froc = Froc(hits)
        mean = float(self.froc.sensitivities().mean())
        told = self.tr("Mean sensitivity at 1/8 to 8 false positives in an image: %s")
        self.tell(self._name, told % _told(record, "froc", mean))
        self.redraw()

    def rows(self) -> Rows:
        """False positives in an image, and sensitivity, as the threshold falls."""
        yield self._axes
        if self.froc is not None:
            false, found = self.froc.curve()
            yield from zip(false.tolist(), found.tolist(), strict=True)

    def _draw(self, theme: Theme) -> None:
        if self.froc is None:
            return
        false, found = self.froc.curve()
        known = np.isfinite(found)
        if known.any():
            ends = math.log2(FALSE_ALARMS[0]) - 1, math.log2(FALSE_ALARMS[-1]) + 1
            places = np.log2(np.maximum(false[known], 2 ** ends[0]))
            steps = np.append(np.repeat(places, 2)[1:], max(ends[1], float(places[-1])))
            self._line(steps, np.repeat(found[known], 2), theme.accent)
        rates = self.froc.sensitivities()
        if np.isfinite(rates).all():
            self._dots(np.log2(FALSE_ALARMS), rates, theme.warning, size=9)


def _told(record: Evaluation, metric: str, value: float) -> str:
    """A measure with its interval, where there is one."""
    interval = record.intervals.get(metric)
    if math.isnan(value):
        return "–"
    if interval is None or interval.low is None or interval.high is None:
        return f"{value:.3f}"
    return f"{value:.3f} ({spelled_interval(metric, interval.low, interval.high)})"


class BoxesPage(QWidget):
    """Both plots side by side; of points the second alone, for they are right by where they were put."""

    said = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.precision, self.froc = PrecisionCurves(), FrocCurve()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 8, 0, 0)
        row.setSpacing(24)
        for plot in (self.precision, self.froc):
            row.addWidget(plot, 1)
            plot.said.connect(self.said)

    def show_measured(self, measured: Measured | None) -> None:
        """Another evaluation; only of boxes and points there is something to see."""
        if measured is None:
            return
        record, boxes = measured.record, measured.record.task == "detection"
        self.precision.setVisible(boxes)
        if boxes:
            hits: Sequence[Hits] = case_hits(measured.cases, len(record.classes), _OVERLAP)
            self.precision.show_hits(record, hits)
        elif measured.point_hits is not None:
            hits = (measured.point_hits,)
        else:
            return
        self.froc.show_hits(record, hits)
