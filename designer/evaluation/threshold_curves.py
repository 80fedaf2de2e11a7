"""ROC and precision-recall curve of one class, with the point of the threshold on each; a click moves it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from designer.evaluation.plot_panel import PlotPanel, Rows
from designer.evaluation.wording import spelled_interval
from designer.evaluation.working_point import WorkingPoint
from designer.theme import Theme
from runtime.evaluation.areas import auc
from runtime.evaluation.precision import average_precision
from runtime.evaluation.rates import Counts
from runtime.evaluation.record import Array
from runtime.evaluation.thresholds import Curve, Ranked

_MOST_POINTS = 2000


class ThresholdCurve(PlotPanel):
    """One curve over all thresholds."""

    def __init__(self, point: WorkingPoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._point = point
        self.curve: Curve | None = None
        self._spot: Any = None
        self.plot.setXRange(0, 1, padding=0.02)
        self.plot.setYRange(0, 1, padding=0.02)
        self.plot.scene().sigMouseClicked.connect(self._on_click)
        self.plot.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(self.tr("Click the curve to set the threshold there"))
        point.shown.connect(self._show)
        point.moved.connect(self._move)

    def rows(self) -> Rows:
        """Points and thresholds."""
        yield (*self._axes, self.tr("threshold"))
        if self.curve is not None:
            yield from zip(self.curve.x.tolist(), self.curve.y.tolist(), self.curve.thresholds.tolist(), strict=True)

    def place_of(self, counts: Counts) -> tuple[float, float]:
        """Where the threshold is on the curve."""
        raise NotImplementedError

    def made(self, ranked: Ranked) -> Curve:
        """The curve of some cases."""
        raise NotImplementedError

    def titled(self) -> str:
        """The title with the area below the curve."""
        raise NotImplementedError

    def _show(self) -> None:
        ranked = self._point.ranked
        self.curve = self.made(ranked) if ranked is not None else None
        self.tell(self.titled() if ranked is not None else self._name, "")
        self.redraw()

    def _draw(self, theme: Theme) -> None:
        curve = self.curve
        if curve is None:
            return
        step = max(1, len(curve.x) // _MOST_POINTS)
        kept = np.append(np.arange(0, len(curve.x) - 1, step), len(curve.x) - 1)
        self._guide(theme)
        self._line(curve.x[kept], curve.y[kept], theme.accent)
        self._spot = pg.ScatterPlotItem(size=13, brush=QColor(theme.warning), pen=pg.mkPen(theme.canvas, width=2))
        self.plot.addItem(self._spot)
        self._move()

    def _guide(self, theme: Theme) -> None:
        """What guessing would give."""

    def _move(self) -> None:
        if self._spot is None or self._point.ranked is None:
            return
        x, y = self.place_of(self._point.counts)
        shown = not (math.isnan(x) or math.isnan(y))
        self._spot.setData([x] if shown else [], [y] if shown else [])

    def _on_click(self, event: Any) -> None:
        inside = self.plot.plotItem.sceneBoundingRect().contains(event.scenePos())
        if self.curve is not None and inside and event.button() == Qt.MouseButton.LeftButton:
            self.choose_near(self.plot.plotItem.vb.mapSceneToView(event.scenePos()))

    def choose_near(self, place: QPointF) -> None:
        """Set the threshold of the point of the curve that lies nearest."""
        curve = self.curve
        if curve is None:
            return
        far = np.nan_to_num((curve.x - place.x()) ** 2 + (curve.y - place.y()) ** 2, nan=math.inf)
        self._point.move(float(min(1.0, curve.thresholds[int(np.argmin(far))])))


class RocCurve(ThresholdCurve):
    """Sensitivity over 1 - specificity."""

    def __init__(self, point: WorkingPoint, parent: QWidget | None = None) -> None:
        super().__init__(point, parent)
        self.entitle(self.tr("ROC"), self.tr("1 - specificity"), self.tr("sensitivity"))

    def place_of(self, counts: Counts) -> tuple[float, float]:
        """As ThresholdCurve says."""
        return 1 - counts.specificity, counts.sensitivity

    def made(self, ranked: Ranked) -> Curve:
        """As ThresholdCurve says."""
        return ranked.roc()

    def titled(self) -> str:
        """As ThresholdCurve says."""
        return _titled(self.tr("ROC · AUC"), self._point, "auc", auc)

    def _guide(self, theme: Theme) -> None:
        self._line([0, 1], [0, 1], theme.faint, 1.0, dashed=True)


class PrecisionRecall(ThresholdCurve):
    """Positive predictive value over sensitivity."""

    def __init__(self, point: WorkingPoint, parent: QWidget | None = None) -> None:
        super().__init__(point, parent)
        self.entitle(self.tr("Precision-recall"), self.tr("sensitivity (recall)"), self.tr("PPV (precision)"))

    def place_of(self, counts: Counts) -> tuple[float, float]:
        """As ThresholdCurve says."""
        return counts.sensitivity, counts.ppv

    def made(self, ranked: Ranked) -> Curve:
        """As ThresholdCurve says."""
        return ranked.precision_recall()

    def titled(self) -> str:
        """As ThresholdCurve says."""
        name = self.tr("Precision-recall · AP")
        return _titled(name, self._point, "average_precision", average_precision)

    def _guide(self, theme: Theme) -> None:
        ranked = self._point.ranked
        if ranked is not None and len(ranked.truth):
            self._level(ranked.positives / len(ranked.truth), theme.faint)


def _titled(name: str, point: WorkingPoint, metric: str, area: Callable[[Array, Array], float]) -> str:
    """The area with its interval, as the record has it of this class or of both; else the area of these cases."""
    record = point.measured.record if point.measured is not None else None
    if record is None:
        return name
    positive = record.positive_place
    of_two = positive is not None and (metric == "auc" or point.place == positive)
    for key in (f"{metric}:{point.name}", *([metric] if of_two else [])):
        if key in record.metrics:
            interval = record.intervals.get(key)
            told = f"{name} {record.metrics[key]:.3f}"
            if interval is None or interval.low is None or interval.high is None:
                return told
            return f"{told} ({spelled_interval(metric, interval.low, interval.high)})"
    ranked = point.ranked
    found = area(ranked.probability, ranked.truth) if ranked is not None else math.nan
    return name if math.isnan(found) else f"{name} {found:.3f}"
