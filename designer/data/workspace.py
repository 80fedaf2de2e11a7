"""The Data workspace: drop a folder, see what lies in it, and use it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from designer import remember
from designer.data.attached import Attached
from designer.data.browser import DataBrowser
from designer.data.empty_page import empty_page
from designer.data.head import Head
from designer.data.pacs_entry import PacsEntry
from designer.data.survey import Found, Survey
from designer.data.use import (
    asks_otherwise,
    begin,
    entry_of,
    held_folder,
    mended_in,
    taking_of,
    use,
    why_not_usable,
)
from designer.parts import button
from designer.process import CommandProcess, End
from designer.project import Project

_SOON_MS = 100  # what comes within is shown together


class DataWorkspace(QWidget):
    """Surveys run in processes of their own; this only shows what they tell."""

    said = Signal(str, str)  # text and tone, for the bar of the window
    wants = Signal(str)  # the workspace to go to

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.survey: Survey | None = None
        self._practice: CommandProcess | None = None
        self._use_when_known = False
        self._pictures_begun = False
        self._node = ""  # the source that is shown, and that a folder is meant for; "" for the first
        self.head = Head()
        self.bar, self.use_button, self.busy = self.head.bar, self.head.use_button, self.head.busy
        self.reads, self.templates = self.head.reads, self.head.templates
        self.browser = DataBrowser(project)
        self.grid, self.facts = self.browser.grid, self.browser.facts
        self._soon = QTimer(self, interval=_SOON_MS, singleShot=True)
        self._soon.timeout.connect(self._show_facts)
        self._build_pages()
        self._lay_out()
        self.head.sources.chosen.connect(self.show_source)
        self.reads.again.connect(self.read_again)
        self.templates.chosen.connect(self.begin_with)
        self.busy.cancelled.connect(self._cancel)
        self.bar.asked.connect(self.look_at)
        self.bar.choose.connect(self.choose_folder)
        self.browser.said.connect(self.said)
        self.browser.labels_asked.connect(self.bar.choose_labels)
        self.browser.again_asked.connect(self.look_again)
        self.use_button.clicked.connect(self.use_data)
        project.replaced.connect(self._on_replaced)
        project.analysed.connect(self._on_analysed)
        self._on_replaced()

    def _build_pages(self) -> None:
        self.pacs = PacsEntry(self)
        self.empty = empty_page(self.choose_folder, self.practise, self.pacs.open)
        self.again = button(self.tr("Look at it again"), self.tr("Read the folder anew"), primary=True)
        self.again.clicked.connect(self.look_again)
        other = button(self.tr("Choose another folder …"), self.tr("Choose a folder of images on this computer"))
        other.clicked.connect(self.choose_folder)
        self.attached = Attached(self.again, other)

    def _lay_out(self) -> None:
        self.pages = QStackedWidget()
        for page in (self.empty, self.attached, self.browser):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.pages, 1)

    @property
    def found(self) -> Found | None:
        """What is known of the folder that is shown."""
        return self.survey.found if self.survey is not None else None

    def ask_folder(self) -> Path | None:
        """Ask for a folder of images; None when none is chosen."""
        chosen = QFileDialog.getExistingDirectory(self, self.tr("A folder"), str(self.bar.folder or Path.home()))
        return Path(chosen) if chosen else None

    def choose_folder(self) -> None:
        """Ask for a folder and survey it."""
        chosen = self.ask_folder()
        if chosen is not None:
            self.open_folder(chosen)

    def open_folder(self, folder: Path, node: str = "") -> None:
        """Survey another folder, with labels found by themselves, and use it: in this node, else in the shown one."""
        self._node = node or self._node
        self.bar.show_folder(folder)
        self.look_at(folder)

    def practise(self, name: str) -> None:
        """Write practice data unless they are there, then survey them."""
        folder = remember.practice_folder(name)
        if folder.is_dir() and any(folder.iterdir()):
            self.open_folder(folder)
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._stop_all()
        self._practice = CommandProcess(["practice", name, str(folder)], self)
        self._practice.ended.connect(lambda end: self._on_practice(end, folder))
        self.busy.begin(self.tr("Writing practice data …"))
        self._practice.start()

    def look_at(self, folder: Path, use: bool = True) -> None:
        """Survey a folder with the choices made in the bar; with `use` the data go into the project when known."""
        self._stop_all()
        self.bar.folder = folder
        self.bar.folder_name.setText(str(folder))
        self._use_when_known, self._pictures_begun = use, False
        document, patients = self.project.document, self.bar.patients.text().strip()
        asked = taking_of(document, self._node), mended_in(document, self._node)
        self.survey = Survey(folder, self.bar.labels, patients, self, *asked)
        self.survey.progress.connect(self.busy.tell)
        self.survey.facts.connect(self._on_facts)
        self.survey.thumbnail.connect(self.browser.add_picture)
        self.survey.ended.connect(self._on_end)
        self.browser.begin(self.survey.found, self._node)
        self.pages.setCurrentWidget(self.browser)
        self.busy.begin(self.tr("Reading the folder …"))
        self.refresh_use()
        self.survey.start()

    def show_source(self, node: str) -> None:
        """Show the cases of another source of the drawing: its folder is read, where it has one that is there."""
        self._stop_all()
        self._node = node
        self._show_attached()
        if self.bar.folder is not None and self.again.isEnabled():
            self.look_again()

    def look_again(self) -> None:
        """Survey the folder again; the project stays as it is, unless it asks for another form of it."""
        if self.bar.folder is not None:
            self.look_at(self.bar.folder, use=asks_otherwise(self.project.document, self._node))

    def read_again(self, node: str = "") -> None:
        """Read the folder of a source in the form that it asks for now, and use it."""
        self._node = node or self._node
        place, labels, patients = held_folder(self.project.document, self._node)
        if place is not None:
            self.bar.show_folder(place, labels, patients)
            self.look_at(place)

    def use_data(self) -> None:
        """Put the data into the drawing; an empty drawing is asked for a template instead."""
        found, document = self.found, self.project.document
        if found is None or why_not_usable(document, found, self._node) or not document.nodes:
            self.refresh_use()
            return
        note = use(document, found, self._node)
        name = document.nodes[entry_of(document, self._node)].name
        self.said.emit(note or self.tr("“%s” now reads %s.") % (name, found.folder.name), "warning" if note else "good")
        self.refresh_use()

    def close_down(self) -> None:
        """The window is closing."""
        self._stop_all()
        self.pacs.close_down()
        self.browser.close_down()

    def begin_with(self, template: str) -> None:
        """Fill the empty drawing with a template that is fitted to the data; with "" by their source alone."""
        found, document = self.found, self.project.document
        if found is None or document.nodes:
            return
        why_not = begin(document, found, template)
        if why_not:
            self.said.emit(why_not, "warning")
        else:
            self.wants.emit("design")

    def _on_replaced(self) -> None:
        """Another project: show the folder it was attached to, without reading anything.

        A new one from a template takes the folder that is being looked at.
        """
        if self._fits_here():
            self._use_when_known = True
            QTimer.singleShot(0, self, self._use_at_last)
            return
        self._stop_all()
        self._node = ""
        self._show_attached()

    def _on_analysed(self) -> None:
        """After an edit or its undoing; where nothing was read, the project's own folder is shown."""
        place, _, _ = held_folder(self.project.document, self._node)
        if self.survey is None and self._practice is None and place != self.bar.folder:
            self._show_attached()
        else:
            self.refresh_use()

    def _show_attached(self) -> None:
        document = self.project.document
        place, labels, patients = held_folder(document, self._node)
        self.bar.show_folder(place, labels, patients)
        if place is not None:
            self.attached.show_source(place, document.nodes[entry_of(document, self._node)].settings)
        self.pages.setCurrentWidget(self.attached if place is not None else self.empty)
        self.refresh_use()

    def _fits_here(self) -> bool:
        """Whether a folder is shown that the new project, which has a source without one, can take."""
        document = self.project.document
        self._node = ""
        source = entry_of(document)
        if self.project.path is not None or self.survey is None or not source:
            return False
        return not document.nodes[source].settings.get("folder") and bool(self.found and not self.found.problems)

    def _use_at_last(self) -> None:
        """Use the data when they are known and were asked for."""
        if self.found is not None and self.found.settings and self._use_when_known:
            self._use_when_known = False
            self.use_data()

    def _on_facts(self) -> None:
        survey = self.survey
        if survey is None:
            return
        self._use_at_last()
        if survey.found.dataset and not self._pictures_begun:
            self._pictures_begun = True
            self.busy.begin(self.tr("Making small pictures …"))
        if not self._soon.isActive():
            self._soon.start()
        self.refresh_use()

    def _show_facts(self, over: bool = False) -> None:
        """What came in the last moments, together; `over` when no more is to come."""
        self._soon.stop()
        if self.survey is not None:
            self.browser.show_found(self.survey.found, over)

    def _on_end(self, _end: End) -> None:
        self._show_facts(over=True)
        self.busy.hide()
        self.refresh_use()

    def _on_practice(self, end: End, folder: Path) -> None:
        self._practice = None
        self.busy.hide()
        if end.ok:
            self.open_folder(folder)
        elif not end.stopped:
            self.said.emit(end.message, "error")

    def _cancel(self) -> None:
        for running in (self.survey, self._practice):
            if running is not None:
                running.stop()

    def _stop_all(self) -> None:
        for running in (self.survey, self._practice):
            if running is not None:
                running.abandon()
                running.deleteLater()
        self.survey = self._practice = None
        self.busy.hide()

    def refresh_use(self) -> None:
        """What can be done next."""
        on_its_way = self._use_when_known and self.survey is not None and self.survey.running
        self.head.refresh(self.project.document, self.found, self._node, on_its_way)
