"""Error against cost: a point for each run, and the runs that no cheaper one beats joined by a line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.parts import label
from designer.plots import dress_plot
from designer.runs.words import began
from designer.theme import Theme, font
from designer.training.history import spoken_name
from runtime.amounts import short
from runtime.comparison import COSTS, best_of
from runtime.run_facts import RunFacts


class _Counts(pg.AxisItem):  # type: ignore[misc]
    """Numbers with k, M, G, as everywhere in the program."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """The words at the ticks."""
        return [short(max(0, round(value * scale))) for value in values]


class CostPlot(QWidget):
    """The error of the best epoch (1 - accuracy and the like, or the loss) over what one case or the network costs."""

    chosen = Signal(object)  # the folder of a point that was clicked

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs: Sequence[RunFacts] = ()
        self.cost = "multiply_adds"
        self.front: tuple[int, ...] = ()
        self.plot: Any = pg.PlotWidget(axisItems={"bottom": _Counts("bottom")})
        self.plot.plotItem.vb.setDefaultPadding(0.12)  # room for the names of the outermost points
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setAccessibleName(self.tr("Error against cost"))
        self.note = label("", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot, 1)
        column.addWidget(self.note)
        self.dress()

    def dress(self) -> None:
        """Take the colours of the program's appearance."""
        dress_plot(self.plot, left=64)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).enableAutoSIPrefix(False)
        self.redraw()

    def show_runs(self, runs: Sequence[RunFacts], cost: str) -> None:
        """Draw these runs over this cost."""
        self.runs, self.cost = runs, cost
        self.redraw()

    def redraw(self) -> None:
        """Draw everything anew."""
        self.plot.clear()
        cost_of = COSTS[self.cost]
        self.front = best_of(self.runs, cost_of)
        places = self._judged()
        theme = Theme.current()
        nouns = {one.one_case for one in self.runs}
        one = nouns.pop() if len(nouns) == 1 else "case"
        unit = self.tr("multiply-adds per %s") % one if self.cost == "multiply_adds" else self.tr("parameters")
        metric = self.runs[places[0]].metric if places else ""
        self.plot.setLabel("bottom", unit, color=theme.muted)
        self.plot.setLabel("left", self._error_name(places), color=theme.muted)
        known = {place: (float(cost_of(self.runs[place]) or 0), float(self.runs[place].error or 0)) for place in places}
        self._draw_front([known[place] for place in self.front], theme)
        spots = [
            {
                "pos": known[place], "data": place, "size": 12 if place in self.front else 9,
                "brush": QColor(theme.good if place in self.front else theme.accent), "pen": pg.mkPen(theme.canvas),
                "symbol": "d" if place in self.front else "o",
            }
            for place in sorted(places, key=lambda one: one in self.front)  # the best lie above others of their place
        ]  # fmt: skip
        points = pg.ScatterPlotItem(spots, hoverable=True, hoverSize=14, tip=self._tip)
        points.sigClicked.connect(self._on_click)
        self.plot.addItem(points)
        self._name_front(known, theme)
        self._fit(list(known.values()))
        self.note.setText(self._words(places, metric))

    def _judged(self) -> list[int]:
        """The runs that can be set against each other: judged by one metric, at a cost that is known."""
        cost_of = COSTS[self.cost]
        known = [place for place, one in enumerate(self.runs) if one.error is not None and cost_of(one) is not None]
        return [place for place in known if self.runs[place].metric == self.runs[known[0]].metric]

    def _error_name(self, places: Sequence[int]) -> str:
        if not places:
            return self.tr("error")
        first = self.runs[places[0]]
        name = spoken_name(first.metric)
        return f"1 − {name}" if first.higher else name

    def _draw_front(self, points: Sequence[tuple[float, float]], theme: Theme) -> None:
        """A stair: between two runs nothing better is known than the cheaper one."""
        corners: list[tuple[float, float]] = []
        for x, y in points:
            corners += [(x, corners[-1][1]), (x, y)] if corners else [(x, y)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        pen = pg.mkPen(QColor(theme.good), width=1.5, style=Qt.PenStyle.DashLine)
        self.plot.plot(xs, ys, pen=pen, antialias=True)

    def _fit(self, points: Sequence[tuple[float, float]]) -> None:
        """Runs of one cost, or one error, stand in the middle of a scale of their own size."""
        for axis, show in enumerate((self.plot.setXRange, self.plot.setYRange)):
            values = [point[axis] for point in points]
            if values and max(values) == min(values):
                room = values[0] / 2 or 0.1
                show(values[0] - room, values[0] + room, padding=0)
            else:
                self.plot.enableAutoRange(axis="xy"[axis])

    def _name_front(self, known: dict[int, tuple[float, float]], theme: Theme) -> None:
        for place in self.front:
            text = pg.TextItem(began(Path(self.runs[place].run)), color=QColor(theme.muted), anchor=(0.5, 1.3))
            text.setFont(font(small=True))
            text.setPos(*known[place])
            self.plot.addItem(text, ignoreBounds=True)

    def _tip(self, x: float, y: float, data: int) -> str:
        facts = self.runs[data]
        return f"{began(Path(facts.run))}\n{spoken_name(facts.metric)} {facts.value:.4g}, {short(round(x))}"

    def _words(self, places: Sequence[int], metric: str) -> str:
        if not places:
            return self.tr("None of these runs has a best epoch yet.")
        best = self.tr("◆ the best for their cost: no cheaper run is better.")
        left = len(self.runs) - len(places)
        other = self.tr(" %s without %s or without a cost that is known.") % (left, spoken_name(metric)) if left else ""
        return best + other

    def _on_click(self, _item: object, points: Sequence[Any]) -> None:
        if len(points):
            self.chosen.emit(Path(self.runs[points[0].data()].run))
