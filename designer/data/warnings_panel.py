"""What should be known before the data are used: each finding with what to do, and the way to its cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from designer.data.cases import CaseBook
from designer.data.facts_panel import warnings_of
from designer.data.nothing import Nothing
from designer.data.pixels_note import PixelsNote
from designer.parts import button, counted, label, row_of, without_options
from runtime.data.corrections import corrections_in
from runtime.data.split_how import PartCounts
from runtime.data.warning_record import DataWarning

_MOST = 60  # cards


class WarningsPanel(QWidget):
    """One card for each finding; buttons lead to the cases, or to another choice of masks."""

    cases_asked = Signal()  # they are chosen in the book
    labels_asked = Signal(str)
    again_asked = Signal()  # to read the folder anew
    split_asked = Signal()  # to see how the cases are divided

    def __init__(self, book: CaseBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self.cards: list[QFrame] = []
        self._seen: Sequence[DataWarning] = ()  # in pixels
        self._divided: Sequence[str] = ()
        self._made_of: object = None  # what the cards were made of
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(8)
        self.nothing = Nothing("", "")
        self.stale = self._make_stale()
        self.pixels = PixelsNote()
        self.pixels.again.clicked.connect(self.again_asked)
        for part in (self.stale, self.nothing, self.pixels):
            self._column.addWidget(part)
        self._column.addStretch(1)
        book.names_changed.connect(self.refresh)
        self.refresh()

    @property
    def texts(self) -> list[str]:
        """What is said, in order."""
        return [card.accessibleName() for card in self.cards]

    def show_seen(self, findings: Sequence[DataWarning]) -> None:
        """What the pixels tell."""
        self._seen = findings
        self.refresh()

    def show_division(self, counts: PartCounts) -> None:
        """What is to be thought of the way in which the cases are divided."""
        self._divided = [without_options(text) for text in (*counts.problems, *counts.warnings)]
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        self._show_cards(self._findings()[:_MOST])
        self.stale.setVisible(self._out_of_date())
        found = self._book.found
        known = found is not None and bool(found.dataset)
        title = self.tr("Nothing to warn of") if known else self.tr("No data yet")
        says = self.tr("Labels, patients, scanners and headers were looked at.") if known else self.tr(
            "Drop a folder of images; what should be known before it is used is told here.")  # fmt: skip
        self.nothing.say(title, says)
        self.nothing.setVisible(not self.cards)
        self.pixels.show_found(found if known else None)

    def _show_cards(self, findings: list[tuple[str, str, Sequence[str], str]]) -> None:
        """Make the cards anew, if they would be others."""
        settings = self._book.found.settings if self._book.found is not None else {}
        texts = [self._book.names.hidden_in(text) for text, *_ in findings]
        made_of = (findings, texts, list(settings.get("choices", ())), list(self._divided))
        if made_of == self._made_of:
            return
        self._made_of = made_of
        for card in self.cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [self._card(*finding) for finding in findings]
        for place, card in enumerate(self.cards):
            self._column.insertWidget(place + 1, card)

    def _make_stale(self) -> QFrame:
        made = QFrame()
        made.setProperty("role", "card")
        again = button(self.tr("Read again"), self.tr("Read the folder, and look for warnings with what was mended"))
        again.clicked.connect(self.again_asked)
        column = QVBoxLayout(made)
        column.setContentsMargins(12, 10, 12, 10)
        column.addWidget(label(self.tr(
            "Labels were mended, or cases left out, by hand: the warnings below are those of the data before."
        )))  # fmt: skip
        column.addLayout(row_of(again))
        return made

    def _out_of_date(self) -> bool:
        """Whether something was mended, or taken back, since the warnings were made."""
        found, held = self._book.found, self._book.corrections
        return bool(found is not None and found.dataset) and held != corrections_in(list(found.mended if found else ()))

    def _findings(self) -> list[tuple[str, str, Sequence[str], str]]:
        """Text, advice, keys of cases and tone of each; problems first."""
        found = self._book.found
        if found is None:
            return []
        told: list[tuple[str, str, Sequence[str], str]] = [(str(text), "", (), "wrong") for text in found.problems]
        told += [(text, "", (), "warning") for text in self._divided if found.dataset]
        told += [(one.text, one.advice, one.cases, "warning") for one in self._seen if found.looks is not None]
        told += [(str(one["text"]), str(one["advice"]), one["cases"], "warning") for one in found.findings]
        said = {str(finding["text"]) for finding in found.findings}
        notes = [] if found.problems and not found.settings else warnings_of(found)
        told += [(text, "", (), "") for text in notes if text not in said]
        return told

    def _card(self, text: str, advice: str, keys: Sequence[str], tone: str) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card")
        card.setAccessibleName(self._book.names.hidden_in(text))
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        column.addWidget(label(self._book.names.hidden_in(text), tone))  # type: ignore[arg-type]
        if advice:
            column.addWidget(label(advice, "small"))
        buttons = self._buttons(text, keys)
        if buttons:
            row = QHBoxLayout()
            for made in buttons:
                row.addWidget(made)
            row.addStretch(1)
            column.addLayout(row)
        return card

    def _buttons(self, text: str, keys: Sequence[str]) -> list[QWidget]:
        settings: Mapping[str, Any] = self._book.found.settings if self._book.found is not None else {}
        made: list[QWidget] = []
        if keys:
            show = button(self.tr("Show %s") % counted(len(keys), "case"), self.tr("Choose them in the table of cases"))
            show.clicked.connect(lambda: self._show_cases(keys))
            made.append(show)
        if text in self._divided:
            split = button(self.tr("See the split"), self.tr("Go to “Split”, where the division is set"))
            split.clicked.connect(self.split_asked)
            made.append(split)
        for choice in settings.get("choices", ()):
            if str(choice) in text and "mask" in text:
                take = button(self.tr("Use %s") % choice, self.tr("Take the masks in these folders as labels"))
                take.clicked.connect(lambda _checked=False, name=str(choice): self.labels_asked.emit(name))
                made.append(take)
        return made

    def _show_cases(self, keys: Sequence[str]) -> None:
        self._book.choose(self._book.of_keys(keys))
        self.cases_asked.emit()
