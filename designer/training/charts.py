"""The plots of a run with their switches: losses above, metrics below, rate and pace on demand."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFileDialog, QSlider, QSplitter, QVBoxLayout, QWidget

from designer.gallery.flow import Flow
from designer.parts import button, label, row_of
from designer.training.curves import Curve, CurvePlot, curves_of
from designer.training.history import LOSSES, History
from designer.training.observations import PACE, RATE

_STEPS = 20


class Charts(QWidget):
    """Shows the history of a run, with others laid over."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.losses = CurvePlot(self.tr("Loss"))
        self.metrics = CurvePlot(self.tr("Metrics"))
        self.rate, self.pace = CurvePlot(self.tr("Learning rate")), CurvePlot(self.tr("Cases per second"))
        self._history = History()
        self._others: Mapping[str, History] = {}
        self._make_switches()
        self._lay_out()

    def _make_switches(self) -> None:
        self.log = QCheckBox(self.tr("Log scale of the loss"))
        self.log.setToolTip(self.tr("Show the loss on a logarithmic scale: small late changes become visible."))
        self.log.toggled.connect(self.losses.set_log)
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, _STEPS - 1)
        self.smoothing.setFixedWidth(120)
        self.smoothing.setAccessibleName(self.tr("Smoothing"))
        self.smoothing.setToolTip(self.tr("Smooths the curves (moving average). The values below stay as measured."))
        self.smoothing.valueChanged.connect(self._on_smoothing)
        self.more = QCheckBox(self.tr("Learning rate and pace"))
        self.more.setToolTip(self.tr("Show the learning rate and how many cases were learned from each second."))
        self.more.toggled.connect(self._on_more)
        self._copy = button(self.tr("Copy values"), self.tr("Copy all values of the shown run as CSV"))
        self._copy.clicked.connect(self.copy)
        self._save = button(self.tr("Save plots …"), self.tr("Save the plots as PNG or SVG"))
        self._save.clicked.connect(self.save)

    def _lay_out(self) -> None:
        self._below = QSplitter(Qt.Orientation.Horizontal)
        self._below.setHandleWidth(1)
        self.pace.setContentsMargins(12, 0, 0, 0)
        self._below.addWidget(self.rate)
        self._below.addWidget(self.pace)
        self._below.hide()
        split = QSplitter(Qt.Orientation.Vertical)
        split.setObjectName("charts")
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        for plots, share in ((self.losses, 3), (self.metrics, 3), (self._below, 2)):
            split.addWidget(plots)
            split.setStretchFactor(split.count() - 1, share)
        smooth = QWidget()
        beside = row_of(label(self.tr("Smoothing"), "muted", wrap=False), self.smoothing)
        beside.setContentsMargins(0, 0, 0, 0)
        smooth.setLayout(beside)
        switches = Flow(12)
        for widget in (self.log, self.more, smooth, self._copy, self._save):
            widget.setMinimumHeight(self._save.sizeHint().height())  # so that all stand on one line
            switches.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 0, 16, 8)
        column.addLayout(switches)
        column.addWidget(split, 1)

    def show_history(self, history: History, others: Mapping[str, History]) -> None:
        """Draw the run; `others` are laid over by name."""
        self._history = history
        losses = self._curves(history, others, list(LOSSES))
        self.losses.show_curves(losses, history.best_epoch)
        self.metrics.show_curves(self._curves(history, others, history.metric_names), history.best_epoch)
        self.metrics.setVisible(bool(history.metric_names))
        self._others = others
        self._draw_paces()

    def csv(self) -> str:
        """All values of the shown run: a row for each epoch."""
        whole = {**self._history.series, **self._history.seen.pace}
        series = {name: dict(points) for name, points in whole.items()}
        epochs = sorted({epoch for points in series.values() for epoch in points})
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["epoch", *series])
        writer.writerows([int(epoch), *(points.get(epoch, "") for points in series.values())] for epoch in epochs)
        return text.getvalue()

    def copy(self) -> None:
        """The values to the clipboard."""
        QGuiApplication.clipboard().setText(self.csv())

    def save(self) -> None:
        """Ask for a file and write the plots beside each other: NAME-loss, NAME-metrics and those of rate and pace."""
        title, kinds = self.tr("Save plots"), self.tr("Picture (*.png);;Drawing (*.svg)")
        name, _ = QFileDialog.getSaveFileName(self, title, str(Path.home() / "curves.png"), kinds)
        if name:
            self.write(Path(name))

    def write(self, file: Path) -> list[Path]:
        """Write the plots that are shown; the ending of the file says as what."""
        written = []
        plots = [(self.losses, "loss"), (self.metrics, "metrics")]
        plots += [(self.rate, "rate"), (self.pace, "pace")] if self.more.isChecked() else []
        for plot, part in plots:
            target = file.with_stem(f"{file.stem}-{part}")
            if file.suffix == ".svg":
                plot.draw_svg(target)
            else:
                plot.grab().save(str(target))
            written.append(target)
        return written

    def dress(self) -> None:
        """Take the colours of the program's appearance."""
        for plot in (self.losses, self.metrics, self.rate, self.pace):
            plot.dress()
            plot.redraw()

    def _on_more(self, shown: bool) -> None:
        self._below.setVisible(shown)
        self._draw_paces()

    def _draw_paces(self) -> None:
        """Learning rate and pace, while they are shown."""
        if self.more.isChecked():
            for plot, name in ((self.rate, RATE), (self.pace, PACE)):
                plot.show_curves(self._paces(self._history, self._others, name))

    def _on_smoothing(self, step: int) -> None:
        for plot in (self.losses, self.metrics):
            plot.set_smoothing(step / _STEPS)

    @staticmethod
    def _paces(history: History, others: Mapping[str, History], name: str) -> list[Curve]:
        runs = {"": history, **others}
        return [
            Curve(name, points, 0, faint=bool(run), run=run)
            for run, one in runs.items()
            if (points := one.seen.pace.get(name))
        ]

    @staticmethod
    def _curves(history: History, others: Mapping[str, History], names: list[str]) -> list[Curve]:
        made = curves_of(history.series, names)
        for run, other in others.items():
            made += curves_of(other.series, names, run=run, faint=True)
        return made
