"""Numbers that were answered against those that are true: scatter, and Bland-Altman with its limits of agreement."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from designer.evaluation.measured import Measured, with_unit
from designer.evaluation.plot_panel import PlotPanel, Rows
from designer.theme import Theme

Floats = NDArray[np.float64]


class NumbersPlot(PlotPanel):
    """A dot for each case; a click on one opens it."""

    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.measured: Measured | None = None
        self.unit = self.of = ""  # the unit, and the end of the names of the measures
        self.truth: Floats = np.zeros(0)
        self.answered: Floats = np.zeros(0)
        self.plot.scene().sigMouseClicked.connect(self._on_click)
        self.setToolTip(self.tr("Click a dot to open its case"))

    def show_measured(self, measured: Measured, place: int = 0) -> None:
        """Draw the cases of an evaluation; of several numbers, the one at this place."""
        cases, count = measured.cases, len(measured.cases)
        self.measured, self.unit = measured, measured.units[place]
        self.of = f":{measured.record.classes[place]}" if measured.record.classes else ""
        self.truth = np.asarray(cases.truth, np.float64).reshape(count, -1)[:, place]
        self.answered = np.asarray(cases.predicted, np.float64).reshape(count, -1)[:, place]
        self.name_axes(f" ({self.unit})" if self.unit else "")

    def places(self) -> tuple[Floats, Floats]:
        """Where the dots are."""
        raise NotImplementedError

    def rows(self) -> Rows:
        """The dots."""
        yield self._axes
        yield from zip(*(axis.tolist() for axis in self.places()), strict=True)

    def nearest(self, place: QPointF) -> int:
        """The case whose dot lies nearest, as it is seen."""
        xs, ys = self.places()
        (left, right), (low, high) = self.plot.plotItem.vb.viewRange()
        far = ((xs - place.x()) / (right - left)) ** 2 + ((ys - place.y()) / (high - low)) ** 2
        return int(np.argmin(far))

    def name_axes(self, unit: str) -> None:
        """Entitle the plot, with the unit at its axes."""
        raise NotImplementedError

    def _on_click(self, event: Any) -> None:
        if len(self.truth) and self.plot.plotItem.sceneBoundingRect().contains(event.scenePos()):
            self.opened.emit(self.nearest(self.plot.plotItem.vb.mapSceneToView(event.scenePos())))


class Scatter(NumbersPlot):
    """Answered over true; on the dashed line they are the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name_axes("")
        self.tell(self.tr("Answered and true"), self.tr("on the dashed line, both are the same"))

    def places(self) -> tuple[Floats, Floats]:
        """As NumbersPlot says."""
        return self.truth, self.answered

    def name_axes(self, unit: str) -> None:
        self.entitle(self.tr("Answered and true"), self.tr("true") + unit, self.tr("answered") + unit)

    def _draw(self, theme: Theme) -> None:
        if not len(self.truth):
            return
        ends = [float(min(self.truth.min(), self.answered.min())), float(max(self.truth.max(), self.answered.max()))]
        self._line(ends, ends, theme.faint, 1.5, dashed=True)
        self._dots(self.truth, self.answered, theme.accent, alpha=170)


class BlandAltman(NumbersPlot):
    """The difference over the mean of both (Bland and Altman 1986), with the bias and the limits of agreement."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name_axes("")

    def places(self) -> tuple[Floats, Floats]:
        """As NumbersPlot says."""
        return (self.truth + self.answered) / 2, self.answered - self.truth

    def name_axes(self, unit: str) -> None:
        self.entitle(self.tr("Bland-Altman"), self.tr("mean of both") + unit, self.tr("answered - true") + unit)

    def _draw(self, theme: Theme) -> None:
        if self.measured is None or not len(self.truth):
            return
        record = self.measured.record
        known = {name: record.metrics.get(f"{name}{self.of}") for name in ("bias", "limit_low", "limit_high")}
        levels = {name: value for name, value in known.items() if value is not None}
        self._level(0, theme.faint, dashed=False)
        for name, value in levels.items():
            self._level(value, theme.warning, dashed=name != "bias")
        self._dots(*self.places(), theme.accent, alpha=170)
        shown = [*self.places()[1].tolist(), *levels.values()]
        self.plot.setYRange(min(shown), max(shown), padding=0.06)
        if len(levels) == 3:
            spelled = [with_unit(value, self.unit) for value in levels.values()]
            told = self.tr("bias %s (solid); 95 %% of the differences lie between %s and %s (dashed)")
            self.tell(self._name, told % tuple(spelled))


class RegressionPage(QWidget):
    """Both plots side by side, and of several numbers the choice of the one that is shown."""

    said = Signal(str, str)
    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scatter, self.agreement = Scatter(), BlandAltman()
        self._measured: Measured | None = None
        self.numbers = QComboBox()
        self.numbers.setAccessibleName(self.tr("Number"))
        self.numbers.setToolTip(self.tr("Which of the numbers is shown"))
        self.numbers.activated.connect(self._show_number)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.numbers, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout()
        row.setSpacing(24)
        column.addLayout(row, 1)
        for plot in (self.scatter, self.agreement):
            row.addWidget(plot, 1)
            plot.said.connect(self.said)
            plot.opened.connect(self.opened)

    def show_measured(self, measured: Measured | None) -> None:
        """Another evaluation; only of numbers there is something to see."""
        self._measured = measured if measured is not None and measured.record.task == "regression" else None
        names = [] if self._measured is None else list(self._measured.record.classes)
        if [self.numbers.itemText(row) for row in range(self.numbers.count())] != names:
            self.numbers.clear()
            self.numbers.addItems(names)
        self.numbers.setVisible(bool(names))
        self._show_number(max(0, self.numbers.currentIndex()))

    def _show_number(self, place: int) -> None:
        if self._measured is not None:
            self.scatter.show_measured(self._measured, place)
            self.agreement.show_measured(self._measured, place)
