"""The three parts of the Data workspace: what there is, the viewer, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QSplitter, QTabWidget, QVBoxLayout, QWidget

from designer.data.cache_panel import CachePanel
from designer.data.cases import CaseBook
from designer.data.cases_panel import CasesPanel
from designer.data.charts_panel import ChartsPanel
from designer.data.facts_panel import FactsPanel
from designer.data.header_panel import HeaderPanel
from designer.data.lookup import Lookup
from designer.data.pixel_findings import PixelFindings
from designer.data.pixel_server import PixelServer
from designer.data.slices import SliceRef
from designer.data.split_panel import SplitPanel
from designer.data.survey import Found
from designer.data.thumbnails import ThumbnailGrid
from designer.data.tree import DataTree
from designer.data.tree_entries import Entry
from designer.data.viewer import Shown, Viewer
from designer.data.warnings_panel import WarningsPanel
from designer.parts import scrolled
from designer.project import Project

_WIDTHS = (312, 508, 460)
_LEAST = (180, 280)  # left and right
_WARNINGS, _SPLIT = 1, 5  # places of tabs
_TABS = """
QTabWidget::pane { border: none; border-top: 1px solid palette(mid); }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab { padding: 7px 10px; color: palette(placeholder-text); border: none; background: transparent; }
QTabBar::tab:selected { color: palette(text); border-bottom: 2px solid palette(highlight); }
QTabBar::tab:hover, QTabBar::tab:focus { color: palette(text); }
"""


class DataBrowser(QSplitter):
    """What is chosen in one part is chosen in all."""

    said = Signal(str, str)
    labels_asked = Signal(str)
    again_asked = Signal()  # to read the folder anew

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName("data browser")
        self.setHandleWidth(1)
        self.book = CaseBook(project, self)
        self.server = PixelServer(self)
        names = self.book.names
        self.grid = ThumbnailGrid(names)
        self.tree = DataTree(self.book)
        self.viewer = Viewer(self.server, names)
        self.facts = FactsPanel(names)
        self.cache = CachePanel()
        self.warnings = WarningsPanel(self.book)
        self.cases = CasesPanel(self.book)
        self.charts = ChartsPanel(self.book)
        self.header = HeaderPanel(self.server, names)
        self.splitting = SplitPanel(self.book)
        self.seen = PixelFindings(self.book, self)
        self.names_box = QCheckBox(self.tr("Show names"))
        self.names_box.setToolTip(self.tr("Show the names of patients and files, and identifiers in headers"))
        self._lookup = Lookup(self.book)
        self._busy = False
        self._facts_soon = QTimer(self, interval=0, singleShot=True)  # in a turn of its own: the window goes on between
        self._facts_soon.timeout.connect(self._show_facts)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.left, self.right = QTabWidget(), QTabWidget()
        self.left.addTab(self.grid, self.tr("Images"))
        self.left.addTab(self.tree, self.tr("Series"))
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(8, 0, 4, 8)
        column.setSpacing(6)
        column.addWidget(self.left, 1)
        column.addWidget(self.names_box)
        pages: tuple[tuple[QWidget, str], ...] = (
            (scrolled(_under(self.facts, self.cache)), self.tr("Facts")),
            (scrolled(self.warnings), self.tr("Warnings")),
            (self.cases, self.tr("Cases")), (scrolled(self.charts), self.tr("Charts")),
            (self.header, self.tr("Header")), (scrolled(self.splitting), self.tr("Split")),
        )  # fmt: skip
        for page, title in pages:
            self.right.addTab(page, title)
        for tabs, name in ((self.left, self.tr("What there is")), (self.right, self.tr("What is known"))):
            tabs.setDocumentMode(True)
            tabs.setStyleSheet(_TABS)
            tabs.setAccessibleName(name)
            tabs.tabBar().setAccessibleName(name)
            tabs.tabBar().setExpanding(False)
            tabs.setUsesScrollButtons(True)
        for part in (side, self.viewer, self.right):
            self.addWidget(part)
        side.setMinimumWidth(_LEAST[0])
        self.right.setMinimumWidth(_LEAST[1])
        self.setSizes(list(_WIDTHS))
        self.setStretchFactor(1, 1)
        self.setChildrenCollapsible(False)

    def _connect(self) -> None:
        book = self.book
        self.names_box.toggled.connect(book.show_names)
        book.names_changed.connect(self._on_names)
        book.chosen_changed.connect(self._on_chosen)
        book.changed.connect(self._on_cases)
        self.tree.picked.connect(self._on_entry)
        self.grid.picked.connect(self._on_picture)
        self.viewer.looked_at.connect(self._on_looked_at)
        self.cases.said.connect(self.said)
        self.cache.said.connect(self.said)
        self.charts.said.connect(self.said)
        self.charts.cases_asked.connect(self._show_cases)
        self.warnings.cases_asked.connect(self._show_cases)
        self.warnings.labels_asked.connect(self.labels_asked)
        self.warnings.again_asked.connect(self.again_asked)
        self.warnings.split_asked.connect(lambda: self.right.setCurrentIndex(_SPLIT))
        self.splitting.divided.connect(self.seen.divide)
        self.splitting.divided.connect(lambda counts: self._tell_warnings(lambda: self.warnings.show_division(counts)))
        self.seen.found.connect(lambda seen: self._tell_warnings(lambda: self.warnings.show_seen(seen)))
        book.project.analysed.connect(lambda _analysis: book.follow())

    # What is shown

    def begin(self, found: Found, node: str = "") -> None:
        """Another folder is read, for this source: nothing of the one before stays."""
        self.book.node = node
        self.grid.pictures.clear()
        table = found.folder.is_file()
        self.viewer.clear(
            self.tr("This is a table: “Cases” shows the numbers that are taken, “Facts” says what is not.")
            if table else self.tr("The images appear here when the folder was read.")
        )  # fmt: skip
        if table:
            self.right.setCurrentWidget(self.cases)
        self.header.look_at(None)
        self.show_found(found)

    def add_picture(self, record: Mapping[str, Any]) -> None:
        """A small picture came."""
        self.grid.pictures.add(record)

    def show_found(self, found: Found, over: bool = False) -> None:
        """More is known of the folder; `over` when that is all."""
        self.tree.over = over
        self.book.show(found)
        if over:
            self._facts_soon.stop()
            self._show_facts()
        else:
            self._facts_soon.start()
        if found.folder.is_file():
            return
        if found.cases and not self.viewer.shown.refs:
            self._show(_from_the_middle(self._lookup.of_case(0)))
        if over and not self.viewer.shown.refs:
            self.viewer.clear(self.tr("There is no image here that can be shown: “Facts” says what was found."))

    def close_down(self) -> None:
        """The window is closing."""
        self.server.close_down()
        self.splitting.close_down()
        self.seen.close_down()
        self.cache.close_down()

    # From one part to the others

    def _on_cases(self) -> None:
        self._lookup = Lookup(self.book)
        self._tell_warnings(self.warnings.refresh)

    def _tell_warnings(self, show: Callable[[], None]) -> None:
        show()
        count = len(self.warnings.cards)
        self.right.setTabText(_WARNINGS, self.tr("Warnings (%s)") % count if count else self.tr("Warnings"))

    def _show_facts(self) -> None:
        if self.book.found is not None:
            self.facts.show_found(self.book.found)

    def _on_names(self) -> None:
        self._show_facts()
        self.grid.pictures.show_names()
        self.header.refresh()
        if self.viewer.shown.refs:
            ref = self.viewer.slices.refs[self.viewer.slices.at]
            self.viewer.rename(self._lookup.title_of(ref.case.partition("#")[0]))

    def _show_cases(self) -> None:
        self.right.setCurrentWidget(self.cases)
        self.cases.only_chosen.setChecked(True)
        self.cases.refresh()

    def _on_entry(self, entry: Entry) -> None:
        with self._leading() as free:
            if free:
                self.book.choose(self.book.of_files(entry.paths))
                slices = entry.slices or _first_slices(entry)
                self._show(self._lookup.of_slices(slices) if slices else None)

    def _on_picture(self, path: str) -> None:
        with self._leading() as free:
            if free:
                self.book.choose(self.book.of_files([path]))
                self._show(self._lookup.of_file(path))

    def _on_chosen(self) -> None:
        with self._leading() as free:
            if free and self.book.chosen:
                self._show(self._lookup.of_case(self.book.chosen[0]))

    @contextmanager
    def _leading(self) -> Iterator[bool]:
        """Whether nobody else is choosing just now: the parts follow each other without going in circles."""
        free, self._busy = not self._busy, True
        try:
            yield free
        finally:
            if free:
                self._busy = False

    def _show(self, shown: Shown | None) -> None:
        if shown is not None:
            self.viewer.show_stack(shown)
            self._on_looked_at(self.viewer.slices.refs[self.viewer.slices.at])

    def _on_looked_at(self, ref: SliceRef) -> None:
        self.header.look_at(ref.path, ref.kind)


def _under(*parts: QWidget) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part in parts:
        column.addWidget(part)
    column.addStretch(1)
    return made


def _from_the_middle(shown: Shown | None) -> Shown | None:
    return replace(shown, at=len(shown.refs) // 2) if shown is not None else None


def _first_slices(entry: Entry) -> Any:
    """The slices of the first series below."""
    return next((found for below in entry.children if (found := below.slices or _first_slices(below))), ())
