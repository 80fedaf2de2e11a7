"""The bar at the top: the project's name, the five workspaces, the Train button and the device."""

from __future__ import annotations

import os
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QAction, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QGridLayout, QHBoxLayout, QPushButton, QWidget

from designer.parts import label
from designer.theme import Theme, font
from runtime.devices import gpu_in_sight

_HEIGHT = 44
_ROOM, _LITTLE_ROOM = 56, 20
"""The room around the name of a workspace."""
_ALL = 896
"""From this width on there is room for the project's name and the device."""


class TopBar(QFrame):
    """Shows what it is told; holds no state of its own."""

    chosen = Signal(str)  # the id of a workspace

    def __init__(self, workspaces: Mapping[str, str], train: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("top-bar")
        self._train_action = train
        self.name = label("", "title", wrap=False)
        self.edited = label("", "small", wrap=False)
        self.device = label(_device(), "small", wrap=False)
        self.train = QPushButton(self.tr("▶  Train"))
        self.train.setProperty("primary", True)
        self.train.setAccessibleName(self.tr("Train"))
        self.train.clicked.connect(train.trigger)
        train.changed.connect(self._follow_train)
        self.switches: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._lay_out(workspaces)
        self._make_room(all_of_it=True)
        self._follow_train()
        self._dress()

    def show_project(self, name: str, edited: bool) -> None:
        """Name and edited mark."""
        self.name.setText(name)
        self.edited.setText(self.tr("edited") if edited else "")

    def show_device(self, device: str) -> None:
        """What the training said that it computes on."""
        self.device.setText(_device() if device == "cpu" else device)

    def show_workspace(self, workspace: str) -> None:
        """Mark the workspace that is open; "" marks none."""
        self._group.setExclusive(False)
        for name, switch in self.switches.items():
            switch.setChecked(name == workspace)
        self._group.setExclusive(bool(workspace))

    def minimumSizeHint(self) -> QSize:
        """What the names of the workspaces and the Train button need."""
        wide = sum(_width(switch) + _LITTLE_ROOM + 8 for switch in self.switches.values())
        return QSize(wide + self.train.sizeHint().width() + 40, _HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room the workspaces and the Train button stay."""
        super().resizeEvent(event)
        self._make_room(all_of_it=self.width() >= _ALL)

    def _make_room(self, *, all_of_it: bool) -> None:
        for switch in self.switches.values():
            switch.setFixedWidth(_width(switch) + (_ROOM if all_of_it else _LITTLE_ROOM))
        for told in (self.name, self.edited, self.device):
            told.setVisible(all_of_it)

    def _lay_out(self, workspaces: Mapping[str, str]) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(8)
        for number, (name, title) in enumerate(workspaces.items(), start=1):
            switch = QPushButton(title)
            switch.setCheckable(True)
            switch.setProperty("segment", True)
            switch.setToolTip(f"{title} (Alt+{number})")
            switch.setAccessibleName(title)
            switch.clicked.connect(lambda _checked=False, chosen=name: self.chosen.emit(chosen))
            self._group.addButton(switch)
            self.switches[name] = switch
            middle.addWidget(switch)
        left, right = QHBoxLayout(), QHBoxLayout()
        left.setSpacing(8)
        right.setSpacing(24)
        left.addWidget(self.name)
        left.addWidget(self.edited)
        left.addStretch(1)
        right.addStretch(1)
        right.addWidget(self.train)
        right.addWidget(self.device)
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 6, 16, 6)
        for place, part in enumerate((left, middle, right)):
            grid.addLayout(part, 0, place)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        self.setFixedHeight(_HEIGHT)

    def _follow_train(self) -> None:
        self.train.setEnabled(self._train_action.isEnabled())
        self.train.setToolTip(self._train_action.toolTip())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the program's appearance."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        theme = Theme.current()
        sheet = (
            f"#top-bar {{ background: {theme.panel}; border: none; border-bottom: 1px solid {theme.border}; }}"
            f"QPushButton[segment] {{ background: transparent; border: 1px solid transparent; border-radius: 14px; "
            f"padding: 4px 0; min-height: 18px; color: {theme.muted}; }}"
            f"QPushButton[segment]:hover {{ color: {theme.text}; }}"
            f"QPushButton[segment]:focus {{ border-color: {theme.accent}; }}"
            f"QPushButton[segment]:checked {{ background: {theme.field}; border-color: {theme.border}; "
            f"color: {theme.text}; font-weight: bold; }}"
        )
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)


def _width(switch: QPushButton) -> int:
    return QFontMetrics(font(bold=True)).horizontalAdvance(switch.text())


def _device() -> str:
    """What there is to compute on, as far as it can be seen without loading torch."""
    cores = os.cpu_count() or 1
    processor = f"CPU · {cores} core{'s' if cores > 1 else ''}"
    return f"GPU · {processor}" if gpu_in_sight() else processor
