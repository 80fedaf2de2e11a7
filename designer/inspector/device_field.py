"""Where a training computes: a box to tick for each device; several ticked GPUs share the training."""

from __future__ import annotations

import os

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QVBoxLayout, QWidget

from designer.inspector.fields import Field
from designer.inspector.rows import label
from designer.known_devices import KnownDevices
from nodes.settings import Setting
from runtime.amounts import memory
from runtime.devices import gpus_named, gpus_of
from runtime.graph import Training

Choice = tuple[str, int]
"""Device and processes, as the training settings hold them."""

_AUTOMATIC: Choice = ("auto", 1)


class DeviceField(Field):
    """GPUs can be ticked together; each other choice stands alone. `chosen` tells device and processes."""

    chosen = Signal(str, int)
    wide = True

    def __init__(self, setting: Setting, devices: KnownDevices, parent: QWidget | None = None) -> None:
        super().__init__(setting, parent)
        self._devices = devices
        self._choice = _AUTOMATIC
        self.boxes: dict[Choice, QCheckBox] = {}
        self._column = QVBoxLayout()
        self._column.setSpacing(4)
        self._note = label("", "small", wraps=True)
        self._column.addWidget(self._note)
        self.row.addLayout(self._column, 1)
        devices.changed.connect(self._build)
        self._build()

    def show_value(self, value: object) -> None:
        """A device alone says too little: see `show_choice`."""

    def show_choice(self, training: Training) -> None:
        """Tick what the settings say."""
        self._choice = (training.device, training.processes)
        self._build()

    def showEvent(self, event: QShowEvent) -> None:
        """Who sees it wants to know what there is."""
        super().showEvent(event)
        self._devices.look()

    def _build(self) -> None:
        wanted = self._offered()
        if list(self.boxes) != list(wanted):
            self._place_boxes(wanted)
        ticked = self._ticked()
        for choice, box in self.boxes.items():
            box.setText(wanted[choice])
            box.setToolTip(f"{wanted[choice]}\n{self.setting.help}")
            box.setChecked(choice in ticked)
        self._say()

    def _place_boxes(self, wanted: dict[Choice, str]) -> None:
        for box in self.boxes.values():
            self._column.removeWidget(box)
            box.hide()
            box.deleteLater()
        self.boxes = {}
        before: QWidget | None = None
        for place, choice in enumerate(wanted):
            box = self.boxes[choice] = QCheckBox(wanted[choice])
            box.setAccessibleDescription(self.setting.help)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a long name widens no panel
            box.clicked.connect(lambda on=False, clicked=choice: self._on_click(clicked, on))
            self._column.insertWidget(place, box)
            if before is not None:
                QWidget.setTabOrder(before, box)
            before = box
        self.setFocusProxy(next(iter(self.boxes.values())))

    def _offered(self) -> dict[Choice, str]:
        """What can be ticked, with its words; what the project holds is among it, also where it is not here."""
        offered: dict[Choice, str] = {_AUTOMATIC: self.tr("Automatic"), ("cpu", 1): self.tr("Processor (CPU)")}
        if (os.cpu_count() or 1) > 1:
            offered["cpu", 2] = self.tr("2 CPU processes")
        here = {one.device: one for one in self._devices.gpus}
        device, processes = self._choice
        named = [gpus_named([number]) for number in gpus_of(device)]
        if not named and self._choice not in offered:
            offered[self._choice] = self._words(device, processes)
        for name in sorted({*here, *named}, key=gpus_of):
            offered[name, 1] = self._gpu(name)
        return offered

    def _words(self, device: str, processes: int) -> str:
        if device == "cpu":
            return self.tr("{0} CPU processes").format(processes)
        what = self.tr("Graphics card (CUDA)") if device == "cuda" else self.tr("Automatic")
        return what if processes == 1 else self.tr("{0}, {1} processes").format(what, processes)

    def _gpu(self, name: str) -> str:
        found = next((one for one in self._devices.gpus if one.device == name), None)
        if found is not None:
            return f"{name}  {found.name}, {memory(found.memory)}"
        return self.tr("{0} (not here)").format(name) if self._devices.known else name

    def _ticked(self) -> set[Choice]:
        device, processes = self._choice
        numbers = gpus_of(device)
        return {(gpus_named([number]), 1) for number in numbers} if numbers else {(device, processes)}

    def _say(self) -> None:
        count = self._choice[1]
        told = self._devices.note if not self._devices.gpus else ""
        if count > 1:
            told = self.tr("{0} processes share the training; the batch size is that of each.").format(count)
        self._note.setText(told)
        self._note.setVisible(bool(told))

    def _on_click(self, choice: Choice, on: bool) -> None:
        gpus = {name for name, _ in self._ticked() if gpus_of(name)}
        if gpus_of(choice[0]):
            gpus = gpus | {choice[0]} if on else gpus - {choice[0]}
            numbers = sorted(gpus_of(name)[0] for name in gpus)
            self._choice = (gpus_named(numbers), len(numbers)) if numbers else _AUTOMATIC
        else:
            self._choice = choice if on else _AUTOMATIC
        self._build()
        self.chosen.emit(*self._choice)
