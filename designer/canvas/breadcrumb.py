"""The bar above the canvas that says which block one is in, and leads back out."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from designer.canvas.blocks import Blocks
from designer.canvas.naming import rename_block
from designer.canvas.renaming import NameLine
from designer.place import Place
from designer.project import Project
from runtime.graph import MAIN

_HEIGHT = 40
_NAME_WIDTH = 160
_FLAT = (
    "QToolButton { border: none; background: transparent; padding: 4px; }"
    "QToolButton:hover, QToolButton:focus { text-decoration: underline; }"
)


class Breadcrumb(QWidget):
    """The way in from the main sheet: every part leads there. Hidden on the main sheet itself."""

    def __init__(self, project: Project, blocks: Blocks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._blocks = blocks
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(_HEIGHT)
        self.setAccessibleName(self.tr("Where this sheet lies"))
        self.buttons: list[QToolButton] = []
        self.name = NameLine(self)
        self.name.setFixedWidth(_NAME_WIDTH)
        self.name.setAccessibleName(self.tr("Name of the block"))
        self.name.setToolTip(self.tr("The name of the block, for all its uses"))
        self.name.done.connect(self._rename)
        self.note = QLabel(self)
        self.note.setProperty("role", "small")
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._trail = QWidget(self)
        self._parts = QHBoxLayout(self._trail)
        self._parts.setContentsMargins(0, 0, 0, 0)
        self._parts.setSpacing(4)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(8)
        row.addWidget(self._trail)
        row.addWidget(self.name)
        row.addWidget(self.note, 1)
        self._shown: object = None
        for signal in (project.place_changed, project.replaced, project.analysed):
            signal.connect(self.follow)
        self.follow()

    def follow(self, _analysis: object = None) -> None:
        """Show the place that is looked at."""
        place, graph = self._project.place, self._project.document.graph()
        block = graph.blocks.get(place.sheet)
        self.setVisible(place != Place())
        if block is None:
            self._shown = None
            return
        trail = place.trail(graph)
        note = self._note(block.id)
        shown = (trail, block.name, note)
        if shown == self._shown:
            return
        self._shown = shown
        self._fill(trail)
        if not self.name.hasFocus() or self.name.text() == "":
            self.name.setText(block.name)
        self.note.setText(note)
        self.note.setToolTip(note)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Backspace and Esc go one level out; left and right from part to part."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Escape):
            self._blocks.leave()
        elif step:
            at = next((place for place, button in enumerate(self.buttons) if button.hasFocus()), 0)
            self.buttons[(at + step) % len(self.buttons)].setFocus()
        else:
            super().keyPressEvent(event)

    def _note(self, block_id: str) -> str:
        document, place = self._project.document, self._project.place
        count = len(document.uses_of(block_id))
        used = self.tr("used once") if count == 1 else self.tr("used {0} times").format(count)
        if place.path is None:
            return self.tr("{0}; shapes are known where a use can be reached").format(used if count else self.tr(
                "used nowhere yet"))  # fmt: skip
        return self.tr("shown as used in “{0}”; {1}").format(place.trail(document.graph())[-1][0], used)

    def _fill(self, trail: tuple[tuple[str, Place], ...]) -> None:
        while (taken := self._parts.takeAt(0)) is not None:
            if (old := taken.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.buttons = []
        for name, place in trail:
            if self.buttons:
                sign = QLabel("\u203a", self._trail)
                sign.setProperty("role", "muted")
                self._parts.addWidget(sign)
            self._parts.addWidget(self._button(name or self.tr("Main"), place))

    def _button(self, text: str, place: Place) -> QToolButton:
        made = _Crumb(self._trail)
        made.setText(text)
        made.setAutoRaise(True)
        made.setStyleSheet(_FLAT)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.setToolTip(self.tr("Go to “{0}”").format(text))
        made.setAccessibleName(made.toolTip())
        made.clicked.connect(partial(self._go, place))
        self.buttons.append(made)
        return made

    def _go(self, place: Place, _checked: bool = False) -> None:
        self._blocks.go(place)

    def _rename(self, keep: bool) -> None:
        document, sheet = self._project.document, self._project.place.sheet
        if sheet == MAIN or sheet not in document.blocks:
            return
        name = self.name.text().strip()
        if keep and name:
            rename_block(document, sheet, name)
        self.name.setText(document.blocks[sheet].name)
        if self.name.hasFocus():
            self._blocks.take_keyboard()


class _Crumb(QToolButton):
    """A part of the way: Enter presses it too."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Escape, Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)
