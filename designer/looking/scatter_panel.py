"""The last hidden layer as a scatter of cases, and which of them a lasso took."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QComboBox, QStackedWidget, QVBoxLayout, QWidget

from designer.busy import BusyLine
from designer.looking.question import Question
from designer.looking.scatter_groups import groups_of, said_of
from designer.looking.scatter_view import ScatterView
from designer.parts import Empty, button, label, row_of, spin_box
from runtime.looking.record import Record

_KIND = "scatter"
_MOST_CLUSTERS = 50


class ScatterPanel(QWidget):
    """Lays out the cases of a run when asked to. `cases_chosen` brings the keys of those within a lasso."""

    cases_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Path | None = None
        self._record: Record | None = None
        self.name_of: Callable[[str], str] = str  # how a case is named on the screen, by its key
        self._question = Question(_KIND, parent=self)
        self.layout_choice, self.part = QComboBox(), QComboBox()
        self.clusters = spin_box(
            0, _MOST_CLUSTERS, self.tr("How many clusters"), self.tr("no clusters")
        )
        self.begin_button = button(
            self.tr("Lay out"), self.tr("Put cases near each other that the network sees as alike."), primary=True
        )
        self.view = ScatterView()
        self.legend, self.says, self.fault = label(""), label("", "muted"), label("", "wrong")
        self.busy = BusyLine(self.tr("Stop laying out"))
        self.empty = Empty(
            self.tr("Which cases look alike to the network?"),
            self.tr("Press “Lay out”: each case becomes a small picture; those that the last hidden layer sees as "
                    "alike lie near each other. Draw a lasso around some to see which they are."),
        )  # fmt: skip
        self._lay_out()
        self._connect()

    def show_run(self, run: Path | None) -> None:
        """Be ready for a run folder; what was shown of another one is gone."""
        if run != self._run:
            self._question.forget()
            self._run, self._record = run, None
            self.pages.setCurrentIndex(0)
            self.fault.hide()
        self.begin_button.setEnabled(run is not None)

    def begin(self) -> None:
        """Lay the cases out as the choices say."""
        if self._run is None:
            return
        self.fault.hide()
        words = ["scatter", str(self._run), "--layout", self.layout_choice.currentData()]
        self._question.ask([*words, "--part", self.part.currentData(), "--clusters", str(self.clusters.value())])

    def close_down(self) -> None:
        """End what is on its way."""
        self._question.forget()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between light and dark: the legend is written in colours of its own."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_record") and self._record is not None:
            self.legend.setText(groups_of(self._record.facts).legend())

    def _on_answer(self, record: Record) -> None:
        self._record = record
        facts = record.facts
        groups = groups_of(facts)
        named = zip(map(self.name_of, facts["cases"]), facts["labels"], strict=True)
        titles = [f"{case}\n{own}" if own else case for case, own in named]
        self.view.show_cases(record.arrays["points"], record.arrays["pictures"], groups.of, titles)
        self.legend.setText(groups.legend())
        self.legend.setVisible(bool(groups.names))
        self.says.setText(said_of(facts))
        self.pages.setCurrentIndex(1)

    def _on_group(self, place: str) -> None:
        """A group of the legend: its cases are chosen."""
        if self._record is not None:
            self.view.choose(groups_of(self._record.facts).cases(int(place)))

    def _on_chosen(self, cases: Sequence[int]) -> None:
        if self._record is not None:
            self.cases_chosen.emit([self._record.facts["cases"][case] for case in cases])

    def _on_change(self) -> None:
        if self._question.busy:
            self.busy.begin(self.tr("Looking at all cases …"))
        self.busy.setVisible(self._question.busy)

    def _fail(self, reason: str) -> None:
        self.fault.setText(reason)
        self.fault.show()

    def _connect(self) -> None:
        self.layout_choice.addItem("t-SNE", "t-sne")
        self.layout_choice.addItem("PCA", "pca")
        self.layout_choice.setAccessibleName(self.tr("How two axes are made of many"))
        self.layout_choice.setToolTip(self.tr(
            "t-SNE keeps neighbours together; PCA (principal components) shows the two directions that differ most."
        ))  # fmt: skip
        self.part.addItem(self.tr("validation cases"), "validation")
        self.part.addItem(self.tr("training cases"), "train")
        self.part.setAccessibleName(self.tr("Part of the data"))
        self.clusters.setSuffix(self.tr(" clusters"))
        self.clusters.setToolTip(self.tr(
            "Gather the cases into so many groups by what the layer gives (k-means), without looking at labels. "
            "Click a group below the picture to see its cases."
        ))  # fmt: skip
        self.begin_button.clicked.connect(self.begin)
        self.legend.linkActivated.connect(self._on_group)
        self.busy.cancelled.connect(self._question.forget)
        self.view.chosen.connect(self._on_chosen)
        self._question.answered.connect(self._on_answer)
        self._question.failed.connect(self._fail)
        self._question.changed.connect(self._on_change)
        self.begin_button.setEnabled(False)

    def _lay_out(self) -> None:
        shown = QWidget()
        inside = QVBoxLayout(shown)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        inside.addWidget(self.view, 1)
        inside.addWidget(self.legend)
        inside.addWidget(self.says)
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(shown)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(row_of(self.layout_choice, self.part, self.clusters, self.begin_button))
        column.addWidget(self.busy)
        column.addWidget(self.fault)
        column.addWidget(self.pages, 1)
        self.fault.hide()
