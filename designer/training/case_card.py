"""A card for each case that is shown while a network learns: the picture, what was answered and what is true."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from designer.parts import judge, label
from designer.training.case_picture import CasePicture
from designer.training.case_words import Said, named_shares, said_of
from designer.training.share_bars import ShareBars, spoken_share
from runtime.seen_cases import Answer, Boxes, SeenCase, SeenCases

LEAST = 208  # pixels that a card is wide at least, for one picture or for three
LEAST_OF_THREE = 420
_HIGH, _HIGH_OF_THREE = 176, 132
_MOST_BARS = 3


class CaseCard(QFrame):
    """Shows one case of a run, in one epoch after the other."""

    def __init__(self, seen: SeenCases, case: SeenCase) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._case = case
        self._said = Said("")
        self.name = label(self._titled(), "small")
        self.said, self.more = label("", "title"), label("", "small")
        self.bars = ShareBars()
        three = seen.task == "image"
        high = _HIGH_OF_THREE if three else _HIGH
        self.picture, self.answer, self.truth = CasePicture(high), CasePicture(high), CasePicture(high)
        if case.picture is not None:
            self.picture.show_picture(case.picture)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.name)
        column.addLayout(self._three() if three else self._one(seen.task))
        for widget in (self.said, self.more, self.bars):
            column.addWidget(widget)
        column.addStretch(1)

    def show_answer(self, seen: SeenCases, answer: Answer) -> None:
        """What was answered in an epoch."""
        shares: Sequence[tuple[str, float, bool]] = ()
        if isinstance(answer, tuple):
            shares = named_shares(seen.classes, self._case, answer, _MOST_BARS)
        elif isinstance(answer, np.ndarray) and seen.task == "segmentation":
            self.picture.show_answer(answer, len(seen.classes))
        elif isinstance(answer, Boxes):
            self.picture.show_boxes(self._case.truth if isinstance(self._case.truth, Boxes) else None, answer)
        elif isinstance(answer, np.ndarray) and seen.task == "generated":
            self.picture.show_picture(answer)
        elif isinstance(answer, np.ndarray):
            self.answer.show_picture(answer)
        self._said = said_of(seen.task, seen.classes, self._case, answer, seen.unit)
        for text, told in ((self.said, self._said.text), (self.more, self._said.more)):
            text.setText(told)
            text.setVisible(bool(told))
        self.bars.show_shares(shares)
        self.bars.setVisible(bool(shares))
        spoken = [self.name.text(), self._said.text, self._said.more, *(spoken_share(*share) for share in shares)]
        self.setAccessibleName(". ".join(text for text in spoken if text))
        self.dress()

    def show_layers(self, filled: bool, outlines: bool) -> None:
        """Show or hide what was answered and what is true on the picture."""
        self.picture.shows_filled, self.picture.shows_outlines = filled, outlines
        self.picture.update()

    def dress(self) -> None:
        """Take the colours of the program's appearance."""
        judge(self.said, self._said.verdict)
        self.bars.update()

    def _titled(self) -> str:
        at = self._case.slice
        return self._case.name + (self.tr(", slice %s of %s") % at if at is not None else "")

    def _one(self, task: str) -> QHBoxLayout:
        if task == "segmentation" and isinstance(self._case.truth, np.ndarray):
            self.picture.show_truth(self._case.truth)
        made = task == "generated"
        self.picture.setAccessibleName(self.tr("Image made of noise") if made else self.tr("Picture of the case"))
        return _row(self.picture)

    def _three(self) -> QHBoxLayout:
        if isinstance(self._case.truth, np.ndarray):
            self.truth.show_picture(self._case.truth)
        titles = (self.tr("Given"), self.tr("Answered"), self.tr("Wanted"))
        return _row(*map(_under, titles, (self.picture, self.answer, self.truth)))


def _under(title: str, picture: CasePicture) -> QWidget:
    """A picture with a word above it."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addWidget(label(title, "small", wrap=False))
    column.addWidget(picture)
    picture.setAccessibleName(title)
    return made


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget, 1)
    return row
