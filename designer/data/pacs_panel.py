"""Import from a PACS: its address, a search, what was found, and fetching it into a folder.

Nothing is sent anywhere before an address was entered and a button pressed; all of it happens in processes of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QSplitter, QVBoxLayout, QWidget

from designer.busy import BusyLine
from designer.data.pacs_form import AddressForm, QuestionForm
from designer.data.pacs_memory import remember_address, remembered
from designer.data.pacs_process import PacsProcess
from designer.data.pacs_results import PacsResults
from designer.parts import Notes, button, label, row_of, scrolled, set_possible
from designer.process import End
from runtime.errors import InputError
from runtime.pacs.address import address_of, question_of


class PacsPanel(QWidget):
    """One page: on the left what is entered, on the right what was found and where it goes."""

    fetched = Signal(object)  # the folder as Path, with all that was wanted in it
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.work: PacsProcess | None = None
        self._on_end: Callable[[End], None] = lambda _end: None
        self._warnings: list[str] = []
        self.address, self.question, self.results = AddressForm(), QuestionForm(), PacsResults()
        self.back = button(self.tr("Back to the data"), self.tr("Leave the PACS; nothing of the search is kept"))
        self.test = button(self.tr("Test the connection"), self.tr("C-ECHO, or one small question by DICOMweb"))
        self.search = button(self.tr("Search"), self.tr("List the studies that fit"), primary=True)
        self.choose = button(self.tr("Choose …"), self.tr("Choose the folder to fetch into"))
        self.fetch = button(self.tr("Fetch"), self.tr("Fetch what is ticked into the folder"), primary=True)
        self.folder = QLineEdit()
        self.folder.setPlaceholderText(self.tr("Folder on this computer"))
        self.folder.setAccessibleName(self.tr("Folder to fetch into"))
        self.folder.setToolTip(self.tr("Names of patients are in the files that come here, and nowhere else."))
        self.busy = BusyLine(self.tr("Stop; what has come is kept"))
        self.told = label("", "muted")
        self.count = label("", "small")
        self.notes = Notes("warning")
        self.wrong = Notes("wrong")
        self._lay_out()
        self._connect()
        self.address.show_kept(remembered())
        self._say(self.tr(
            "Nothing is sent before you press a button here. The administrator of the PACS knows its address, and can "
            "enter this computer's AE title and port."
        ))  # fmt: skip
        self.refresh()

    def _lay_out(self) -> None:
        entry = QWidget()
        column = QVBoxLayout(entry)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        for part in (label(self.tr("Import from PACS"), "title"), self.address):
            column.addWidget(part)
        column.addLayout(row_of(self.test))
        column.addSpacing(16)
        column.addWidget(label(self.tr("Search for"), "title"))
        column.addWidget(self.question)
        column.addLayout(row_of(self.search))
        column.addStretch(1)
        found = QWidget()
        right = QVBoxLayout(found)
        right.setContentsMargins(16, 12, 16, 12)
        right.setSpacing(8)
        right.addLayout(row_of(self.told, self.back, stretch=0))
        for note in (self.wrong, self.notes, self.busy):
            right.addWidget(note)
        right.addWidget(self.results, 1)
        right.addWidget(self.count)
        right.addLayout(row_of(self.folder, self.choose, self.fetch, stretch=0))
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setObjectName("pacs")
        halves.setHandleWidth(1)
        halves.setChildrenCollapsible(False)
        halves.addWidget(scrolled(entry))
        halves.addWidget(found)
        halves.setSizes([400, 800])
        halves.setStretchFactor(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(halves)

    def _connect(self) -> None:
        self.back.clicked.connect(self.left)
        self.test.clicked.connect(self.try_connection)
        self.search.clicked.connect(self.look)
        self.fetch.clicked.connect(self.bring)
        self.choose.clicked.connect(self._choose_folder)
        self.busy.cancelled.connect(self.cancel)
        self.address.asked.connect(self.try_connection)
        self.question.asked.connect(self.look)
        for changed in (self.address.changed, self.question.changed, self.results.ticked, self.folder.textChanged):
            changed.connect(self.refresh)

    def begin_here(self) -> None:
        """The page is shown: the first thing that is not entered yet has the focus."""
        fields = self.address.address()
        known = bool(fields.get("url") or fields.get("host"))
        name = "patient_id" if known else "url" if "url" in fields else "host"
        (self.question if known else self.address).lines[name].setFocus()

    def try_connection(self) -> None:
        """Ask whether the PACS is there."""
        if self._checked():
            self._begin("test", {}, self.tr("Asking the PACS …"), self._tested)

    def look(self) -> None:
        """Search; what was found before goes."""
        question = self.question.texts()
        if self._checked(lambda: question_of(question)):
            self.results.forget()
            self._begin("find", {"question": question}, self.tr("Searching …"), self._searched)

    def bring(self) -> None:
        """Fetch what is ticked."""
        if self.fetch.isEnabled() and self._checked():
            request = {"wanted": self.results.wanted(), "folder": self._place()}
            self._begin("fetch", request, self.tr("Fetching images …"), self._fetched)

    def cancel(self) -> None:
        """Stop what is going on; what has come is kept."""
        if self.work is not None:
            self.work.stop()

    def close_down(self) -> None:
        """The window is closing."""
        if self.work is not None:
            self.work.abandon()
            self.work = None

    def refresh(self) -> None:
        """What can be pressed now, and why not."""
        busy = self.tr("Wait for what is going on, or cancel it.") if self.work is not None else ""
        fields = self.address.address()
        unset = "" if fields.get("url") or fields.get("host") else self.tr("Enter the address of the PACS first.")
        set_possible(self.test, busy or unset, self.tr("C-ECHO, or one small question by DICOMweb"))
        nothing = "" if any(self.question.texts().values()) else self.tr("Enter what to look for first.")
        set_possible(self.search, busy or unset or nothing, self.tr("List the studies that fit"))
        unticked = "" if self.results.wanted() else self.tr("Tick at least one study or series first.")
        homeless = "" if self.folder.text().strip() else self.tr("Choose a folder to fetch into first.")
        tip = self.tr("Fetch what is ticked; what is in the folder already is not fetched again")
        set_possible(self.fetch, busy or unset or unticked or homeless, tip)
        self.count.setText(self.results.said() if self.results.topLevelItemCount() else "")

    def _checked(self, also: Callable[[], object] = lambda: None) -> bool:
        """Whether the address (and what else is checked) can be used; says what is wrong."""
        try:
            address_of(self.address.address())
            also()
        except InputError as error:
            self._say("", wrong=list(error.problems))
            return False
        return self.work is None

    def _begin(self, command: str, request: Mapping[str, Any], text: str, then: Callable[[End], None]) -> None:
        remember_address(self.address.kept())
        self._say("")
        self._warnings = []
        self._on_end = then
        self.work = PacsProcess(command, {"address": self.address.address(), **request}, self)
        self.work.record.connect(self._on_record)
        self.work.ended.connect(self._over)
        self.busy.begin(text)
        self.work.start()
        self.refresh()

    def _on_record(self, record: Mapping[str, Any]) -> None:
        match record.get("event"):
            case "study":
                self.results.add_study(record)
            case "series":
                self.results.add_series(record)
            case "warned":
                self._warnings.append(str(record["message"]))
                self.notes.show_texts(self._warnings[-3:])
            case "progress":
                self._tell(record)

    def _tell(self, record: Mapping[str, Any]) -> None:
        size = self.tr("%s MB") % f"{record['bytes'] / 1e6:.1f}"
        if record["of"]:
            self.busy.tell(self.tr("Fetching images (%s)") % size, record["files"], record["of"])
        else:
            self.busy.text.setText(self.tr("Fetching images: %s, %s") % (record["files"], size))

    def _over(self, end: End) -> None:
        if self.work is not None:
            self.work.deleteLater()
        self.work = None
        self.busy.hide()
        self._on_end(end)
        self.refresh()

    def _tested(self, end: End) -> None:
        self._answer(end, self.tr("The PACS answers."))

    def _searched(self, end: End) -> None:
        self._answer(end, "")
        if end.ok:
            self.results.setFocus()

    def _fetched(self, end: End) -> None:
        if end.stopped:
            self._say(self.tr("Cancelled. What has come is kept; “Fetch” goes on from there."))
            return
        self._answer(end, self.tr("All images are there."))
        if end.ok:
            self.fetched.emit(Path(self._place()))

    def _answer(self, end: End, good: str) -> None:
        if end.stopped:
            self._say(self.tr("Stopped."))
        elif end.ok:
            self._say(good)
        else:
            self._say("", wrong=[end.message])

    def _say(self, text: str, wrong: list[str] | None = None) -> None:
        self.told.setText(text)
        self.wrong.show_texts(wrong or [])
        self.notes.show_texts([])

    def _place(self) -> str:
        return str(Path(self.folder.text().strip()).expanduser().absolute())

    def _choose_folder(self) -> None:
        start = self.folder.text() or str(Path.home())
        chosen = QFileDialog.getExistingDirectory(self, self.tr("A folder for the images"), start)
        if chosen:
            self.folder.setText(chosen)
