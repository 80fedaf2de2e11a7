"""What is shown before anything is drawn: data, recent projects, the gallery of templates, what is new to try."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

import resources
from designer.data.practice import practice_tip
from designer.gallery.card import Card
from designer.gallery.explanation import Explanation
from designer.gallery.flow import Flow
from designer.gallery.gallery import Gallery
from designer.gallery.news import News, read_news
from designer.gallery.reader import Reader
from designer.gallery.recents import RecentProjects
from designer.parts import button, label, row_of, scrolled
from runtime.templates import Template, known

_MARGIN = 32
_WIDEST = 984  # three cards
_NEWS = 296
_GAP = 24
_SCROLL = 12
_BETWEEN = 16
_EXPLAINS_FROM = QSize(1000, 640)  # what the window must have so that a template is explained below the cards


class StartPage(QWidget):
    """The ways to begin."""

    template_chosen = Signal(str)  # "" is an empty drawing
    project_chosen = Signal(object)  # a Path
    open_asked = Signal()
    practice_chosen = Signal(str)
    folder_asked = Signal()

    def __init__(self, practice: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reader = Reader(self)
        self.recents = RecentProjects(self.reader)
        self.gallery = Gallery(known(), template_file, self.reader)
        self.explanation = Explanation()
        self.news = News(read_news())
        self._main = QVBoxLayout()
        self._main.setSpacing(12)
        self._add_data(practice)
        opener = button(self.tr("Open project …"), self.tr("Open a project (.netloom), or a file of another program"))
        opener.clicked.connect(self.open_asked)
        self._main.addLayout(row_of(label(self.tr("Go on with a project"), "title", wrap=False), opener))
        self._main.addWidget(self.recents)
        self._main.addSpacing(_BETWEEN)
        self._add_title(self.tr("Begin with a network"))
        self._main.addWidget(label(self.tr("A template is a whole drawing, which is fitted to your data."), "muted"))
        self._main.addWidget(self.gallery)
        self._main.addStretch(1)
        self._lay_out()
        self.recents.chosen.connect(self.project_chosen)
        self.recents.count_changed.connect(lambda count: self.recents.setVisible(count > 0))
        self.gallery.chosen.connect(self.template_chosen)
        self.gallery.looked_at.connect(self._explain)
        self.news.practice_chosen.connect(self.practice_chosen)
        self.refresh()

    @property
    def cards(self) -> Mapping[str, Card]:
        """The cards of the templates by name, "" for the empty drawing."""
        return self.gallery.cards

    def refresh(self) -> None:
        """Show the projects opened last, and what is new in this window."""
        self.recents.refresh()
        self.news.refresh()
        self._arrange()

    def _add_title(self, text: str) -> QWidget:
        made = label(text, "title")
        self._main.addWidget(made)
        return made

    def _add_data(self, practice: Mapping[str, str]) -> None:
        self._add_title(self.tr("Begin with data"))
        self._main.addWidget(label(self.tr(
            "Drop a folder of images or signals anywhere on this window, choose one, or try practice data: synthetic "
            "MR images and ECGs of made-up patients."), "muted"))  # fmt: skip
        row = Flow(8)
        choose = button(self.tr("Choose folder …"), self.tr("Choose a folder of images"), primary=True)
        choose.clicked.connect(self.folder_asked)
        row.addWidget(choose)
        for name, title in practice.items():
            row.addWidget(self._practice(name, title))
        self._main.addLayout(row)
        self._main.addSpacing(_BETWEEN)

    def _practice(self, name: str, title: str) -> QPushButton:
        made = button(self.tr("Practice: %s") % title, practice_tip(name))
        made.setObjectName(name)
        made.clicked.connect(lambda: self.practice_chosen.emit(name))
        return made

    def _lay_out(self) -> None:
        holder = QWidget()
        self._columns = QHBoxLayout(holder)
        self._columns.setSpacing(_GAP)
        self._columns.addLayout(self._main, 1)
        self._side = QVBoxLayout()
        self._side.addStretch(1)
        self._columns.addLayout(self._side)
        self.area = scrolled(holder)
        self.area.verticalScrollBar().setSingleStep(24)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.area, 1)
        whole.addWidget(self.explanation)
        self._side.insertWidget(0, self.news)

    def _explain(self, template: Template) -> None:
        self.explanation.explain(template)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many cards in a row as there is room for; what is new stands beside them, or above if there is none."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        roomy = self.width() >= _EXPLAINS_FROM.width() and self.height() >= _EXPLAINS_FROM.height()
        self.explanation.setVisible(roomy and self.explanation.template is not None)
        room = self.width() - 2 * _MARGIN - _SCROLL
        wide = self.news.wanted and room >= _WIDEST + _GAP + _NEWS
        used = min(room, _WIDEST + (_GAP + _NEWS if wide else 0))
        side = _MARGIN + max(0, (room - used) // 2)
        self._columns.setContentsMargins(side, _MARGIN, side, _MARGIN)
        self._columns.setSpacing(_GAP if wide else 0)
        self.news.be_narrow(not wide)
        if wide:
            self.news.setFixedWidth(_NEWS)
            self._side.insertWidget(0, self.news)
        else:
            self.news.setMinimumWidth(0)
            self.news.setMaximumWidth(_WIDEST)
            self._main.insertWidget(0, self.news)


def template_file(name: str) -> Path:
    """Where the drawing of a template lies."""
    return resources.path("templates", f"{name}.netloom")
