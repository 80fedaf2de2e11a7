"""The two forms of the import from a PACS: where it is, and what is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from designer.parts import button, label, row_of

_DICOM, _WEB = "dicom", "web"


def _tr(text: str) -> str:
    return QCoreApplication.translate("PacsForm", text)


def _form() -> QFormLayout:
    made = QFormLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setHorizontalSpacing(12)
    made.setVerticalSpacing(8)
    made.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return made


class Fields(QWidget):
    """Named lines of text; a label beside each, which is its accessible name too."""

    asked = Signal()  # Enter was pressed
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, QLineEdit] = {}

    def add(self, form: QFormLayout, name: str, title: str, tip: str, hint: str = "", text: str = "") -> QLineEdit:
        """One more line."""
        made = QLineEdit(text)
        made.setPlaceholderText(hint)
        made.setToolTip(tip)
        made.setAccessibleName(title)
        made.setAccessibleDescription(tip)
        made.returnPressed.connect(self.asked)
        made.textChanged.connect(self.changed)
        form.addRow(label(title, "muted", wrap=False), made)
        self.lines[name] = made
        return made

    def texts(self) -> dict[str, str]:
        """What is entered, by name."""
        return {name: line.text().strip() for name, line in self.lines.items()}


class AddressForm(Fields):
    """Host, port and AE titles for DICOM, or the URL of a DICOMweb service."""

    def __init__(self) -> None:
        super().__init__()
        self.protocol = self._choice(
            _tr("Protocol"), [(_tr("DICOM (C-FIND, C-MOVE)"), _DICOM), (_tr("DICOMweb"), _WEB)]
        )
        self.protocol.setToolTip(_tr("How the PACS is spoken to; its administrator knows what it offers."))
        self.dicom, self.web = QWidget(), QWidget()
        self._fill_dicom()
        self._fill_web()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.protocol)
        column.addWidget(self.dicom)
        column.addWidget(self.web)
        self.protocol.currentIndexChanged.connect(self._show_fitting)
        self._show_fitting()

    def _fill_dicom(self) -> None:
        form = _form()
        self.dicom.setLayout(form)
        self.add(form, "host", _tr("Host"), _tr("Name or IP address of the PACS"), "pacs.example.org")
        self.add(form, "port", _tr("Port"), _tr("Port of the PACS, most often 104, 4242 or 11112"), text="104")
        self.add(form, "called", _tr("AE title of the PACS"), _tr("What the PACS calls itself"), text="ANY-SCP")
        self.add(
            form, "calling", _tr("Own AE title"),
            _tr("What this computer calls itself; most PACS want it entered by their administrator"), text="NETLOOM",
        )  # fmt: skip
        ways = [(_tr("as the PACS offers"), "best"), (_tr("C-GET"), "get"), (_tr("C-MOVE"), "move")]
        self.way = self._choice(_tr("Images come by"), ways)
        self.way.setToolTip(_tr("C-GET brings images over the same connection. By C-MOVE the PACS calls back."))
        form.addRow(label(_tr("Images come by"), "muted", wrap=False), self.way)
        self.add(
            form, "listen_port", _tr("Own port"),
            _tr("Where images arrive by C-MOVE; the PACS has to know it. It is open only while they are fetched."),
            text="11112",
        )  # fmt: skip
        self.tls = QCheckBox(_tr("TLS (encrypted)"))
        self.tls.setToolTip(_tr("Speak to the PACS over an encrypted connection"))
        self.tls.toggled.connect(self._show_fitting)
        self.tls.toggled.connect(self.changed)
        form.addRow(label(""), self.tls)
        self._file(form, "authority", _tr("Trusted certificate"), _tr("A PEM file; empty: what the system trusts"))
        self._file(form, "certificate", _tr("Own certificate"), _tr("A PEM file with certificate and key, if wanted"))
        self._of_tls = [self.lines[name].parentWidget() for name in ("authority", "certificate")]
        self._dicom_form = form

    def _fill_web(self) -> None:
        form = _form()
        self.web.setLayout(form)
        self.add(form, "url", _tr("URL"), _tr("The DICOMweb service"), "https://pacs.example.org/dicom-web")
        self.add(form, "user", _tr("User"), _tr("Leave it empty if the service asks for none"))
        secret = self.add(form, "password", _tr("Password"), _tr("Used now and kept nowhere"))
        secret.setEchoMode(QLineEdit.EchoMode.Password)
        self._file(form, "web_authority", _tr("Trusted certificate"), _tr("A PEM file; empty: what is known publicly"))

    def _choice(self, title: str, items: list[tuple[str, str]]) -> QComboBox:
        made = QComboBox()
        made.setAccessibleName(title)
        for text, value in items:
            made.addItem(text, value)
        made.currentIndexChanged.connect(self.changed)
        return made

    def _file(self, form: QFormLayout, name: str, title: str, tip: str) -> None:
        line = self.add(form, name, title, tip)
        choose = button(_tr("…"), _tr("Choose the file"))
        choose.setAccessibleName(_tr("Choose the file: %s") % title)
        choose.clicked.connect(lambda: self._choose(line))
        holder = QWidget()
        row = row_of(line, choose, stretch=0)
        row.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(row)
        form.setWidget(form.rowCount() - 1, QFormLayout.ItemRole.FieldRole, holder)

    def _choose(self, line: QLineEdit) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, line.accessibleName(), "", _tr("Certificates (*.pem *.crt)"))
        if chosen:
            line.setText(chosen)

    def _show_fitting(self) -> None:
        web = self.protocol.currentData() == _WEB
        self.web.setVisible(web)
        self.dicom.setVisible(not web)
        for holder in self._of_tls:
            if holder is not None:
                self._dicom_form.setRowVisible(holder, self.tls.isChecked())

    def address(self) -> dict[str, Any]:
        """The fields as `runtime.pacs.address.address_of` takes them; what is no number is left for it to judge."""
        texts = self.texts()
        if self.protocol.currentData() == _WEB:
            names = ("url", "user", "password")
            return {**{name: texts[name] for name in names}, "authority": texts["web_authority"]}
        ports = {name: int(texts[name]) if texts[name].isdecimal() else 0 for name in ("port", "listen_port")}
        named = {name: texts[name] for name in ("host", "called", "calling")}
        files = {name: texts[name] if self.tls.isChecked() else "" for name in ("authority", "certificate")}
        return {**named, **ports, **files, "way": self.way.currentData(), "tls": self.tls.isChecked()}

    def kept(self) -> dict[str, str]:
        """What may be remembered, as texts."""
        texts = self.texts()
        return {
            **{name: text for name, text in texts.items() if name not in ("user", "password", "web_authority")},
            "protocol": self.protocol.currentData(),
            "way": self.way.currentData(),
            "tls": "1" if self.tls.isChecked() else "",
        }

    def show_kept(self, kept: Mapping[str, str]) -> None:
        """Fill in what was remembered."""
        for name, text in kept.items():
            if name in self.lines and text:
                self.lines[name].setText(text)
        for choice, name in ((self.protocol, "protocol"), (self.way, "way")):
            choice.setCurrentIndex(max(0, choice.findData(kept.get(name, ""))))
        self.tls.setChecked(bool(kept.get("tls")))


class QuestionForm(Fields):
    """What a study has to be like."""

    def __init__(self) -> None:
        super().__init__()
        form = _form()
        self.setLayout(form)
        day = _tr("As year-month-day; empty: any")
        self.add(form, "patient_id", _tr("Patient ID"), _tr("The whole ID; * and ? stand for any letters"))
        self.add(form, "patient_name", _tr("Patient name"), _tr("A part of the name"))
        self.add(form, "accession", _tr("Accession number"), _tr("The number of the request"))
        self.add(form, "since", _tr("From day"), day, "2024-01-31")
        self.add(form, "until", _tr("To day"), day, "2024-12-31")
        self.add(form, "modality", _tr("Modality"), _tr("Two letters, such as CT or MR"), "MR")
        self.add(form, "description", _tr("Description"), _tr("A part of the description of the study"))
