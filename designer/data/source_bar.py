"""The line above the data: which folder, where its labels come from, and how patients are told apart."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QInputDialog, QLineEdit, QWidget

from designer.parts import button, label
from runtime.data.table_choice import is_table, with_encoding

_CHOOSE_TABLE = "\0table"
_CHOOSE_MASKS = "\0masks"
_CHOOSE_TAG = "\0tag"
_CHOOSE_ENCODING = "\0encoding"
_ENCODINGS = ("utf-8", "cp1252", "mac-roman", "cp850", "cp1250", "cp1253", "iso8859-7", "cp1251", "koi8-r", "shift-jis")
_TAG = "tag:"  # as runtime.data.label_tags takes it
_USUAL = ("PatientSex", "PatientAge", "BodyPartExamined", "SeriesDescription", "ProtocolName", "Modality")


class SourceBar(QWidget):
    """Emits `asked` whenever the folder should be surveyed anew with what is chosen here."""

    asked = Signal(object)  # the folder as Path
    choose = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self._labels = ""
        self.folder_name = label("", wrap=False)
        self.labels_choice = self._make_labels()
        self.patients = QLineEdit()
        self.patients.setPlaceholderText(self.tr("as found"))
        self.patients.setFixedWidth(120)
        self.patients.setToolTip(self.tr(
            "Which folder level names the patient: 1 is the first below the folder. Leave it empty if the files say it."
        ))  # fmt: skip
        self.patients.setAccessibleName(self.tr("Folder level that names the patient"))
        self.patients.editingFinished.connect(self._on_patients)
        self._asked_patients = ""
        self.choose_button = button(self.tr("Choose folder …"), self.tr("Choose a folder of images on this computer"))
        self.choose_button.clicked.connect(self.choose)
        self._lay_out()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.folder_name, 1)
        row.addWidget(label(self.tr("Labels"), "muted", wrap=False))
        row.addWidget(self.labels_choice)
        row.addSpacing(8)
        row.addWidget(label(self.tr("Patient level"), "muted", wrap=False))
        row.addWidget(self.patients)
        row.addSpacing(8)
        row.addWidget(self.choose_button)

    def _make_labels(self) -> QComboBox:
        made = QComboBox()
        made.setAccessibleName(self.tr("Where the labels come from"))
        made.setToolTip(self.tr("Where the labels come from: automatic finds masks, tables and class folders."))
        made.addItem(self.tr("automatic"), "")
        made.addItem(self.tr("class folders"), "folders")
        made.addItem(self.tr("boxes of objects"), "boxes")
        made.addItem(self.tr("points of a table"), "points")
        made.addItem(self.tr("no labels"), "none")
        made.addItem(self.tr("table (CSV, Excel) …"), _CHOOSE_TABLE)
        made.addItem(self.tr("encoding of the table …"), _CHOOSE_ENCODING)
        made.addItem(self.tr("folder of masks …"), _CHOOSE_MASKS)
        made.addItem(self.tr("DICOM element …"), _CHOOSE_TAG)
        made.setMinimumWidth(160)
        made.activated.connect(self._on_labels)
        return made

    @property
    def labels(self) -> str:
        """The choice of labels as `--labels` takes it; "" is automatic."""
        return self._labels

    def show_folder(self, folder: Path | None, labels: str = "", patients: str = "") -> None:
        """Show a folder and its choices without asking for anything."""
        self.folder = folder
        self.folder_name.setText("" if folder is None else str(folder))
        self.folder_name.setToolTip("" if folder is None else str(folder))
        self.patients.setText(patients)
        self._asked_patients = patients
        self.set_labels(labels)

    def set_labels(self, labels: str) -> None:
        """Show this choice of labels."""
        self._labels = labels
        place = self.labels_choice.findData(labels)
        if place < 0:
            place = 4
            self.labels_choice.insertItem(place, labels, labels)
        self.labels_choice.setCurrentIndex(place)

    def choose_labels(self, labels: str) -> None:
        """Take this choice of labels and ask for the folder to be surveyed with it."""
        changed = labels != self._labels
        self.set_labels(labels)
        if changed and self.folder is not None:
            self.asked.emit(self.folder)

    def _on_labels(self) -> None:
        wanted = str(self.labels_choice.currentData())
        start = str(self.folder or Path.home())
        if wanted == _CHOOSE_ENCODING:
            wanted = self._ask_encoding(start)
        elif wanted == _CHOOSE_TABLE:
            title, kinds = self.tr("A table of labels"), self.tr("Tables (*.csv *.tsv *.tab *.xlsx *.xlsm)")
            wanted, _ = QFileDialog.getOpenFileName(self, title, start, kinds)
        elif wanted == _CHOOSE_MASKS:
            wanted = QFileDialog.getExistingDirectory(self, self.tr("The folder of masks"), start)
            wanted = os.path.relpath(wanted, start).replace(os.sep, "/") if wanted else ""
        elif wanted == _CHOOSE_TAG:
            says = self.tr("Which element of the DICOM header is the label? Its keyword, or its number (0010,0040):")
            name, taken = QInputDialog.getItem(self, self.tr("A DICOM element as label"), says, list(_USUAL))
            wanted = _TAG + name.strip() if taken and name.strip() else ""
        else:
            self.choose_labels(wanted)
            return
        self.choose_labels(wanted or self._labels)

    def _ask_encoding(self, start: str) -> str:
        """The table that is chosen, or now to be chosen, to be read in another encoding; "" when none was named."""
        table = self._labels
        if not is_table(table):
            kinds = self.tr("Tables (*.csv *.tsv *.tab)")
            table, _ = QFileDialog.getOpenFileName(self, self.tr("A table of labels"), start, kinds)
        if not is_table(table):
            return ""
        says = self.tr("In which encoding is the text of %s written?") % Path(table).name
        found = self.tr("found by itself")
        name, taken = QInputDialog.getItem(self, self.tr("Encoding of a table"), says, [found, *_ENCODINGS])
        return with_encoding(table, "" if name == found else name.strip()) if taken else ""

    def _on_patients(self) -> None:
        if self.patients.text().strip() != self._asked_patients and self.folder is not None:
            self._asked_patients = self.patients.text().strip()
            self.asked.emit(self.folder)
