"""A row of category tiles above the palette's list: a click shows that family."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from designer.canvas.matching import by_category
from designer.icons import tile_icon
from nodes.spec import REGISTRY, Category

_COLUMNS = 7


class Families(QWidget):
    """One small button for each category that has types."""

    chosen = Signal(object)  # Category

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.buttons: dict[Category, QToolButton] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(2)
        for place, category in enumerate(by_category(REGISTRY.values())):
            button = QToolButton(self)
            title = QCoreApplication.translate("Nodes", category.title)
            button.setToolTip(title)
            button.setAccessibleName(self.tr("Show {0}").format(title))
            button.setAutoRaise(True)
            button.setIconSize(QSize(16, 16))
            button.setStyleSheet("padding: 0; min-width: 0; min-height: 0;")  # the tile is as large as its icon
            button.setFixedSize(24, 24)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(partial(self._choose, category))
            grid.addWidget(button, place // _COLUMNS, place % _COLUMNS)
            self.buttons[category] = button
        grid.setColumnStretch(_COLUMNS, 1)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "buttons"):
            self._draw()

    def _draw(self) -> None:
        for category, button in self.buttons.items():
            button.setIcon(tile_icon(category, 16))

    def _choose(self, category: Category, _checked: bool = False) -> None:
        self.chosen.emit(category)
