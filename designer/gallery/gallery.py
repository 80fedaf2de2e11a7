"""The templates as cards: grouped by task, found by typing, narrowed by tags, walked with the arrows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from designer.gallery.card import CARD, Card
from designer.gallery.flow import Flow
from designer.gallery.reader import Reader
from designer.gallery.tags import Chips, offered, title_of
from designer.parts import button, label
from runtime.templates import Template

HANDFUL = 6
"""More templates than these can be searched."""
_GAP = 12
_SEARCH = 280
_RESTS = 250  # milliseconds that the mouse rests on a card before it is explained: it may be on its way elsewhere


class Gallery(QWidget):
    """One card for each template, and one for an empty drawing."""

    chosen = Signal(str)  # the template's name, "" for an empty drawing
    looked_at = Signal(object)  # the Template that the mouse rests on, or that has the focus

    def __init__(self, templates: Sequence[Template], file_of: Callable[[str], Path], reader: Reader) -> None:
        super().__init__()
        self.cards: dict[str, Card] = {}
        self._titles: dict[str, QLabel] = {}
        self._resting: Template | None = None
        self._rests = QTimer(self)
        self._rests.setSingleShot(True)
        self._rests.setInterval(_RESTS)
        self._rests.timeout.connect(self._tell_rest)
        self.search = _Search()
        self.search.setPlaceholderText(self.tr("Find a template …"))
        self.search.setAccessibleName(self.tr("Find a template"))
        self.search.setToolTip(self.tr("Type what it is for or how it is called. The arrow down leads to the cards."))
        self.search.setMaximumWidth(_SEARCH)
        self.chips = Chips(offered(templates))
        self.nothing = _Nothing()
        self.flow = Flow(_GAP, least=CARD.width() - 48)
        self._lay_out(len(templates) > HANDFUL)
        groups = dict.fromkeys(entry.task for entry in templates)
        for entry in (*(one for task in groups for one in templates if one.task == task), self._empty()):
            self._add_title(entry.task)
            self._add(Card(entry, file_of(entry.name) if entry.name else None, reader))
        self.search.textChanged.connect(self._narrow)
        self.search.goes_down.connect(self._enter)
        self.search.accepted.connect(self._enter)
        self.chips.changed.connect(self._narrow)
        self.nothing.all.clicked.connect(self.show_all)
        self._narrow()

    def shown(self) -> list[Card]:
        """The cards that fit what was asked for."""
        return [card for card in self.cards.values() if not card.isHidden()]

    def show_all(self) -> None:
        """Forget what was asked for."""
        self.search.clear()
        self.chips.clear()
        self.search.setFocus()

    def _lay_out(self, many: bool) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_GAP)
        if many:
            column.addWidget(self.search)
            column.addWidget(self.chips)
        else:
            self.search.setParent(self)
            self.chips.setParent(self)
            self.search.hide()
            self.chips.hide()
        column.addWidget(self.nothing)
        column.addLayout(self.flow)

    def _empty(self) -> Template:
        says = self.tr("An empty canvas. Nodes are put in one by one, from the palette or with a double click.")
        return Template("", self.tr("Empty drawing"), "", says, self.tr("Draw a network of your own."))

    def _add_title(self, task: str) -> None:
        """Above the first template of a task, and above the empty drawing."""
        if task not in self._titles:
            self._titles[task] = label(title_of(task) if task else self.tr("Something of your own"), "title")
            self.flow.add_line(self._titles[task])

    def _add(self, card: Card) -> None:
        name = card.template.name
        card.focused.connect(lambda: self.looked_at.emit(card.template))
        card.pointed_at.connect(lambda there: self._rest_on(card.template if there else None))
        card.clicked.connect(lambda _checked=False: self.chosen.emit(name))
        card.goes.connect(lambda key: self._walk(card, key))
        self.flow.addWidget(card)
        self.cards[name] = card

    def _narrow(self) -> None:
        words, tags = self.search.text(), self.chips.chosen()
        for card in self.cards.values():
            card.setVisible(card.fits(words, tags))
        tasks = {card.template.task for card in self.shown()}
        for task, title in self._titles.items():
            title.setVisible(task in tasks)
        self.nothing.setVisible(not tasks)
        self.flow.invalidate()

    def _rest_on(self, template: Template | None) -> None:
        self._resting = template
        self._rests.start()

    def _tell_rest(self) -> None:
        if self._resting is not None:
            self.looked_at.emit(self._resting)

    def _enter(self) -> None:
        """From the search to the first card."""
        for card in self.shown()[:1]:
            card.setFocus(Qt.FocusReason.TabFocusReason)

    def _walk(self, card: Card, key: Qt.Key) -> None:
        """Go to the neighbour in this direction; above the first row is the search."""
        shown = self.shown()
        at, last = shown.index(card), len(shown) - 1
        steps = {Qt.Key.Key_Left: at - 1, Qt.Key.Key_Right: at + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        to = shown[min(max(steps[key], 0), last)] if key in steps else self._in_next_row(card, key)
        if to is not None:
            to.setFocus(Qt.FocusReason.TabFocusReason)
        elif key is Qt.Key.Key_Up and self.search.isVisible():
            self.search.setFocus(Qt.FocusReason.TabFocusReason)

    def _in_next_row(self, card: Card, key: Qt.Key) -> Card | None:
        """The card nearest to this one in the row above or below; None where there is no such row."""
        self.flow.activate()
        if key is Qt.Key.Key_Up:
            beyond = [other for other in self.shown() if other.y() < card.y()]
        else:
            beyond = [other for other in self.shown() if other.y() > card.y()]
        distance = {other: (abs(other.y() - card.y()), abs(other.x() - card.x())) for other in beyond}
        return min(beyond, key=distance.__getitem__, default=None)


class _Search(QLineEdit):
    """The field over the cards: arrow down and Enter lead to them, Escape empties it."""

    goes_down = Signal()
    accepted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match Qt.Key(event.key()):
            case Qt.Key.Key_Down:
                self.goes_down.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.accepted.emit()
            case Qt.Key.Key_Escape if self.text():
                self.clear()
            case _:
                super().keyPressEvent(event)


class _Nothing(QWidget):
    """What stands there when no template fits."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(self.tr("No template is like that. Type less, or"), "muted", wrap=False))
        self.all: QPushButton = button(self.tr("Show all"), self.tr("Empty the search. All templates are shown again."))
        row.addWidget(self.all)
        row.addStretch(1)
