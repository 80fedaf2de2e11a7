"""What is shown before anything is drawn: templates, recent projects, practice data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from designer import remember
from designer.data.practice import practice_tip
from designer.parts import button, label, row_of, scrolled
from designer.theme import metrics
from runtime.templates import known

_CARD = QSize(232, 128)
_IN_A_ROW = 4
_GAP = 12
_MARGIN = 32
_SCROLL = 36  # the scroll bar, and what stands around the page
_ROW = 36
_FOLDER = 480.0  # pixels of a recent project's folder at most


class StartPage(QWidget):
    """Three ways to begin."""

    template_chosen = Signal(str)  # "" is an empty drawing
    project_chosen = Signal(object)  # a Path
    open_asked = Signal()
    practice_chosen = Signal(str)
    folder_asked = Signal()

    def __init__(self, practice: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: dict[str, QPushButton] = {}
        self.recent_column = QVBoxLayout()
        self.recent_column.setSpacing(4)
        inside = QWidget()
        inside.setMaximumWidth(1056)
        column = QVBoxLayout(inside)
        column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        column.setSpacing(12)
        column.addWidget(label(self.tr("Begin with data"), "title"))
        column.addWidget(label(self.tr(
            "Drop a folder of images anywhere on this window, choose one, or try practice data: synthetic MR images of "
            "made-up patients."), "muted"))  # fmt: skip
        column.addLayout(self._data_row(practice))
        column.addSpacing(16)
        column.addWidget(label(self.tr("Begin with a network"), "title"))
        column.addWidget(label(self.tr("A template is a whole drawing, which is fitted to your data."), "muted"))
        self._grid = QGridLayout()
        self._grid.setSpacing(_GAP)
        self._make_cards()
        column.addLayout(self._grid)
        column.addSpacing(16)
        self._recent_title = label(self.tr("Go on with a project"), "title")
        column.addWidget(self._recent_title)
        column.addLayout(self.recent_column)
        opener = button(self.tr("Open project …"), self.tr("Open a project file (.netloom)"))
        opener.clicked.connect(self.open_asked)
        column.addLayout(row_of(opener))
        column.addStretch(1)
        holder = QWidget()
        middle = QVBoxLayout(holder)
        middle.addWidget(inside, 1, Qt.AlignmentFlag.AlignHCenter)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(holder))
        self.refresh()

    def refresh(self) -> None:
        """Show the projects opened last."""
        while (item := self.recent_column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for path in remember.recent():
            made = Recent(path)
            made.clicked.connect(lambda _checked=False, chosen=path: self.project_chosen.emit(chosen))
            self.recent_column.addWidget(made)

    def _data_row(self, practice: Mapping[str, str]) -> QGridLayout:
        row = QGridLayout()
        row.setSpacing(8)
        choose = button(self.tr("Choose folder …"), self.tr("Choose a folder of images"), primary=True)
        choose.clicked.connect(self.folder_asked)
        row.addWidget(choose, 0, 0)
        for place, (name, title) in enumerate(practice.items(), start=1):
            made = button(self.tr("Practice: %s") % title, practice_tip(name))
            made.setObjectName(name)
            made.clicked.connect(lambda _checked=False, which=name: self.practice_chosen.emit(which))
            row.addWidget(made, 0, place)
        row.setColumnStretch(len(practice) + 1, 1)
        return row

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many cards in a row as there is room for."""
        super().resizeEvent(event)
        self._arrange_cards()

    def _arrange_cards(self) -> None:
        room = self.width() - 2 * _MARGIN - _SCROLL
        columns = max(1, min(_IN_A_ROW, (room + _GAP) // (_CARD.width() + _GAP)))
        for place, card in enumerate(self.cards.values()):
            self._grid.addWidget(card, place // columns, place % columns)

    def _make_cards(self) -> None:
        tasks = {
            "classification": self.tr("Learns classes or a number"),
            "segmentation": self.tr("Learns outlines (masks)"),
        }
        empty = ("", self.tr("Empty drawing"), self.tr("Learns what you draw"), self.tr("Nodes are put in one by one."))
        entries = [*((entry.name, entry.title, tasks[entry.task], entry.says) for entry in known()), empty]
        for name, title, task, says in entries:
            card = Card(title, task, says)
            card.setObjectName(f"template-{name}")
            card.clicked.connect(lambda _checked=False, chosen=name: self.template_chosen.emit(chosen))
            self.cards[name] = card
        self._arrange_cards()
        self._grid.setColumnStretch(_IN_A_ROW, 1)


class Card(QPushButton):
    """A large button: a title, and in two or three lines what it is."""

    def __init__(self, title: str, task: str, says: str) -> None:
        super().__init__()
        self.setFixedSize(_CARD)
        self.setAccessibleName(f"{title}. {task}. {says}")
        self.setToolTip(f"{task}. {says}")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        for made in (label(title, "title"), label(task), label(says, "small")):
            column.addWidget(_still(made))
        column.addStretch(1)


class Recent(QPushButton):
    """A row for a project: its name, its folder, and when it was saved."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        when = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
        saved = self.tr("saved %s") % remember.moment(when)
        self.setAccessibleName(f"{path.stem}, {path.parent}, {saved}")
        self.setToolTip(str(path))
        self.setFixedHeight(_ROW)
        folder = metrics(small=True).elidedText(str(path.parent), Qt.TextElideMode.ElideMiddle, _FOLDER)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(12)
        row.addWidget(_still(label(path.stem, "title", wrap=False)))
        row.addWidget(_still(label(folder, "small", wrap=False)))
        row.addStretch(1)
        row.addWidget(_still(label(saved, "small", wrap=False)))


def _still(made: QLabel) -> QLabel:
    """A text that leaves the mouse to the button it stands on."""
    made.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
    made.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return made
