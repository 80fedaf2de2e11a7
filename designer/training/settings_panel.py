"""How the project is trained: every change goes through the document and can be undone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QComboBox, QFormLayout, QSpinBox, QWidget

from designer.project import Project
from runtime.changes import Change, TrainingChanged
from runtime.graph import Training

_MOST = 1_000_000


class SettingsPanel(QWidget):
    """Epochs, batch, seed, patience, split and device."""

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setVerticalSpacing(8)
        self._form.setHorizontalSpacing(12)
        self.epochs = self._number("epochs", self.tr("Epochs"), 1, self.tr(
            "How often the training goes through all training images. More epochs learn more, and take longer."))
        self.batch = self._number("batch", self.tr("Images in a step (batch)"), 1, self.tr(
            "How many images are looked at together before the network is changed. More need more memory."))
        self.patience = self._number("patience", self.tr("Patience (epochs)"), 0, self.tr(
            "After so many epochs without improvement the training ends by itself."))
        self.patience.setSpecialValueText(self.tr("train to the end"))
        self.split = self._choice("split", self.tr("Kept together (split)"), {
            "patient": self.tr("images of a patient"), "image": self.tr("nothing: each image")}, self.tr(
            "What stays together when the data are divided into training, validation and test. Keep patients together: "
            "a network that saw another image of the same patient looks better than it is."))
        self.device = self._choice("device", self.tr("Computed on (device)"), {
            "auto": self.tr("the fastest there is"), "cpu": self.tr("processor (CPU)"),
            "cuda": self.tr("graphics card (CUDA)")}, self.tr("Where the training is computed."))
        self.seed = self._number("seed", self.tr("Seed"), 0, self.tr(
            "The same seed gives the same division of the data and the same start of the training."))
        project.changed.connect(self._on_change)
        project.replaced.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what the document says."""
        training = self.project.document.training
        for name in ("epochs", "batch", "patience", "seed"):
            box: QSpinBox = getattr(self, name)
            box.blockSignals(True)
            box.setValue(getattr(training, name))
            box.blockSignals(False)
        for name in ("split", "device"):
            combo: QComboBox = getattr(self, name)
            combo.setCurrentIndex(combo.findData(getattr(training, name)))

    def _number(self, name: str, title: str, least: int, tip: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(least, _MOST)
        box.setKeyboardTracking(False)
        box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        box.lineEdit().setTextMargins(5, 0, 0, 0)
        box.setAccessibleName(title)
        box.setToolTip(tip)
        box.valueChanged.connect(lambda value: self._set(name, title, value))
        self._form.addRow(title, box)
        self._form.labelForField(box).setToolTip(tip)
        return box

    def _choice(self, name: str, title: str, choices: dict[str, str], tip: str) -> QComboBox:
        combo = QComboBox()
        for value, text in choices.items():
            combo.addItem(text, value)
        combo.setAccessibleName(title)
        combo.setToolTip(tip)
        combo.activated.connect(lambda _index: self._set(name, title, combo.currentData()))
        self._form.addRow(title, combo)
        self._form.labelForField(combo).setToolTip(tip)
        return combo

    def _set(self, name: str, title: str, value: Any) -> None:
        document = self.project.document
        changed: Training = replace(document.training, **{name: value})
        with document.edit(self.tr("Change %s") % title.lower(), merge=f"training.{name}"):
            document.train_with(changed)

    def _on_change(self, change: Change) -> None:
        if isinstance(change, TrainingChanged):
            self.refresh()
