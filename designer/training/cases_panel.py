"""A few validation cases with what the network answers, epoch after epoch: one sees it learn."""

from __future__ import annotations

import html
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QSlider, QStackedWidget, QVBoxLayout, QWidget

from designer.beside import Beside
from designer.gallery.flow import Flow
from designer.parts import Empty, label, row_of, scrolled
from designer.training.case_card import LEAST, LEAST_OF_THREE, CaseCard
from designer.training.case_picture import class_color
from designer.training.history import History
from runtime.seen_cases import Pixels, SeenCases, changed_at, read_cases

_GAP = 12


class CasesPanel(QStackedWidget):
    """The slider goes over the epochs that the run kept; at its right end it follows the newest."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = SeenCases()
        self.cards: list[CaseCard] = []
        self._folder: Path | None = None
        self._changed = 0
        self._epochs: tuple[int, ...] = ()
        self.reader = Beside(read_cases, self)
        self.reader.came.connect(self._on_read)
        self.empty = Empty("", "")
        self.told = label("", "title", wrap=False)
        self.legend = QLabel()
        self.legend.setProperty("role", "small")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setWordWrap(True)
        self.slider = self._made_slider()
        self.filled = self._made_switch(self.tr("Predicted: filled"), self.tr("Show what the network answers"))
        self.outlined = self._made_switch(self.tr("True: outlined"), self.tr("Show what is true"))
        self.area = scrolled(QWidget())
        self.addWidget(self.empty)
        self.addWidget(self._laid_out())

    def show_run(self, folder: Path | None, history: History) -> None:
        """Show the cases of a run; the file is read beside the window when it has changed."""
        if folder != self._folder:
            self._folder, self._changed = folder, 0
            self._show(SeenCases())
        self._say_why_empty(history)
        changed = changed_at(folder) if folder is not None else 0
        if folder is not None and changed != self._changed:
            self._changed = changed
            self.reader.ask(folder)

    def close_down(self) -> None:
        """The window is closing."""
        self.reader.close_down()

    def dress(self) -> None:
        """Take the colours of the program's appearance."""
        for card in self.cards:
            card.dress()

    @property
    def epoch(self) -> int:
        """The epoch that is shown, 0 when there is none."""
        return self._epochs[self.slider.value()] if self._epochs else 0

    def _made_slider(self) -> QSlider:
        made = QSlider(Qt.Orientation.Horizontal)
        made.setAccessibleName(self.tr("Epoch whose answers are shown"))
        made.setToolTip(self.tr("Look at earlier epochs (arrow keys); at the right end the newest is followed."))
        made.setMinimumWidth(160)
        made.setPageStep(4)
        made.valueChanged.connect(self._fill)
        return made

    def _made_switch(self, text: str, tip: str) -> QCheckBox:
        made = QCheckBox(text)
        made.setToolTip(tip)
        made.setChecked(True)
        made.toggled.connect(self._show_layers)
        return made

    def _laid_out(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 4, 16, 8)
        column.setSpacing(8)
        self.told.setMinimumWidth(150)
        column.addLayout(row_of(self.told, self.slider, stretch=1))
        switches = row_of(self.filled, self.outlined, self.legend, stretch=2)
        switches.setSpacing(16)
        column.addLayout(switches)
        column.addWidget(self.area, 1)
        return page

    def _say_why_empty(self, history: History) -> None:
        if history.done and self._changed == 0:
            self.empty.say(
                self.tr("This run kept no cases"),
                self.tr("It was trained before cases were kept, or it learns what cannot be shown like "
                        "this. A new training shows some after its first epoch."),
            )  # fmt: skip
        else:
            self.empty.say(
                self.tr("No case was answered yet"),
                self.tr("After the first epoch, a few cases of the validation part are shown here with what the "
                        "network answers, and one sees how it gets better from epoch to epoch."),
            )  # fmt: skip

    def _on_read(self, folder: Path, seen: SeenCases) -> None:
        if folder == self._folder:
            self._show(seen)

    def _show(self, seen: SeenCases) -> None:
        """Show what was read; the epoch that is looked at stays, or the newest is followed."""
        before, follows = self.epoch, self.slider.value() == self.slider.maximum()
        if not _same_cases(self.seen, seen):
            self._make_cards(seen)
        self.seen, self._epochs = seen, tuple(seen.epochs)
        last = max(len(self._epochs) - 1, 0)
        kept = next((place for place, epoch in enumerate(self._epochs) if epoch >= before), last)
        self.slider.blockSignals(True)
        self.slider.setRange(0, last)
        self.slider.setValue(last if follows else kept)
        self.slider.blockSignals(False)
        self.setCurrentIndex(1 if self._epochs else 0)
        self._fill()

    def _make_cards(self, seen: SeenCases) -> None:
        content = QWidget()
        grid = Flow(_GAP, LEAST_OF_THREE if seen.task == "image" else LEAST)
        content.setLayout(grid)
        self.cards = [CaseCard(seen, case) for case in seen.cases]
        for card in self.cards:
            grid.addWidget(card)
        self.area.setWidget(content)
        content.setAutoFillBackground(False)
        masks, boxes = seen.task == "segmentation", seen.task == "detection"
        self.filled.setText(self.tr("Predicted: dashed") if boxes else self.tr("Predicted: filled"))
        self.outlined.setText(self.tr("True: solid") if boxes else self.tr("True: outlined"))
        for widget in (self.filled, self.outlined):
            widget.setVisible(masks or boxes)
        self.legend.setVisible(masks or boxes or seen.task == "generated")
        self.legend.setText(self._legend(seen))
        self._show_layers()

    def _legend(self, seen: SeenCases) -> str:
        if seen.task == "generated":
            return self.tr("Made of the same noise in every epoch, each shown from its darkest to its brightest value")
        first = 1 if seen.task == "detection" else 0  # masks have a background, which has no colour
        return " &nbsp; ".join(_entry(name, place + first) for place, name in enumerate(seen.classes) if place + first)

    def _fill(self) -> None:
        """Show the answers of the chosen epoch."""
        if not self._epochs:
            return
        epoch = self.epoch
        planned = max(self.seen.planned, self._epochs[-1])
        self.told.setText(self.tr("Epoch %s of %s") % (epoch, planned))
        for card, answer in zip(self.cards, self.seen.epochs[epoch], strict=True):
            card.show_answer(self.seen, answer)

    def _show_layers(self) -> None:
        for card in self.cards:
            card.show_layers(self.filled.isChecked(), self.outlined.isChecked())


def _same_cases(one: SeenCases, other: SeenCases) -> bool:
    """Whether the cards can stay."""
    if (one.task, one.classes, len(one.cases)) != (other.task, other.classes, len(other.cases)):
        return False
    pairs = zip(one.cases, other.cases, strict=True)
    return all(a.name == b.name and _same_pixels(a.picture, b.picture) for a, b in pairs)


def _same_pixels(one: Pixels | None, other: Pixels | None) -> bool:
    return one is other if one is None or other is None else np.array_equal(one, other)


def _entry(name: str, place: int) -> str:
    return f'<nobr><span style="color: {class_color(place)}">■</span> {html.escape(name)}</nobr>'
