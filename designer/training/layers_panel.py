"""Weights and gradients of each layer: norms over the epochs, how they are spread, which layers are dead or explode."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSplitter,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.parts import Empty, button, label, row_of
from designer.theme import Theme
from designer.training.curves import Curve, CurvePlot
from designer.training.histogram_plot import HistogramPlot
from designer.training.history import History
from designer.training.layers_file import LayersFile, changed_at, read_layers
from designer.training.observations import Observations
from runtime.coach.health import Health

_NODE = Qt.ItemDataRole.UserRole
_MOST = 8  # curves that can be told apart


class LayersPanel(QStackedWidget):
    """A row for each layer with trained numbers; the chosen ones are drawn."""

    def __init__(self) -> None:
        super().__init__()
        self._seen = Observations()
        self._file = LayersFile()
        self._mark: tuple[Path, int] | None = None
        self._health: Mapping[str, Health] = {}
        self.empty = Empty(
            self.tr("Nothing was seen of the layers yet"),
            self.tr("Weights and gradients of each layer are shown after the first epoch of a run."),
        )
        self.list = self._made_list()
        self.note = label("", "small")
        self.weights = CurvePlot(self.tr("Norm of the weights"))
        self.gradients = CurvePlot(self.tr("Norm of the gradients"))
        self.spread, self.leaning = HistogramPlot(self.tr("Weights")), HistogramPlot(self.tr("Gradients"))
        for plot in (self.weights, self.gradients):
            plot.set_log(True)
        self.addWidget(self.empty)
        self.addWidget(self._laid_out())

    def show_run(self, folder: Path | None, history: History) -> None:
        """Show the layers of a run."""
        self._seen = history.seen
        self._read_file(folder)
        self._health = self._seen.health()
        self.setCurrentIndex(1 if self._seen.weights else 0)
        self._fill()
        self._draw()

    def _read_file(self, folder: Path | None) -> None:
        """Read the histograms, if they are not those that were read before."""
        mark = (folder, changed_at(folder)) if folder is not None else None
        if mark != self._mark:
            self._mark = mark
            self._file = read_layers(folder) if folder is not None else LayersFile()

    def csv(self) -> str:
        """A row for each layer and epoch."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["layer", "epoch", "weights", "gradients", "gradients_that_are_0"])
        for node, points in self._seen.weights.items():
            gradients, still = dict(self._seen.gradients.get(node, ())), dict(self._seen.still.get(node, ()))
            for epoch, norm in points:
                writer.writerow([self._name(node), int(epoch), norm, gradients.get(epoch, ""), still.get(epoch, "")])
        return text.getvalue()

    def copy(self) -> None:
        """All values to the clipboard."""
        QGuiApplication.clipboard().setText(self.csv())

    def dress(self) -> None:
        """Take the colours of the program's appearance."""
        for plot in (self.weights, self.gradients, self.spread, self.leaning):
            plot.dress()
        self._fill()
        self._draw()

    def chosen(self) -> list[str]:
        """The node ids of the chosen rows; without any, the first layers."""
        picked = [str(item.data(0, _NODE)) for item in self.list.selectedItems()]
        return (picked or list(self._seen.weights))[:_MOST]

    def _made_list(self) -> QTreeWidget:
        made = QTreeWidget()
        made.setAccessibleName(self.tr("Layers with trained numbers"))
        made.setHeaderLabels([self.tr("Layer"), self.tr("State"), self.tr("Weights"), self.tr("Gradients")])
        made.setRootIsDecorated(False)
        made.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        made.setToolTip(self.tr("Choose layers to draw them. A norm is the length (L2) of all numbers of a layer."))
        made.setMinimumWidth(300)
        made.header().setStretchLastSection(False)
        made.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2, 3):
            made.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        made.itemSelectionChanged.connect(self._draw)
        return made

    def _laid_out(self) -> QWidget:
        copy = button(self.tr("Copy values"), self.tr("Copy the norms of all layers in all epochs as CSV"))
        copy.clicked.connect(self.copy)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 12, 0)
        column.addWidget(self.list, 1)
        column.addWidget(self.note)
        column.addLayout(row_of(copy))
        plots = QSplitter(Qt.Orientation.Vertical)
        for pair in ((self.weights, self.gradients), (self.spread, self.leaning)):
            row = QSplitter(Qt.Orientation.Horizontal)
            for plot in pair:
                row.addWidget(plot)
            row.setChildrenCollapsible(False)
            row.setHandleWidth(1)
            plots.addWidget(row)
        plots.setHandleWidth(1)
        for plot in (self.weights, self.gradients, self.spread, self.leaning):
            plot.setContentsMargins(12, 4, 0, 8)
        plots.setChildrenCollapsible(False)
        whole = QSplitter(Qt.Orientation.Horizontal)
        whole.setObjectName("layers")
        whole.setChildrenCollapsible(False)
        whole.setHandleWidth(1)
        whole.addWidget(left)
        whole.addWidget(plots)
        whole.setSizes([380, 700])
        whole.setStretchFactor(1, 1)
        page = QWidget()
        inside = QVBoxLayout(page)
        inside.setContentsMargins(16, 4, 16, 8)
        inside.addWidget(whole)
        return page

    def _fill(self) -> None:
        """Bring the rows up to date; the chosen ones stay chosen."""
        nodes = list(self._seen.weights)
        if nodes != [str(item.data(0, _NODE)) for item in self._items()]:
            self.list.blockSignals(True)
            self.list.clear()
            for node in nodes:
                item = QTreeWidgetItem()
                item.setData(0, _NODE, node)
                self.list.addTopLevelItem(item)
            self.list.blockSignals(False)
        for item in self._items():
            self._write(item, str(item.data(0, _NODE)))
        self.note.setText(self._told())

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _write(self, item: QTreeWidgetItem, node: str) -> None:
        health = self._health.get(node, "learns")
        words, why = self._words(health)
        item.setText(0, self._name(node))
        item.setText(1, words)
        item.setText(2, _last(self._seen.weights.get(node, ())))
        item.setText(3, _last(self._seen.gradients.get(node, ())))
        theme = Theme.current()
        color = {"learns": theme.text, "vanishing": theme.warning}.get(health, theme.error)
        item.setForeground(1, QColor(color))
        for column in range(4):
            item.setToolTip(column, f"{self._name(node)}: {why}")

    def _words(self, health: Health) -> tuple[str, str]:
        return {
            "learns": (self.tr("learns"), self.tr("gradients reach it and its weights stay within bounds.")),
            "dead": (
                self.tr("dead"),
                self.tr("no gradient reaches it, so it learns nothing; often a ReLU behind it never opens. Lower the "
                        "learning rate, use Leaky ReLU, or put Batch normalisation after it."),
            ),
            "vanishing": (
                self.tr("hardly learns"),
                self.tr("its gradients are ten thousand times smaller than those of the others. Normalisation between "
                        "the layers or a skip connection lets them through."),
            ),
            "exploding": (
                self.tr("exploding"),
                self.tr("its gradients or weights grow beyond its size. Lower the learning rate, or clip gradients."),
            ),
        }[health]  # fmt: skip

    def _told(self) -> str:
        bad = sum(health != "learns" for health in self._health.values())
        ill = self.tr("%s of %s layers do not learn as they should. ") % (bad, len(self._health)) if bad else ""
        when = self.tr("Gradients were last looked at in epoch %s.") % self._file.epoch if self._file.epoch else ""
        return ill + when

    def _draw(self) -> None:
        nodes = self.chosen()
        self.weights.show_curves(self._curves(self._seen.weights, nodes))
        self.gradients.show_curves(self._curves(self._seen.gradients, nodes))
        first = nodes[0] if nodes else ""
        name = self._name(first) if first else ""
        self.spread.show_histogram(name, self._file.weights.get(first))
        self.leaning.show_histogram(name, self._file.gradients.get(first))

    def _curves(self, series: Mapping[str, Sequence[tuple[float, float]]], nodes: Sequence[str]) -> list[Curve]:
        return [Curve(self._name(node), series[node], place) for place, node in enumerate(nodes) if series.get(node)]

    def _name(self, node: str) -> str:
        return self._file.names.get(node, node)


def _last(points: Sequence[tuple[float, float]]) -> str:
    return f"{points[-1][1]:.3g}" if points else "–"
