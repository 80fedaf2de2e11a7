"""Curves of a run: losses in one plot, metrics in another, other runs laid over, values read by hovering."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from designer.parts import label, row_of
from designer.plots import Decades, dress_plot
from designer.theme import Theme
from designer.training.history import Points, smoothed, spoken_name

_COLORS = ("#4f86f7", "#d98a3d", "#5aa469", "#c0628f", "#9b6dd6", "#3fa7a0", "#b59a2a", "#d9534f")
_FAINT = 90
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 20_000, 100_000)
_MOST_TICKS = 12
_LEAST_HEIGHT = 110  # pixels in which values can be told apart
_DASHED = Qt.PenStyle.DashLine


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a plot. Training is dashed, validation solid; other runs are fainter."""

    name: str
    points: Points
    color: int  # place in the list of colours
    dashed: bool = False
    faint: bool = False
    run: str = ""

    @property
    def shade(self) -> str:
        """Its colour."""
        return _COLORS[self.color % len(_COLORS)]

    @property
    def title(self) -> str:
        """The name in the legend."""
        return f"{spoken_name(self.name)} · {self.run}" if self.run else spoken_name(self.name)


class CurvePlot(QWidget):
    """A plot over epochs, redrawn as a whole: a run has some hundred points at most."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curves: Sequence[Curve] = ()
        self._best = 0
        self._log = False
        self._smoothing = 0.0
        self._title = label(title, "title", wrap=False)
        self.values = label("", "small", wrap=False)
        self.values.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.plot: Any = pg.PlotWidget(axisItems={"left": Decades("left")})
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMinimumHeight(_LEAST_HEIGHT)
        self.plot.setLimits(xMin=0, minXRange=2)
        self.plot.setAccessibleName(title)
        self.plot.scene().sigMouseMoved.connect(self._on_hover)
        self.legend = QLabel()
        self.legend.setProperty("role", "small")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setWordWrap(True)
        self._pointer: Any = pg.InfiniteLine(angle=90)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row_of(self._title, self.legend, stretch=1))
        column.addWidget(self.plot, 1)
        column.addWidget(self.values)
        self.dress()

    def dress(self) -> None:
        """Take the colours of the program's appearance."""
        theme = dress_plot(self.plot)
        self.plot.setLabel("bottom", self.tr("epoch"), color=theme.muted)
        self._pointer.setPen(QPen(QColor(theme.faint)))

    def show_curves(self, curves: Sequence[Curve], best_epoch: int = 0) -> None:
        """Draw these curves, with the best epoch marked."""
        self.curves, self._best = curves, best_epoch
        self.redraw()

    def set_log(self, log: bool) -> None:
        """Show values on a logarithmic or a linear scale."""
        self._log = log
        self.redraw()

    def set_smoothing(self, amount: float) -> None:
        """Smooth the curves; 0 shows them as they are."""
        self._smoothing = amount
        self.redraw()

    def redraw(self) -> None:
        """Draw everything anew."""
        self.plot.clear()
        self.legend.setText(" &nbsp; ".join([*map(_entry, self.curves), *self._best_entry()]))
        for curve in self.curves:
            self._draw(curve)
        if self._best:
            pen = QPen(QColor(Theme.current().good))
            pen.setStyle(_DASHED)
            pen.setCosmetic(True)
            self.plot.addItem(pg.InfiniteLine(self._best, 90, pen), ignoreBounds=True)
        last = max((curve.points[-1][0] for curve in self.curves), default=1.0)
        step = next(step for step in _STEPS if last / step <= _MOST_TICKS)
        self.plot.getAxis("bottom").setTickSpacing(step, step)
        self._fit_values()
        self._pointer.hide()
        self.plot.addItem(self._pointer, ignoreBounds=True)

    def draw_svg(self, file: Path) -> None:
        """Write title, legend and plot as a drawing."""
        drawing = QSvgGenerator()
        drawing.setFileName(str(file))
        drawing.setSize(self.size())
        drawing.setViewBox(self.rect())
        painter = QPainter(drawing)
        self.render(painter, QPoint())
        painter.end()

    def value_text(self, epoch: int) -> str:
        """What all curves say at an epoch."""
        read = [(curve.title, dict(curve.points).get(float(epoch))) for curve in self.curves]
        values = [f"{title} {value:.4g}" for title, value in read if value is not None]
        return self.tr("epoch %s") % epoch + ":  " + "   ".join(values) if values else ""

    def _draw(self, curve: Curve) -> None:
        points = smoothed(curve.points, self._smoothing)
        if self._log:
            points = [(x, y) for x, y in points if y > 0]
        color = QColor(curve.shade)
        color.setAlpha(_FAINT if curve.faint else 255)
        pen = pg.mkPen(color, width=2 if not curve.faint else 1.5, style=_DASHED if curve.dashed else None)
        xs, ys = [x for x, _ in points], [y for _, y in points]
        dots = {"symbol": "o", "symbolSize": 5, "symbolBrush": color, "symbolPen": None} if len(points) < 40 else {}
        self.plot.setLogMode(False, self._log)
        self.plot.plot(xs, ys, pen=pen, antialias=True, **dots)

    def _fit_values(self) -> None:
        """A curve that does not change lies in the middle of a scale of its own size, not of one from -0.5 to 0.5."""
        values = [value for curve in self.curves for _, value in curve.points]
        low, high = min(values, default=0.0), max(values, default=0.0)
        if values and not self._log and high > 0 and high - low < 1e-6 * high:
            self.plot.setYRange(0, 2 * high, padding=0)
        else:
            self.plot.enableAutoRange(axis="y")

    def _best_entry(self) -> list[str]:
        """The line of the best epoch is named beside the curves: a word in the plot would cover them."""
        text = self.tr("best: epoch %s") % self._best
        return [f'<nobr><span style="color: {Theme.current().good}">┆ {text}</span></nobr>'] if self._best else []

    def _on_hover(self, place: QPointF) -> None:
        inside = self.plot.plotItem.sceneBoundingRect().contains(place)
        epoch = round(self.plot.plotItem.vb.mapSceneToView(place).x()) if inside else 0
        text = self.value_text(epoch) if epoch > 0 else ""
        self.values.setText(text)
        self._pointer.setVisible(bool(text))
        self._pointer.setPos(epoch)


def curves_of(
    series: Mapping[str, Points], names: Sequence[str], *, run: str = "", faint: bool = False
) -> list[Curve]:
    """The curves with these names, training and validation of one metric in one colour."""
    plain_names = list(dict.fromkeys(_base(name) for name in names))
    alone = len(plain_names) == 1
    made = []
    for name in names:
        train = name.startswith("train_")
        color = (1 if train else 0) if alone else plain_names.index(_base(name))
        made.append(Curve(name, series.get(name, ()), color, dashed=train, faint=faint, run=run))
    return [curve for curve in made if curve.points]


def _entry(curve: Curve) -> str:
    """An entry of the legend: a piece of the line, and its name."""
    line = "╌╌" if curve.dashed else "━━"
    return f'<nobr><span style="color: {curve.shade}">{line}</span> {html.escape(curve.title)}</nobr>'


def _base(name: str) -> str:
    return name.partition("_")[2]
