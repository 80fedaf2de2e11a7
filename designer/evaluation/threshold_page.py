"""The page of the threshold: both curves, the operating point, and the cases that flip, all moving together."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListView, QVBoxLayout, QWidget

from designer.evaluation.case_choice import CaseChoice
from designer.evaluation.case_grid import CARD, CaseGrid
from designer.evaluation.case_pictures import CasePictures
from designer.evaluation.threshold_curves import PrecisionRecall, RocCurve
from designer.evaluation.threshold_panel import ThresholdPanel
from designer.evaluation.working_point import WorkingPoint
from designer.parts import button, label, row_of, scrolled, set_possible

_PANEL = 392
_STRIP = 60  # cases that are shown in the strip at most


class ThresholdPage(QWidget):
    """Moves nothing itself: everything follows the working point."""

    said = Signal(str, str)
    opened = Signal(int)
    flipped_asked = Signal()

    def __init__(
        self, point: WorkingPoint, choice: CaseChoice, pictures: CasePictures, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._point, self._choice = point, choice
        self.roc, self.precision = RocCurve(point), PrecisionRecall(point)
        self.panel = ThresholdPanel(point)
        self.flips = CaseGrid(choice, pictures, self.tr("Cases that flip"))
        self.flips_title = label("", "title")
        self.flips_button = button(self.tr("Show them in the gallery"))
        self._lay_out()
        for part in (self.roc, self.precision, self.panel):
            part.said.connect(self.said)
        self.flips.opened.connect(self.opened)
        self.flips_button.clicked.connect(self.flipped_asked)
        point.moved.connect(self._on_moved)

    def _lay_out(self) -> None:
        self.flips.setWrapping(False)
        self.flips.setFlow(QListView.Flow.LeftToRight)
        self.flips.setFixedHeight(CARD.height() + 24)
        self.flips.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        curves = QHBoxLayout()
        curves.setSpacing(16)
        for plot in (self.roc, self.precision):
            curves.addWidget(plot, 1)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(curves, 1)
        left.addLayout(row_of(self.flips_title, self.flips_button, stretch=0))
        left.addWidget(self.flips)
        side = scrolled(self.panel)
        side.setFixedWidth(_PANEL)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.setSpacing(24)
        whole.addLayout(left, 1)
        whole.addWidget(side)

    def _on_moved(self) -> None:
        point = self._point
        flipped = point.flipped()
        self._choice.flip(frozenset(flipped))
        self.flips.show_cases(flipped[:_STRIP])
        self.flips_title.setText(self._told(len(flipped)))
        self.flips.setVisible(bool(flipped))
        none = "" if flipped else self.tr("No case is called otherwise at this threshold.")
        set_possible(self.flips_button, none, self.tr("All cases that this threshold calls otherwise"))

    def _told(self, count: int) -> str:
        point = self._point
        start = f"{point.baseline:.3f}".rstrip("0")
        if not count:
            return self.tr("No case flips: as at %s") % start
        into = point.name if point.threshold < point.baseline else point.other
        noun = self.tr("1 case becomes %s") if count == 1 else self.tr("%s cases become %%s") % count
        return (noun % into) + self.tr(" (as against %s)") % start
