"""The cases, and what can be mended by hand: another label, left out, taken back; every step can be undone."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QVBoxLayout, QWidget

from designer.data.case_table import CaseTable
from designer.data.cases import CaseBook
from designer.data.search_field import search_field
from designer.parts import button, counted, label, row_of, set_possible

_WAIT_MS = 150


class CasesPanel(QWidget):
    """Says what was done, and what cannot be done."""

    said = Signal(str, str)

    def __init__(self, book: CaseBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self.filter = search_field(
            self.tr("Filter: label, patient, part, “left out” …"), self.tr("Filter of the cases")
        )
        self.only_chosen = QCheckBox(self.tr("Chosen only"))
        self.only_chosen.setToolTip(self.tr("Show the cases that are chosen here, in the tree or in a chart"))
        self.table = CaseTable(book)
        self.count = label("", "small", wrap=False)
        self.labels = QComboBox()
        self.labels.setEditable(True)
        self.labels.setAccessibleName(self.tr("Label for the chosen cases"))
        self.labels.setMinimumWidth(110)
        self.set_button = button(self.tr("Set label"))
        self.reset_button = button(self.tr("As found"))
        self.out_button = button(self.tr("Leave out"))
        self.back_button = button(self.tr("Take back"))
        self.undo_button = button(self.tr("Undo"))
        self.save_button = button(self.tr("Save table …"), self.tr("Save the cases that are shown as CSV"))
        self._lay_out()
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addLayout(row_of(self.filter, self.only_chosen, stretch=0))
        column.addWidget(self.table, 1)
        column.addLayout(row_of(self.count, self.save_button, stretch=0))
        column.addLayout(row_of(self.labels, self.set_button, self.reset_button, stretch=0))
        column.addLayout(row_of(self.out_button, self.back_button, self.undo_button))

    def _connect(self) -> None:
        book = self._book
        self._wait = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._wait.timeout.connect(self.refresh)
        self.filter.textChanged.connect(lambda _text: self._wait.start())
        self.only_chosen.toggled.connect(self.refresh)
        for told in (book.changed, book.names_changed):
            told.connect(self.refresh)
        book.chosen_changed.connect(self._on_chosen)
        self.set_button.clicked.connect(self.set_label)
        line = self.labels.lineEdit()
        if line is not None:
            line.returnPressed.connect(self.set_label)
        self.reset_button.clicked.connect(lambda: self._do(self._book.reset_label(self.chosen())))
        self.out_button.clicked.connect(lambda: self._do(self._book.leave_out(self.chosen())))
        self.back_button.clicked.connect(lambda: self._do(self._book.leave_out(self.chosen(), out=False)))
        self.undo_button.clicked.connect(self._undo)
        self.save_button.clicked.connect(self.ask_and_save)

    def chosen(self) -> list[int]:
        """The chosen cases that are shown."""
        shown = set(self.table.cases.places)
        return [place for place in self._book.chosen if place in shown]

    def set_label(self) -> None:
        """Give the chosen cases the label in the field."""
        text = self.labels.currentText().strip()
        if self.set_button.isEnabled() and text:
            self._do(self._book.set_label(self.chosen(), text))

    def save(self, path: Path) -> None:
        """Write the table that is shown."""
        try:
            path.write_text(self.table.cases.csv(), encoding="utf-8-sig", newline="")
        except OSError as error:
            self.said.emit(self.tr("%s could not be written: %s.") % (path.name, error.strerror), "error")
            return
        hidden = "" if self._book.names.shown else self.tr(" Names are numbers in it, as on the screen.")
        self.said.emit(self.tr("The table of %s is in %s.%s") % (
            counted(len(self.table.cases.places), "case"), path, hidden), "good")  # fmt: skip

    def ask_and_save(self) -> None:
        """Ask where to."""
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the table"), "cases.csv", self.tr("Tables (*.csv)"))
        if name:
            self.save(Path(name))

    def refresh(self) -> None:
        """Everything anew: the cases, their labels, what can be done."""
        only = frozenset(self._book.chosen) if self.only_chosen.isChecked() else None
        self.table.show_cases(self.filter.text(), only)
        self._offer_labels()
        self._refresh_buttons()

    def _offer_labels(self) -> None:
        base, typed = self._book.base, self.labels.currentText()
        given = set(self._book.corrections.labels.values())
        classes = sorted({*base.classes, *given}) if base is not None and base.label == "class" else []
        if [self.labels.itemText(row) for row in range(self.labels.count())] != classes:
            self.labels.clear()
            self.labels.addItems(classes)
            self.labels.setCurrentText(typed if typed else (classes[0] if classes else ""))
        line, kind = self.labels.lineEdit(), base.label if base is not None else ""
        if line is not None:
            several = base is not None and len(base.classes) > 1
            number = self.tr("numbers, separated by ;") if several else self.tr("a number")
            hints = {"number": number, "labels": self.tr("labels, separated by ;")}
            line.setPlaceholderText(hints.get(kind, self.tr("a class")))

    def _on_chosen(self) -> None:
        if self.only_chosen.isChecked():
            self.refresh()
        else:
            self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        book, chosen = self._book, self.chosen()
        total = len(book.samples)
        self.count.setText(self.tr("%s shown, %s chosen") % (
            f"{len(self.table.cases.places)} / {total}", len(chosen)))  # fmt: skip
        why = book.why_not() or ("" if chosen else self.tr("Choose cases in the table first."))
        kind = book.base.label if book.base is not None else ""
        by_hand = kind in ("class", "labels", "number")
        no_label = why or ("" if by_hand else self.tr("These cases have no labels that can be given by hand."))
        mended = any(book.is_mended(place) for place in chosen)
        out = {book.is_left_out(place) for place in chosen}
        set_possible(
            self.set_button, no_label, self.tr("Give the chosen cases this label (Enter); Ctrl+Z takes it back")
        )
        self.labels.setEnabled(not book.why_not() and by_hand)
        set_possible(self.reset_button, why or ("" if mended else self.tr("Their labels are as found.")),
                     self.tr("The labels that the data give"))  # fmt: skip
        set_possible(self.out_button, why or ("" if False in out else self.tr("They are left out already.")),
                     self.tr("Leave the chosen cases out of the data set; no file is touched"))  # fmt: skip
        set_possible(self.back_button, why or ("" if True in out else self.tr("None of them is left out.")),
                     self.tr("Take the chosen cases into the data set again"))  # fmt: skip
        undo = book.project.document.undo_label
        set_possible(self.undo_button, "" if undo else self.tr("There is nothing to take back."),
                     self.tr("Undo: %s") % undo)  # fmt: skip
        set_possible(self.save_button, "" if total else self.tr("There are no cases yet."),
                     self.tr("Save the cases that are shown as CSV"))  # fmt: skip

    def _do(self, why: str) -> None:
        if why:
            self.said.emit(why, "warning")
        self._refresh_buttons()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _undo(self) -> None:
        self._book.project.undo()
        self._book.follow()
        self._refresh_buttons()
